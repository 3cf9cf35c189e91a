import DaybookTestKit
import EventModel
import Foundation
import Testing

/// What the command line signs and proves, judged by programs that share no code with it.
@Suite struct IndependentVerifierTests {
    /// Where `tools/setup` puts the verifier.
    static let folder: URL = {
        let environment = ProcessInfo.processInfo.environment
        let cache = environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "") + "/.cache"
        return URL(fileURLWithPath: cache).appendingPathComponent("daybook/verifier")
    }()

    /// The verifier's Python; nil, after a message, where `tools/setup` was never run.
    static func python() throws -> String? {
        let python = folder.appendingPathComponent("venv/bin/python").path
        if FileManager.default.isExecutableFile(atPath: python) { return python }
        // Once it was asked for, its absence is a failure.
        let isWanted = FileManager.default.fileExists(
            atPath: folder.appendingPathComponent("wanted").path
        )
        try #require(!isWanted, "tools/setup did not install \(python); run it again")
        print("independent verifier: skipped, there is none; run tools/setup")
        return nil
    }

    /// Has checks made, and returns the answers.
    private func answers(_ checks: [Value], key: String, _ program: Program) async throws
        -> [String]?
    {
        guard let python = try Self.python() else { return nil }
        let request: Value = ["key": .string(key), "checks": .list(checks)]
        try program.write(try JSON.text(request), to: "request.json")
        let script = Program.root.appendingPathComponent("tools/independent/verify.py").path
        let command = "'\(python)' '\(script)' < request.json"
        let result = try await program.execute(["/bin/sh", "-c", command])
        try #require(result.status == 0, "\(result.errors)")
        return result.json?.listValue?.compactMap(\.stringValue)
    }

    private func text(_ name: String, of program: Program) throws -> String {
        String(decoding: try program.folder.bytes(of: name), as: UTF8.self)
    }

    @Test func takesWhatIsTrueAndRefusesWhatIsNot() async throws {
        let program = try await LogProofTests.program(events: 300)
        let key = try await LogProofTests.key(of: program)
        let older = try await program.run(line: "log checkpoint --print").output
        try await LogProofTests.append(300..<700, to: program)
        let newer = try await program.run(line: "log checkpoint --print").output
        for position in [1, 256, 301, 302, 701] {
            let line = "log prove \(position) --to \(position).tlog-proof"
            let proved = try await program.run(line: line)
            try #require(proved.status == 0, "\(proved.errors)")
        }
        let proof = try await program.run(line: "log prove --consistent 301 701 --json").json
        let hashes = try #require(proof?["proof"]?.listValue)
        let receipts = try [1, 256, 301, 302, 701].map { position -> Value in
            [
                "kind": "receipt",
                "receipt": .string(try text("\(position).tlog-proof", of: program)),
            ]
        }
        let consistency: Value = [
            "kind": "consistency", "older": .string(older), "newer": .string(newer),
            "proof": .list(hashes),
        ]
        let good: [Value] =
            [older, newer].map { ["kind": "checkpoint", "note": .string($0)] }
            + receipts + [consistency]
        let forged = older.replacing("\n301\n", with: "\n302\n")
        let receipt = try text("256.tlog-proof", of: program)
        let bad: [Value] = [
            ["kind": "checkpoint", "note": .string(forged)],
            [
                "kind": "receipt",
                "receipt": .string(receipt.replacing("index 255", with: "index 254")),
            ],
            [
                "kind": "consistency", "older": .string(older), "newer": .string(newer),
                "proof": .list(Array(hashes.reversed())),
            ],
            [
                "kind": "consistency", "older": .string(forged), "newer": .string(newer),
                "proof": .list(hashes),
            ],
        ]
        guard let answers = try await answers(good + bad, key: key, program) else { return }
        #expect(answers.count == good.count + bad.count)
        #expect(answers.prefix(good.count).allSatisfy { $0 == "ok" }, "\(answers)")
        #expect(answers.dropFirst(good.count).allSatisfy { $0 != "ok" }, "\(answers)")
    }

    /// A second implementation, in Python, computes the root from an export.
    @Test func theExportHasTheSameRoot() async throws {
        let program = try await LogProofTests.program(events: 300)
        let signed = try await program.run(line: "log checkpoint --json").json
        let root = try #require(signed?["root"]?.stringValue)
        let exported = try await program.run(line: "log export all.cbor --format cbor")
        try #require(exported.status == 0, "\(exported.errors)")
        let script = Program.root.appendingPathComponent("tools/verify_log").path
        let result = try await program.execute(["/usr/bin/env", "python3", script, "all.cbor"])
        #expect(result.output.contains("301 events, root \(root)"), "\(result.errors)")
        var bytes = try program.folder.bytes(of: "all.cbor")
        bytes[bytes.count / 2] ^= 1
        try program.folder.write(bytes, to: "all.cbor")
        let changed = try await program.execute(["/usr/bin/env", "python3", script, "all.cbor"])
        #expect(changed.status == 1)
        #expect(changed.errors.hasPrefix("error: "))
    }
}

import DaybookTestKit
import EventLog
import EventModel
import Foundation
import HTTPClient
import Testing

@testable import daybook

/// Keys, checkpoints and receipts by the command line.
@Suite struct LogProofTests {
    /// A data folder with a key and so many events.
    static func program(events: Int) async throws -> Program {
        let program = try Program()
        try await append(0..<events, to: program)
        let made = try await program.run("log", "key", "create", "--origin", "example.org/log")
        try #require(made.status == 0, "\(made.errors)")
        return program
    }

    static func append(_ numbers: Range<Int>, to program: Program) async throws {
        let log = try EventLog.open(at: program.folder.file("data"))
        let stream = SampleEvents.stream("ana")
        _ = try await log.append([
            StreamWrite(
                stream: stream,
                expected: .any,
                events: SampleEvents.proposed(numbers)
            )
        ])
        await log.close()
    }

    static func key(of program: Program) async throws -> String {
        let shown = try await program.run("log", "key", "show", "--json")
        return try #require(shown.json?["key"]?.stringValue)
    }

    private func text(_ name: String, of program: Program) throws -> String {
        String(decoding: try program.folder.bytes(of: name), as: UTF8.self)
    }

    @Test func aKeyIsMadeOnceAndKeptSecret() async throws {
        let program = try await Self.program(events: 10)
        let path = program.folder.file("data/secrets/log.key")
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let key = try await Self.key(of: program)
        #expect(key.hasPrefix("example.org/log+"))
        let again = try await program.run("log", "key", "create")
        #expect(again.status == 0)
        #expect(again.output.contains(key))
        let events = try await program.run("events", "--type", "LogKeyCreated", "--format", "json")
        #expect(events.lines.count == 1)
        #expect(events.output.contains(key))
        let secret = try text("data/secrets/log.key", of: program)
        #expect(!(again.output + events.output).contains(secret.dropLast()))
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        let open = try await program.run("log", "checkpoint")
        #expect(open.status == 74)
        #expect(open.errors.contains("chmod 600"))
    }

    @Test func aKeyCanComeFromTheEnvironment() async throws {
        var program = try await Self.program(events: 10)
        let secret = try text("data/secrets/log.key", of: program)
        try program.folder.remove("data/secrets/log.key")
        let none = try await program.run("log", "checkpoint")
        #expect(none.errors.contains("daybook log key create"))
        program.environment["DAYBOOK_LOG_KEY"] = String(secret.dropLast())
        #expect(try await program.run("log", "checkpoint").status == 0)
        let rotated = try await program.run("log", "key", "rotate")
        #expect(rotated.status == 78)
        program.environment["DAYBOOK_LOG_KEY"] = "nonsense"
        let wrong = try await program.run("log", "checkpoint")
        #expect(wrong.status == 78)
        #expect(wrong.errors.contains("DAYBOOK_LOG_KEY is no key"))
        #expect(!wrong.errors.contains("nonsense"))
    }

    @Test func aReceiptNeedsNoLog() async throws {
        let program = try await Self.program(events: 10)
        let key = try await Self.key(of: program)
        let proved = try await program.run(line: "log prove 4 --to r.tlog-proof --event e.record")
        #expect(proved.status == 0, "\(proved.errors)")
        let elsewhere = try Program()
        for name in ["r.tlog-proof", "e.record"] {
            try elsewhere.folder.write(try program.folder.bytes(of: name), to: name)
        }
        let line = "log verify-receipt r.tlog-proof --key \(key)"
        let verified = try await elsewhere.run(line: line + " --event e.record")
        #expect(verified.status == 0, "\(verified.errors)")
        #expect(verified.output.contains("event 4 of 11 in example.org/log"))
        #expect(verified.output.contains("e.record is that record"))
        let json = try await elsewhere.run(line: line + " --json").json
        #expect(json?["position"] == .int(4))
        let nobody = try await elsewhere.run(line: "log verify-receipt r.tlog-proof")
        #expect(nobody.status == 64)
        var record = try program.folder.bytes(of: "e.record")
        record[record.count - 1] ^= 1
        try elsewhere.folder.write(record, to: "e.record")
        let other = try await elsewhere.run(line: line + " --event e.record")
        #expect(other.status == 1)
        #expect(other.errors.contains("is not the event 4"))
    }

    /// Each line of a receipt, changed: a message, and never "proved".
    @Test func eachLineOfAReceiptCounts() async throws {
        let program = try await Self.program(events: 10)
        _ = try await program.run(line: "log prove 4 --to r.tlog-proof")
        let lines = try text("r.tlog-proof", of: program).split(
            separator: "\n",
            omittingEmptySubsequences: false
        )
        for index in lines.indices.dropLast() {
            var changed = lines.map(String.init)
            changed[index] = changed[index].isEmpty ? "x" : String(changed[index].dropLast())
            try program.write(changed.joined(separator: "\n"), to: "r.tlog-proof")
            let result = try await program.run(line: "log verify-receipt r.tlog-proof")
            #expect([1, 65].contains(result.status), "line \(index + 1): \(result.output)")
            #expect(result.output.isEmpty)
            #expect(result.errors.hasPrefix("error: r.tlog-proof"), "\(result.errors)")
        }
    }

    @Test func anExportHoldsTheEventOfAReceipt() async throws {
        let program = try await Self.program(events: 30)
        _ = try await program.run(line: "log prove 17 --to r.tlog-proof")
        let exported = try await program.run(line: "log export all.cbor --format cbor")
        try #require(exported.status == 0, "\(exported.errors)")
        let line = "log verify-receipt r.tlog-proof --event all.cbor"
        #expect(try await program.run(line: line).status == 0)
        _ = try await program.run(line: "log prove 31 --to s.tlog-proof")
        var bytes = try program.folder.bytes(of: "all.cbor")
        bytes[bytes.count - 200] ^= 1
        try program.folder.write(bytes, to: "all.cbor")
        let last = "log verify-receipt s.tlog-proof --event all.cbor"
        #expect(try await program.run(line: last).status == 1)
    }

    @Test func verifyComparesWithEveryCheckpoint() async throws {
        let program = try await Self.program(events: 10)
        let none = try await program.run(line: "log verify")
        #expect(none.output.contains("no checkpoint was signed yet"))
        let first = try await program.run(line: "log checkpoint --print")
        try program.write(first.output, to: "checkpoint")
        try await Self.append(10..<40, to: program)
        _ = try await program.run(line: "log checkpoint")
        let all = try await program.run(line: "log verify")
        #expect(all.status == 0, "\(all.errors)")
        #expect(all.output.contains("all 2 checkpoints fit"))
        for since in ["checkpoint", "11"] {
            let result = try await program.run(line: "log verify --since \(since) --json")
            #expect(result.status == 0, "\(result.errors)")
            #expect(result.json?[path: "tree", "first"] == .int(12))
        }
        let unknown = try await program.run(line: "log verify --since 12")
        #expect(unknown.errors.contains("no checkpoint of 12 events was published"))
        try program.write(first.output.replacing("\n11\n", with: "\n12\n"), to: "checkpoint")
        let forged = try await program.run(line: "log verify --since checkpoint")
        #expect(forged.status == 65)
        #expect(forged.errors.contains("does not fit the text"))
    }

    @Test func aRotationIsSignedByBothKeys() async throws {
        let program = try await Self.program(events: 10)
        let old = try VerifierKey(text: try await Self.key(of: program))
        _ = try await program.run(line: "log checkpoint")
        let rotated = try await program.run(line: "log key rotate --json")
        #expect(rotated.status == 0, "\(rotated.errors)")
        let new = try VerifierKey(text: try #require(rotated.json?["key"]?.stringValue))
        #expect(new != old)
        #expect(new.name == old.name)
        let events = try await program.run(line: "events --type LogKeyRotated --format json")
        let event = try JSON.parse(bytes: Array(events.output.utf8))
        let statement = try #require(event[path: "data", "statement"]?.stringValue)
        #expect(try SignedNote(statement).verified(by: [old, new]) == [old, new])
        let signed = try await program.run(line: "log checkpoint --print")
        #expect(try SignedNote(signed.output).verified(by: [old, new]) == [new])
        #expect(try await program.run(line: "log verify").status == 0)
        let data = try #require(event["data"])
        #expect(try EventCatalogue.load().data(data, fits: "LogKeyRotated") == [])
    }

    @Test func aRestoreMustBeAccepted() async throws {
        let program = try await Self.program(events: 10)
        try program.folder.copy("data", to: "backup")
        try await Self.append(10..<40, to: program)
        _ = try await program.run(line: "log checkpoint")
        for name in ["log", "head"] {
            try program.folder.copy("backup/\(name)", to: "data/\(name)")
        }
        for name in ["data/index", "data/visible"] {
            try? FileManager.default.removeItem(atPath: program.folder.file(name))
        }
        let refused = try await program.run(line: "log checkpoint")
        #expect(refused.status == 1)
        #expect(refused.errors.contains("has only 11, so nothing is signed"), "\(refused.errors)")
        #expect(refused.errors.contains("daybook log key accept-restore"))
        #expect(try await program.run(line: "log verify").status == 1)
        let accepted = try await program.run(line: "log key accept-restore --reason lost --json")
        #expect(accepted.status == 0, "\(accepted.errors)")
        #expect(accepted.json?["origin"] == "example.org/log/2")
        let signed = try await program.run(line: "log checkpoint")
        #expect(signed.status == 0, "\(signed.errors)")
        #expect(try await program.run(line: "log verify").status == 0)
        let events = try await program.run(line: "events --type LogRestoreAccepted --format json")
        let data = try JSON.parse(bytes: Array(events.output.utf8))["data"]
        #expect(data?["signed_size"] == .int(41))
        #expect(data?["reason"] == "lost")
        let restored = try #require(data)
        #expect(try EventCatalogue.load().data(restored, fits: "LogRestoreAccepted") == [])
    }

    /// A backup cannot know what was signed after it was made.
    @Test func aRestoredBackupSignsNothingByItself() async throws {
        let program = try await Self.program(events: 10)
        _ = try await program.run(line: "log checkpoint")
        let kept = try await program.run(line: "log backup copy --with-secrets")
        try #require(kept.status == 0, "\(kept.errors)")
        let restored = try await program.run(line: "log restore copy --to again")
        try #require(restored.status == 0, "\(restored.errors)")
        let refused = try await program.run(line: "log checkpoint --data again")
        #expect(refused.status == 1)
        #expect(refused.errors.contains("was restored from a backup"), "\(refused.errors)")
        let line = "log key accept-restore --reason moved --data again"
        #expect(try await program.run(line: line).status == 0)
        let signed = try await program.run(line: "log checkpoint --data again")
        #expect(signed.status == 0, "\(signed.errors)")
        #expect(try await program.run(line: "log verify --data again").status == 0)
        // The original goes on as if nothing had been.
        #expect(try await program.run(line: "log checkpoint").status == 0)
    }

    @Test(arguments: [
        ("log prove", "give an event's position"), ("log prove 1 --consistent 1 2", "not both"),
        ("log prove --consistent 1", "takes two sizes"),
    ])
    func wrongUsageIsExplained(line: String, message: String) async throws {
        let result = try await Program().run(line: line)
        #expect(result.status == 64)
        #expect(result.errors.contains(message), "\(result.errors)")
    }

    @Test(arguments: [
        ("log prove 99", "there is no event 99"),
        ("log prove --consistent 5 3", "the smaller one first"),
        ("log prove --consistent 0 3", "the sizes must be 1 or more"),
    ])
    func whatCannotBeProvedIsSaid(line: String, message: String) async throws {
        let program = try await Self.program(events: 3)
        let result = try await program.run(line: line)
        #expect(result.status == 1)
        #expect(result.errors.contains(message), "\(result.errors)")
    }

    @Test func theEngineSignsByItself() async throws {
        let program = try await Self.program(events: 10)
        let running = try await RunningEngine.start(program)
        let isSigned = try await Program.wait(seconds: 30) {
            FileManager.default.fileExists(
                atPath: program.folder.file("data/checkpoints/latest")
            )
        }
        #expect(isSigned)
        let request = HTTPRequest(url: running.endpoint.url + "/metrics", timeout: .seconds(5))
        let metrics = try await running.client.send(request)
        let text = String(decoding: metrics.body, as: UTF8.self)
        for name in ["log_tree_size", "checkpoint_size", "checkpoint_age_seconds"] {
            #expect(text.contains("\ndaybook_\(name) "), "\(text)")
        }
        #expect(text.contains("\ndaybook_checkpoint_failed 0\n"))
        // Keys are changed beside the engine too.
        let rotated = try await program.run(line: "log key rotate")
        #expect(rotated.status == 0, "\(rotated.errors)")
        #expect(try await program.run(line: "log checkpoint").status == 0)
        _ = try await running.stop()
        #expect(try await program.run(line: "log verify").status == 0)
    }
}

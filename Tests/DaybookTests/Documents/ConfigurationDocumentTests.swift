import Documents
import Foundation
import Testing

@testable import daybook

/// `docs/configuration.md` names what the reader reads: no more, no less.
@Suite struct ConfigurationDocumentTests {
    @Test func everyKeyIsDocumentedAndRead() throws {
        // A section that is told of a key that it does not have names those that it has.
        let probes = [
            ("", "zzz: 1"), ("http.", "http: {zzz: 1}"), ("log.", "log: {zzz: 1}"),
            ("notion.", "notion: {zzz: 1}"), ("scrub.", "scrub: {zzz: 1}"),
            ("webhooks.<source>.", "webhooks: {a: {secret: s, zzz: 1}}"),
            ("mail.", "mail: {server: 'smtp://h', sender: a@b.example, zzz: 1}"),
            ("sms.", "sms: {url: 'https://h.example', sender: a, zzz: 1}"),
            ("postgres.", "postgres: {url: 'postgresql://h/x', zzz: 1}"),
            ("secrets.", "secrets: {zzz: 1}"), ("keys.", "keys: {zzz: 1}"),
            ("checkpoints.", "checkpoints: {zzz: 1}"), ("agents.", "agents: {zzz: 1}"),
            ("circuit.", "circuit: {zzz: 1}"),
            ("outgoing.", "outgoing: {zzz: 1}"), ("files.", "files: {zzz: 1}"),
            (
                "outgoing.credentials.<name>.",
                "outgoing: {credentials: {a: {host: h, value: v, zzz: 1}}}"
            ),
        ]
        let sections: Set<String> = [
            "http", "log", "notion", "webhooks", "mail", "sms", "slack", "postgres", "secrets",
            "keys", "checkpoints", "scrub", "agents", "circuit",
            "outgoing", "files",
        ]
        var read: Set<String> = ["slack.<channel>"]
        for (prefix, text) in probes {
            let keys = try #require(Self.keys(namedFor: text), "\(text)")
            var leaves = prefix.isEmpty ? keys.filter { !sections.contains($0) } : keys
            if prefix == "outgoing." { leaves.removeAll { $0 == "credentials" } }
            read.formUnion(leaves.map { prefix + $0 })
            if prefix.isEmpty { #expect(Set(keys).isSuperset(of: sections)) }
        }
        #expect(Set(try Self.documented()) == read)
    }

    @Test func everyVariableIsDocumentedAndRead() throws {
        let text = try Self.text("docs/configuration.md")
        let documented = Set(text.matches(of: /`([A-Z]+(_[A-Z]+)+)`/).map { String($0.output.1) })
        var read: Set<String> = []
        let folder = Program.root.appendingPathComponent("Sources/daybook")
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        for case let url as URL in files?.allObjects ?? [] where url.pathExtension == "swift" {
            let source = try String(contentsOf: url, encoding: .utf8)
            let matches = source.matches(of: /environment\["([A-Z_]+)"/)
            read.formUnion(matches.map { String($0.output.1) })
        }
        // TERM belongs to the terminal, not to Daybook.
        #expect(documented == read.subtracting(["TERM"]))
    }

    private static func keys(namedFor text: String) -> [String]? {
        do {
            _ = try ConfigurationReader.read(text, file: "daybook.yaml", environment: [:])
            return nil
        } catch {
            let message = error.description
            guard let list = message.range(of: "there are: ") else { return nil }
            let names = message[list.upperBound...].prefix { $0 != "\n" }
            return names.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        }
    }

    /// The keys in the first column of the first table.
    private static func documented() throws -> [String] {
        let text = try text("docs/configuration.md")
        let table = text.prefix(upTo: text.range(of: "## Environment")?.lowerBound ?? text.endIndex)
        return table.split(separator: "\n").filter { $0.hasPrefix("| `") }.flatMap { line in
            let cell = line.dropFirst().prefix { $0 != "|" }
            return cell.matches(of: /`([a-z_.<>]+)`/).map { String($0.output.1) }
        }
    }

    private static func text(_ file: String) throws -> String {
        try String(contentsOf: Program.root.appendingPathComponent(file), encoding: .utf8)
    }
}

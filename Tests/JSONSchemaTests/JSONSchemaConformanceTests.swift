import DaybookTestKit
import EventModel
import Foundation
import Testing

@testable import JSONSchema

/// The tests of the JSON Schema organisation for draft 2020-12.
@Suite struct JSONSchemaConformanceTests {
    @Test func specificationHolds() throws {
        guard let folder = Conformance.folder("jsonschema") else { return }
        let hard = folder.appendingPathComponent("hard")
        let documents = try Self.remotes(hard.appendingPathComponent("remotes/draft2020-12"))
        var tally = Tally()
        for part in [folder.appendingPathComponent("tests"), hard] {
            for file in try FileManager.default.contentsOfDirectory(atPath: part.path).sorted()
            where file.hasSuffix(".json") {
                let data = try Data(contentsOf: part.appendingPathComponent(file))
                let groups = try JSON.parse(bytes: Array(data)).listValue ?? []
                let isHard = part == hard
                for group in groups { tally.add(group, of: file, documents, isHard: isHard) }
            }
        }
        Conformance.report("jsonschema", passed: tally.passed, total: tally.total)
        print("jsonschema hard: \(tally.passedHard)/\(tally.totalHard)")
        #expect(tally.failures.isEmpty, "\(tally.failures.prefix(30).joined(separator: "\n"))")
    }

    /// The documents that the tests refer to, by the address at which they expect them.
    private static func remotes(_ folder: URL) throws -> [String: Value] {
        guard let paths = FileManager.default.enumerator(atPath: folder.path) else { return [:] }
        var documents: [String: Value] = [:]
        for case let path as String in paths where path.hasSuffix(".json") {
            let data = try Data(contentsOf: folder.appendingPathComponent(path))
            let address = "http://localhost:1234/draft2020-12/" + path
            documents[address] = try JSON.parse(bytes: Array(data))
        }
        return documents
    }

    private struct Tally {
        var passed = 0
        var total = 0
        var passedHard = 0
        var totalHard = 0
        var failures: [String] = []

        mutating func add(
            _ group: Value,
            of file: String,
            _ documents: [String: Value],
            isHard: Bool
        ) {
            let name = "\(file): \(group["description"]?.stringValue ?? "?")"
            let tests = group["tests"]?.listValue ?? []
            let schema: JSONSchema
            do {
                schema = try JSONSchema(group["schema"] ?? .null, documents: documents)
            } catch {
                failures.append("\(name): \(error)")
                if isHard { totalHard += tests.count } else { total += tests.count }
                return
            }
            for test in tests {
                let isValid = test["valid"]?.boolValue ?? false
                let data = test["data"] ?? .null
                let violations = schema.violations(of: data)
                // The quick way and the one that explains must come to the same.
                let isRight = schema.accepts(data) == isValid && violations.isEmpty == isValid
                let count = isRight ? 1 : 0
                if isHard {
                    totalHard += 1
                    passedHard += count
                } else {
                    total += 1
                    passed += count
                }
                guard !isRight else { continue }
                let title = test["description"]?.stringValue ?? "?"
                failures.append("\(name): \(title): \(violations.map(\.description))")
            }
        }
    }
}

import DaybookTestKit
import EventModel
import Foundation
import Testing

@testable import CEL

/// The tests of the language's specification, as far as they need no protobuf.
@Suite struct CELConformanceTests {
    @Test func specificationHolds() throws {
        guard let folder = Conformance.folder("cel") else { return }
        var tally = Tally()
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        for file in files where file.hasSuffix(".json") && !file.hasPrefix("out-of-scope") {
            let data = try Data(contentsOf: folder.appendingPathComponent(file))
            let set = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
            let rows = try #require(set["tests"] as? [[String: Any]])
            for row in rows { tally.add(ConformanceRow(row)) }
        }
        Conformance.report("cel", passed: tally.passed, total: tally.total)
        tally.print()
        let coreFailures = tally.coreFailures.prefix(20).joined(separator: "\n")
        #expect(tally.coreFailures.isEmpty, "core rows fail:\n\(coreFailures)")
        // What is optional may miss a row of a set that is wider than the public one.
        #expect(100 * tally.failures.count <= tally.total, "\(tally.failures.prefix(20))")
    }

    private struct Tally {
        var passed = 0
        var total = 0
        var corePassed = 0
        var coreTotal = 0
        var repaired: [String] = []
        var byFile: [String: (passed: Int, total: Int)] = [:]
        var failures: [String] = []
        var coreFailures: [String] = []

        mutating func add(_ row: ConformanceRow) {
            let failure = row.failure
            let count = failure == nil ? 1 : 0
            passed += count
            total += 1
            corePassed += row.isCore ? count : 0
            coreTotal += row.isCore ? 1 : 0
            byFile[row.file, default: (0, 0)].passed += count
            byFile[row.file, default: (0, 0)].total += 1
            if row.isRepaired { repaired.append(row.name) }
            guard let failure else { return }
            failures.append("\(row.name): \(row.source) — \(failure)")
            if row.isCore { coreFailures.append("\(row.name): \(row.source) — \(failure)") }
        }

        func print() {
            Swift.print("cel core: \(corePassed)/\(coreTotal)")
            for (file, counts) in byFile.sorted(by: { $0.key < $1.key }) {
                Swift.print("cel \(file): \(counts.passed)/\(counts.total)")
            }
            for failure in failures { Swift.print("cel miss: \(failure)") }
            for name in repaired { Swift.print("cel read without the stray backslash: \(name)") }
        }
    }
}

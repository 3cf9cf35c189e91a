import DaybookTestKit
import EventModel
import Testing

@Suite struct UUIDConformanceTests {
    @Test func passes() throws {
        guard let rows = try conformanceRows("uuid", "cases.json") else { return }
        let failures = rows.compactMap { row in
            check(row).map { "\(row["name"] ?? "?"): \($0)" }
        }
        Conformance.report("uuid", passed: rows.count - failures.count, total: rows.count)
        #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
        #expect(!rows.isEmpty)
    }

    private func check(_ row: [String: Any]) -> String? {
        switch row["kind"] as? String {
        case "build": return build(row)
        case "parse": return parse(row)
        case "reject":
            return Identifier(row["text"] as? String ?? "") == nil ? nil : "taken"
        case "order":
            let texts = row["sorted"] as? [String] ?? []
            let sorted = texts.reversed().compactMap { Identifier($0) }.sorted()
            return sorted.map(\.text) == texts ? nil : "sorted otherwise"
        default:
            return "unknown kind"
        }
    }

    private func build(_ row: [String: Any]) -> String? {
        guard let milliseconds = row["unix_ms"] as? Int64,
            let randA = UInt16(row["rand_a"] as? String ?? "", radix: 16),
            let randB = UInt64(row["rand_b"] as? String ?? "", radix: 16)
        else { return "bad row" }
        let built = Identifier.build(unixMilliseconds: milliseconds, randA: randA, randB: randB)
        guard built.text == row["uuid"] as? String else { return "built \(built)" }
        return built.unixMilliseconds == milliseconds ? nil : "time \(built.unixMilliseconds)"
    }

    private func parse(_ row: [String: Any]) -> String? {
        guard let identifier = Identifier(row["text"] as? String ?? "") else { return "refused" }
        guard identifier.text == row["canonical"] as? String else { return "wrote \(identifier)" }
        guard identifier.variant.rawValue == row["variant"] as? String else {
            return "variant \(identifier.variant)"
        }
        guard identifier.isVersion7 == row["is_v7"] as? Bool else { return "is_v7" }
        guard let version = row["version"] as? Int else { return nil }
        return identifier.version == version ? nil : "version \(identifier.version)"
    }
}

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
            for row in rows { tally.add(row, failure: ConformanceRow(row).failure) }
        }
        Conformance.report("cel", passed: tally.passed, total: tally.total)
        print("cel core: \(tally.corePassed)/\(tally.coreTotal)")
        let shown = ProcessInfo.processInfo.environment["DAYBOOK_VERBOSE"] != nil
        for failure in shown ? tally.failures : [] { print(failure) }
        let coreFailures = tally.coreFailures.prefix(20).joined(separator: "\n")
        #expect(tally.coreFailures.isEmpty, "core rows fail:\n\(coreFailures)")
    }

    private struct Tally {
        var passed = 0
        var total = 0
        var corePassed = 0
        var coreTotal = 0
        var failures: [String] = []
        var coreFailures: [String] = []

        /// Rows that contradict the language: the value of this one has a backslash more than its
        /// expression, lost where one of the two was written down.
        static let defects: Set<String> = [
            "parse/bytes_literals/triple_single_quoted_unescaped_punctuation"
        ]

        mutating func add(_ row: [String: Any], failure: String?) {
            let isCore = row["group"] as? String == "core"
            total += 1
            coreTotal += isCore ? 1 : 0
            guard let failure else {
                passed += 1
                corePassed += isCore ? 1 : 0
                return
            }
            let name = row["name"] as? String ?? "?"
            let text = "\(name): \(row["expr"] as? String ?? "") — \(failure)"
            failures.append(text)
            if isCore, !Self.defects.contains(name) { coreFailures.append(text) }
        }
    }
}

/// One row of the set.
private struct ConformanceRow {
    let row: [String: Any]

    init(_ row: [String: Any]) { self.row = row }

    /// Why the row does not hold; nil if it does.
    var failure: String? {
        guard row["check_only"] == nil else { return "there is no type checker" }
        let expected = row["expected"] as? [String: Any] ?? [:]
        do {
            let operand = try evaluate()
            guard let wanted = expected["value"] as? [String: Any] else {
                return "no error but \(operand)"
            }
            let value = try ConformanceValue.read(wanted)
            return ConformanceValue.isSame(operand, value) ? nil : "found \(operand)"
        } catch {
            return expected["error"] == nil ? "\(error)" : nil
        }
    }

    private func evaluate() throws -> Operand {
        let bindings = row["bindings"] as? [String: [String: Any]] ?? [:]
        var variables = ValueMap()
        for (name, value) in bindings {
            var left = Int.max
            variables[name] = try ConformanceValue.read(value).value(&left)
        }
        let declared = (row["type_env"] as? [[String: Any]] ?? []).compactMap { entry in
            entry["kind"] as? String == "variable" ? entry["name"] as? String : nil
        }
        let environment = ExpressionEnvironment(
            functions: .standard(timeZones: SystemTimeZones()),
            container: row["container"] as? String ?? "",
            qualifiedNames: Set((declared + bindings.keys).filter { variables[$0] != nil }),
            defersUnknownFunctions: row["disable_check"] as? Bool ?? false
        )
        let expression = try Expression(
            row["expr"] as? String ?? "",
            environment: environment,
            expandsMacros: !(row["disable_macros"] as? Bool ?? false)
        )
        return try expression.operand(variables, limits: EvaluationLimits())
    }
}

/// The zones that this machine knows.
private struct SystemTimeZones: TimeZoneProvider {
    func secondsAheadOfUTC(zone: String, at instant: Timestamp) -> Int? {
        let date = Date(timeIntervalSince1970: TimeInterval(instant.seconds))
        return TimeZone(identifier: zone)?.secondsFromGMT(for: date)
    }
}

/// The values as the set writes them.
private enum ConformanceValue {
    struct Unreadable: Error {}

    static func read(_ json: [String: Any]) throws -> Operand {
        guard let (kind, content) = json.first else { throw Unreadable() }
        let text = content as? String ?? ""
        switch kind {
        case "null": return .null
        case "bool": return .bool(content as? Bool ?? false)
        case "int": return .int(try #require(Int64(text)))
        case "uint": return .uint(try #require(UInt64(text)))
        case "double": return .double(try #require(Double(text)))
        case "string": return .string(text)
        case "bytes": return .bytes(Array(try #require(Data(base64Encoded: text))))
        case "type": return .type(text)
        case "duration":
            return .plain(.duration(try #require(DurationSyntax.parse(text))))
        case "timestamp": return .plain(.timestamp(try Timestamp(rfc3339: text)))
        case "list":
            var builder = ListBuilder()
            for element in content as? [[String: Any]] ?? [] { builder.append(try read(element)) }
            return builder.operand
        case "map":
            var builder = MapBuilder()
            for pair in content as? [[[String: Any]]] ?? [] {
                builder.append(try MapKey(making: try read(pair[0])), try read(pair[1]))
            }
            return try builder.operand()
        default: throw Unreadable()
        }
    }

    /// Same type and equal; any NaN is any other, 0.0 is -0.0.
    static func isSame(_ left: Operand, _ right: Operand) -> Bool {
        if let left = Elements(left), let right = Elements(right) {
            return left.count == right.count
                && (0..<left.count).allSatisfy { isSame(left[$0], right[$0]) }
        }
        if let left = Entries(left), let right = Entries(right) {
            return left.count == right.count
                && (0..<left.count).allSatisfy {
                    left.key($0) == right.key($0) && isSame(left.value($0), right.value($0))
                }
        }
        switch (left, right) {
        case (.plain(.double(let left)), .plain(.double(let right))):
            return left == right || (left.isNaN && right.isNaN)
        case (.plain(let left), .plain(let right)): return left == right
        case (.type(let left), .type(let right)): return left == right
        case (.plain, _), (.type, _), (.optional, _), (.list, _), (.map, _): return false
        }
    }
}

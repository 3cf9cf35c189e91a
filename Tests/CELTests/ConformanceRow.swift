import EventModel
import Foundation
import Testing

@testable import CEL

/// One row of the set.
struct ConformanceRow {
    let row: [String: Any]

    init(_ row: [String: Any]) { self.row = row }

    var name: String { row["name"] as? String ?? "?" }
    var file: String { row["file"] as? String ?? "?" }
    var source: String { row["expr"] as? String ?? "" }
    var isCore: Bool { row["group"] as? String == "core" }
    private var isChecked: Bool { row["disable_check"] as? Bool != true }
    private var expected: [String: Any] { row["expected"] as? [String: Any] ?? [:] }

    /// Why the row does not hold; nil if it does.
    var failure: String? {
        do {
            let environment = try environment()
            if isChecked, let refusal = try refusal(environment) {
                return expected["error"] == nil ? refusal : nil
            }
            guard row["check_only"] == nil else { return nil }
            let operand = try evaluate(environment)
            guard var wanted = expected["value"] as? [String: Any] else {
                return "no error but \(operand)"
            }
            if isRepaired { wanted = repaired(wanted) }
            let value = try ConformanceValue.read(wanted)
            return ConformanceValue.isSame(operand, value) ? nil : "found \(operand)"
        } catch {
            return expected["error"] == nil ? "\(error)" : nil
        }
    }

    /// What the type checker has against the row, or how its type differs from the wanted one.
    private func refusal(_ environment: ExpressionEnvironment) throws -> String? {
        guard row["disable_macros"] as? Bool != true else { return nil }
        let check = ExpressionCheck(source, environment: environment)
        if let mistake = check.mistakes.first { return "refused: \(mistake)" }
        guard let deduced = row["deduced_type"] else { return nil }
        let wanted = try ConformanceType.read(deduced)
        return check.type == wanted ? nil : "the type \(check.type) is not \(wanted)"
    }

    private func environment() throws -> ExpressionEnvironment {
        let bindings = row["bindings"] as? [String: [String: Any]] ?? [:]
        var declared: [String: ExpressionType] = [:]
        var functions: [ExpressionFunction] = []
        for entry in row["type_env"] as? [[String: Any]] ?? [] {
            let name = entry["name"] as? String ?? ""
            if entry["kind"] as? String == "variable" {
                declared[name] = try entry["type"].map(ConformanceType.read) ?? .dyn
            } else {
                functions.append(try ConformanceType.function(name, entry))
            }
        }
        for name in bindings.keys where declared[name] == nil { declared[name] = .dyn }
        return ExpressionEnvironment(
            functions: .standard(timeZones: SystemTimeZones()).adding(functions),
            container: row["container"] as? String ?? "",
            qualifiedNames: Set(declared.keys.filter { bindings[$0] != nil }),
            variables: isChecked ? declared : nil,
            defersUnknownFunctions: !isChecked
        )
    }

    private func evaluate(_ environment: ExpressionEnvironment) throws -> Operand {
        var variables = ValueMap()
        for (name, value) in row["bindings"] as? [String: [String: Any]] ?? [:] {
            var left = Int.max
            variables[name] = try ConformanceValue.read(value).value(&left)
        }
        let expression = try Expression(
            source,
            environment: environment,
            expandsMacros: !(row["disable_macros"] as? Bool ?? false)
        )
        return try expression.operand(variables, limits: EvaluationLimits())
    }

    /// Whether the row's value was spoilt when the set was written out.
    ///
    /// Upstream writes these bytes as `\?`, which is a question mark in protobuf's text format; the reader
    /// that wrote the set leaves it as two characters. Upstream knows (cel-spec, "Workaround inconsistent
    /// \? in proto textformat") and has respelt the strings, but not the bytes. It shows where no
    /// backslash stands in the expression, since a literal without one has none in its value.
    var isRepaired: Bool {
        guard let value = expected["value"] as? [String: Any],
            let text = value["bytes"] as? String, let data = Data(base64Encoded: text)
        else { return false }
        return !source.contains("\\") && data.contains(92)
    }

    private func repaired(_ value: [String: Any]) -> [String: Any] {
        guard let text = value["bytes"] as? String, let data = Data(base64Encoded: text) else {
            return value
        }
        return ["bytes": Data(data.filter { $0 != 92 }).base64EncodedString()]
    }
}

/// The types as the set writes them.
enum ConformanceType {
    struct Unreadable: Error {}

    static func read(_ json: Any) throws -> ExpressionType {
        if let name = json as? String { return try ExpressionType(name) }
        guard let map = json as? [String: Any], let (kind, content) = map.first else {
            throw Unreadable()
        }
        switch kind {
        case "list": return .list(try read(content))
        case "map":
            let parts = try #require(content as? [Any])
            return .map(try read(parts[0]), try read(parts[1]))
        case "type": return .type
        case "wrapper": return .nullable(try read(content))
        case "param": return .parameter(try #require(content as? String))
        case "abstract":
            let parts = try #require(content as? [Any])
            let name = try #require(parts[0] as? String)
            let parameters = try #require(parts[1] as? [Any]).map(read)
            return name == "optional_type" ? .optional(parameters[0]) : .opaque(name, parameters)
        default: throw Unreadable()
        }
    }

    /// A function that is only declared.
    static func function(_ name: String, _ json: [String: Any]) throws -> ExpressionFunction {
        let overloads = json["overloads"] as? [[String: Any]] ?? []
        let signatures = try overloads.map { overload in
            FunctionSignature(
                name,
                style: overload["instance"] as? Bool == true ? .receiver : .global,
                parameters: try (overload["params"] as? [Any] ?? []).map(read),
                result: try read(overload["result"] ?? "dyn")
            )
        }
        let counts = signatures.map(\.parameters.count)
        return ExpressionFunction(
            name,
            style: signatures.first?.style ?? .global,
            argumentCount: (counts.min() ?? 0)...(counts.max() ?? 0),
            signatures: signatures
        ) { (_: [Value]) throws(ExpressionFunction.Failure) in
            throw ExpressionFunction.Failure(.undeclaredReference, "\(name)() has no body")
        }
    }
}

/// The zones that this machine knows.
struct SystemTimeZones: TimeZoneProvider {
    func secondsAheadOfUTC(zone: String, at instant: Timestamp) -> Int? {
        let date = Date(timeIntervalSince1970: TimeInterval(instant.seconds))
        return TimeZone(identifier: zone)?.secondsFromGMT(for: date)
    }
}

/// The values as the set writes them.
enum ConformanceValue {
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
        case (.plain, _), (.type, _), (.optional, _), (.list, _), (.map, _), (.network, _):
            return false
        }
    }
}

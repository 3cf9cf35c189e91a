import EventModel

// Schemas applied to the same value.
extension SchemaValidator {
    private static func fresh(_ marks: SchemaMarks?) -> SchemaMarks? {
        marks == nil ? nil : SchemaMarks()
    }

    mutating func allOf(_ nodes: [Int], _ value: Value, _ marks: inout SchemaMarks?) -> Bool {
        var isValid = true
        for (index, node) in nodes.enumerated() {
            let fits = inside("allOf", "\(index)") { $0.apply(node, to: value, &marks) }
            isValid = isValid && fits
            if !isValid, isQuiet { return false }
        }
        return isValid
    }

    mutating func anyOf(_ nodes: [Int], _ value: Value, _ marks: inout SchemaMarks?) -> Bool {
        var failures: [[SchemaViolation]] = []
        var hasFound = false
        for (index, node) in nodes.enumerated() {
            var inner = Self.fresh(marks)
            let (isValid, violations) = attempt("anyOf", index, node, value, &inner)
            guard isValid else {
                failures.append(violations)
                continue
            }
            hasFound = true
            // With nobody asking what was looked at, one that fits is enough.
            guard let found = inner else { break }
            marks?.merge(found)
        }
        return hasFound || failAll("anyOf", failures)
    }

    mutating func oneOf(_ nodes: [Int], _ value: Value, _ marks: inout SchemaMarks?) -> Bool {
        var failures: [[SchemaViolation]] = []
        var fitting: [Int] = []
        for (index, node) in nodes.enumerated() {
            var inner = Self.fresh(marks)
            let (isValid, violations) = attempt("oneOf", index, node, value, &inner)
            guard isValid else {
                failures.append(violations)
                continue
            }
            fitting.append(index)
            guard fitting.count < 2 else { break }
            if let found = inner { marks?.merge(found) }
        }
        guard let first = fitting.first else { return failAll("oneOf", failures) }
        guard fitting.count > 1 else { return true }
        return fail(
            "oneOf",
            "fits several of the forms that exclude each other, numbers \(first + 1) and "
                + "\(fitting[1] + 1)",
            remedy: "give it what only one of them allows"
        )
    }

    /// Says that none of several forms fits, and what is wrong with the one that is nearest.
    private mutating func failAll(_ keyword: String, _ failures: [[SchemaViolation]]) -> Bool {
        guard !isQuiet else { return false }
        let nearest = failures.filter { !$0.isEmpty }.min { left, right in
            let depths = [left, right].map { $0.map(\.steps.count).max() ?? 0 }
            // A form that is wrong only deep inside is nearer than one of another type.
            return depths[0] == depths[1] ? left.count < right.count : depths[0] > depths[1]
        }
        let count = failures.count
        let reason = nearest?.first.map { "; the nearest fails because \($0)" } ?? ""
        return fail(
            keyword,
            count == 1
                ? "does not fit the only form allowed\(reason)"
                : "fits none of the \(count) forms allowed\(reason)"
        )
    }

    mutating func not(_ node: Int, _ value: Value) -> Bool {
        var marks: SchemaMarks?
        guard fits(node, value, &marks) else { return true }
        return fail("not", "is what the schema under 'not' excludes")
    }

    mutating func condition(
        _ node: Int,
        _ then: Int?,
        _ otherwise: Int?,
        _ value: Value,
        _ marks: inout SchemaMarks?
    ) -> Bool {
        var inner = Self.fresh(marks)
        if fits(node, value, &inner) {
            if let inner { marks?.merge(inner) }
            guard let then else { return true }
            return inside("then") { $0.apply(then, to: value, &marks) }
        }
        guard let otherwise else { return true }
        return inside("else") { $0.apply(otherwise, to: value, &marks) }
    }

    mutating func dependentSchemas(
        _ schemas: [(key: String, node: Int)],
        _ value: Value,
        _ marks: inout SchemaMarks?
    ) -> Bool {
        guard case .map(let map) = value else { return true }
        var isValid = true
        for (key, node) in schemas where map[key] != nil {
            let fits = inside("dependentSchemas", key) { $0.apply(node, to: value, &marks) }
            isValid = isValid && fits
            if !isValid, isQuiet { return false }
        }
        return isValid
    }
}

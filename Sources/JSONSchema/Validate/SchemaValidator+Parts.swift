import CEL
import EventModel

// Schemas applied to the members of a map and the elements of a list.
extension SchemaValidator {
    mutating func properties(
        _ rules: SchemaRule.Properties,
        _ value: Value,
        _ marks: inout SchemaMarks?
    ) -> Bool {
        guard case .map(let map) = value else { return true }
        var isValid = true
        for entry in map.entries {
            guard case .string(let key) = entry.key else { continue }
            guard spend(1) else { return false }
            var isKnown = false
            if let node = rules.named[entry.key] {
                isKnown = true
                let fits = inside("properties", key) {
                    $0.apply(node, to: entry.value, at: .member(key))
                }
                isValid = isValid && fits
            }
            for (pattern, source, node) in rules.patterns {
                guard let matches = pattern.matches(key, steps: &stepsLeft) else {
                    return spend(1)
                }
                guard matches else { continue }
                isKnown = true
                let fits = inside("patternProperties", source) {
                    $0.apply(node, to: entry.value, at: .member(key))
                }
                isValid = isValid && fits
            }
            if !isKnown, let node = rules.additional {
                let fits = additional(
                    node,
                    rules,
                    key,
                    entry.value,
                    keyword: "additionalProperties"
                )
                isValid = isValid && fits
                isKnown = true
            }
            if isKnown { marks?.keys.insert(entry.key) }
            if !isValid, isQuiet { return false }
        }
        return isValid
    }

    /// A member that has no schema of its own; one that must not be there is shown as such.
    private mutating func additional(
        _ node: Int,
        _ rules: SchemaRule.Properties,
        _ key: String,
        _ value: Value,
        keyword: String
    ) -> Bool {
        guard isForbidden(node) else {
            return inside(keyword) { $0.apply(node, to: value, at: .member(key)) }
        }
        guard !isQuiet else { return false }
        let known = rules.named.keys.compactMap { name in
            if case .string(let text) = name { text } else { nil }
        }
        let list = known.sorted().joined(separator: ", ")
        return fail(
            keyword,
            "must not have the member '\(key)'",
            remedy: known.isEmpty || known.count > 30 ? "remove it" : "there are: \(list)"
        )
    }

    private func isForbidden(_ node: Int) -> Bool {
        if case .never? = schema.nodes[node].rules.first { true } else { false }
    }

    mutating func propertyNames(_ node: Int, _ value: Value) -> Bool {
        guard case .map(let map) = value else { return true }
        var isValid = true
        for entry in map.entries {
            guard case .string(let key) = entry.key else { continue }
            let fits = inside("propertyNames") {
                $0.apply(node, to: .string(key), at: .member(key))
            }
            isValid = isValid && fits
            if !isValid, isQuiet { return false }
        }
        return isValid
    }

    mutating func items(
        _ prefix: [Int],
        _ rest: Int?,
        _ value: Value,
        _ marks: inout SchemaMarks?
    ) -> Bool {
        guard case .list(let elements) = value else { return true }
        var isValid = true
        for (index, element) in elements.enumerated() {
            let fits: Bool
            if index < prefix.count {
                fits = inside("prefixItems", "\(index)") {
                    $0.apply(prefix[index], to: element, at: .element(index))
                }
            } else if let rest {
                fits = inside("items") { $0.apply(rest, to: element, at: .element(index)) }
            } else {
                break
            }
            isValid = isValid && fits
            if !isValid, isQuiet { return false }
        }
        let looked = rest == nil ? min(prefix.count, elements.count) : elements.count
        let before = marks?.prefix ?? 0
        marks?.prefix = max(before, looked)
        return isValid
    }

    mutating func contains(
        _ node: Int,
        _ min: Int,
        _ max: Int?,
        _ value: Value,
        _ marks: inout SchemaMarks?
    ) -> Bool {
        guard case .list(let elements) = value else { return true }
        var count = 0
        for (index, element) in elements.enumerated() {
            var inner: SchemaMarks?
            guard fits(node, element, &inner) else { continue }
            count += 1
            marks?.elements.insert(index)
        }
        if count < min {
            let few = min == 1 ? "no element" : "only \(count) elements"
            return fail(
                "contains",
                "has \(few) of the kind that 'contains' describes",
                remedy: "at least \(min) must be there"
            )
        }
        if let max, count > max {
            return fail(
                "maxContains",
                "has \(count) elements of the kind that 'contains' describes",
                remedy: "at most \(max) may be there"
            )
        }
        return true
    }

    mutating func unevaluatedProperties(
        _ node: Int,
        _ value: Value,
        _ marks: inout SchemaMarks?
    ) -> Bool {
        guard case .map(let map) = value, marks?.hasAllKeys != true else { return true }
        var isValid = true
        let seen = marks?.keys ?? []
        for entry in map.entries where !seen.contains(entry.key) {
            guard case .string(let key) = entry.key else { continue }
            let none = SchemaRule.Properties()
            let fits = additional(node, none, key, entry.value, keyword: "unevaluatedProperties")
            isValid = isValid && fits
            if !isValid, isQuiet { return false }
        }
        marks?.hasAllKeys = true
        return isValid
    }

    mutating func unevaluatedItems(
        _ node: Int,
        _ value: Value,
        _ marks: inout SchemaMarks?
    ) -> Bool {
        guard case .list(let elements) = value else { return true }
        var isValid = true
        let prefix = marks?.prefix ?? 0
        let seen = marks?.elements ?? []
        for (index, element) in elements.enumerated()
        where index >= prefix && !seen.contains(index) {
            let fits = inside("unevaluatedItems") {
                $0.apply(node, to: element, at: .element(index))
            }
            isValid = isValid && fits
            if !isValid, isQuiet { return false }
        }
        marks?.prefix = elements.count
        return isValid
    }
}

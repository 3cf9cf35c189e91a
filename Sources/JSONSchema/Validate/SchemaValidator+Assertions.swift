import CEL
import EventModel

// What is asserted of a value itself.
extension SchemaValidator {
    mutating func check(_ rule: SchemaRule, _ value: Value) -> Bool {
        switch rule {
        case .never:
            return fail("", "must not be here", remedy: "remove it")
        case .type(let types):
            guard !types.accepts(value) else { return true }
            return fail(
                "type",
                "must be of type \(types.text), not \(JSONEquality.typeName(value))"
                    + shown(value)
            )
        case .constant(let constant):
            var parts = 0
            let isSame = JSONEquality.isSame(value, constant, parts: &parts)
            guard spend(parts), !isSame else { return isSame }
            return fail("const", "must be \(text(constant))\(butIs(value))")
        case .choice(let choices): return choice(choices, value)
        case .number(let limit, let bound): return number(limit, bound, value)
        case .multiple(let divisor):
            guard let number = JSONNumber(value), !number.isMultiple(of: divisor) else {
                return true
            }
            return fail("multipleOf", "is \(number.text), no multiple of \(divisor.text)")
        case .count(let limit, let bound): return count(limit, bound, value)
        case .pattern(let pattern, let source):
            guard let text = JSONEquality.text(value) else { return true }
            guard let matches = pattern.matches(text, steps: &stepsLeft) else { return spend(1) }
            guard !matches else { return true }
            return fail("pattern", "does not match the pattern \(source)\(shown(value))")
        case .format(let format):
            guard let text = JSONEquality.text(value), spend(text.utf8.count / 16) else {
                return true
            }
            guard !format.accepts(text) else { return true }
            return fail(
                "format",
                "is no \(format.rawValue)\(shown(value))",
                remedy: "write \(format.example)"
            )
        case .uniqueItems: return uniqueItems(value)
        case .required(let keys):
            guard case .map(let map) = value else { return true }
            return required(keys, map, keyword: "required")
        case .dependentRequired(let dependencies):
            guard case .map(let map) = value else { return true }
            var isValid = true
            for (key, keys) in dependencies where map[key] != nil {
                let fits = required(keys, map, keyword: "dependentRequired", because: key)
                isValid = isValid && fits
            }
            return isValid
        case .reference, .dynamicReference, .allOf, .anyOf, .oneOf, .not, .condition,
            .dependentSchemas, .properties, .propertyNames, .items, .contains,
            .unevaluatedProperties, .unevaluatedItems:
            return true
        }
    }

    private mutating func choice(_ choices: [Value], _ value: Value) -> Bool {
        for choice in choices {
            var parts = 0
            let isSame = JSONEquality.isSame(value, choice, parts: &parts)
            guard spend(parts) else { return false }
            if isSame { return true }
        }
        guard !isQuiet else { return false }
        let list = choices.prefix(20).map { text($0) }.joined(separator: ", ")
        let more = choices.count > 20 ? " and \(choices.count - 20) more" : ""
        return fail("enum", "must be one of \(list)\(more)\(butIs(value))")
    }

    private mutating func number(
        _ limit: SchemaRule.NumberLimit,
        _ bound: JSONNumber,
        _ value: Value
    ) -> Bool {
        guard let number = JSONNumber(value) else { return true }
        let (fits, words) =
            switch limit {
            case .minimum: (!(number < bound), "at least")
            case .maximum: (!(bound < number), "at most")
            case .exclusiveMinimum: (bound < number, "more than")
            case .exclusiveMaximum: (number < bound, "less than")
            }
        guard !fits else { return true }
        return fail(limit.rawValue, "must be \(words) \(bound.text), not \(number.text)")
    }

    private mutating func count(
        _ limit: SchemaRule.CountLimit,
        _ bound: Int,
        _ value: Value
    ) -> Bool {
        let (count, unit): (Int, String)
        switch limit {
        case .minLength, .maxLength:
            guard let text = JSONEquality.text(value), spend(text.utf8.count / 64) else {
                return true
            }
            (count, unit) = (text.unicodeScalars.count, "characters")
        case .minItems, .maxItems:
            guard case .list(let elements) = value else { return true }
            (count, unit) = (elements.count, "elements")
        case .minProperties, .maxProperties:
            guard case .map(let map) = value else { return true }
            (count, unit) = (map.count, "members")
        }
        let isLeast: Bool
        switch limit {
        case .minLength, .minItems, .minProperties: isLeast = true
        case .maxLength, .maxItems, .maxProperties: isLeast = false
        }
        guard isLeast ? count < bound : count > bound else { return true }
        let words = isLeast ? "at least" : "at most"
        return fail(limit.rawValue, "must have \(words) \(bound) \(unit), not \(count)")
    }

    private mutating func uniqueItems(_ value: Value) -> Bool {
        guard case .list(let elements) = value else { return true }
        var seen: [Value: Int] = [:]
        for (index, element) in elements.enumerated() {
            var parts = 0
            let canonical = JSONEquality.canonical(element, parts: &parts)
            guard spend(parts) else { return false }
            guard let first = seen.updateValue(index, forKey: canonical) else { continue }
            return fail(
                "uniqueItems",
                "has the same element twice, at [\(first)] and [\(index)]",
                remedy: "remove one of them"
            )
        }
        return true
    }

    private mutating func required(
        _ keys: [String],
        _ map: ValueMap,
        keyword: String,
        because key: String? = nil
    ) -> Bool {
        guard spend(keys.count) else { return false }
        let missing = keys.filter { map[$0] == nil }
        guard !missing.isEmpty else { return true }
        guard !isQuiet else { return false }
        let reason = key.map { ", because it has '\($0)'" } ?? ""
        for name in missing {
            _ = fail(keyword, "must have the member '\(name)'\(reason)", remedy: "add it")
        }
        return false
    }

    /// A scalar in brackets behind the sentence about it.
    private func shown(_ value: Value) -> String {
        switch value {
        case .list, .map, .null: ""
        case .bool, .int, .uint, .double, .string, .bytes, .timestamp, .duration:
            isQuiet ? "" : " (\(text(value)))"
        }
    }

    private func butIs(_ value: Value) -> String { isQuiet ? "" : ", not \(text(value))" }

    private func text(_ value: Value) -> String {
        let text = (try? JSON.text(value)) ?? JSONEquality.typeName(value)
        return text.unicodeScalars.count <= 80
            ? text : String(text.unicodeScalars.prefix(79)) + "…"
    }
}

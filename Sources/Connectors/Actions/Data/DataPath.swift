import CEL
import EventModel
import WorkflowEngine

/// How the `data.*` actions look into what they are given.
enum DataItems {
    static let itemsMax = 10_000

    /// The list under a key.
    static func list(_ input: ActionInput, _ key: String) throws(ActionFailure) -> [Value] {
        guard let items = try input.optionalList(key) else {
            throw ActionInput.invalid(key, "is missing", remedy: "give a list")
        }
        guard items.count <= itemsMax else {
            throw ActionFailure(
                code: "too_large",
                message: "'\(key)' has \(items.count) items; \(itemsMax) are the most",
                isRetryable: false
            )
        }
        return items
    }

    /// Compiles an expression over `item` and `index`.
    static func expression(_ text: String, _ key: String) throws(ActionFailure) -> Expression {
        do throws(CELError) {
            return try Expression.compile(text)
        } catch {
            throw ActionInput.invalid(key, "is no expression: \(error)", remedy: "correct it")
        }
    }

    static func evaluate(
        _ expression: Expression,
        _ item: Value,
        _ index: Int
    ) throws(ActionFailure) -> Value {
        do throws(CELError) {
            return try expression.evaluate(["item": item, "index": .int(Int64(index))])
        } catch {
            throw ActionFailure(
                code: "expression_failed",
                message: "item \(index): \(error)",
                isRetryable: false,
                details: ["index": .int(Int64(index))]
            )
        }
    }
}

extension Value {
    /// The value at a dotted path; nil where a part is missing, and numbers look into lists.
    func at(path: String) -> Value? {
        var value = self
        for part in path.split(separator: ".") {
            if let list = value.listValue, let index = Int(part) {
                guard list.indices.contains(index) else { return nil }
                value = list[index]
            } else {
                guard let next = value[String(part)] else { return nil }
                value = next
            }
        }
        return value
    }

    /// An order over all values: null, truths, numbers, instants, texts, anything else as it stands.
    static func precedes(_ left: Value, _ right: Value) -> Bool {
        if let left = left.doubleValue, let right = right.doubleValue { return left < right }
        if let left = left.timestampValue, let right = right.timestampValue { return left < right }
        if let left = left.stringValue, let right = right.stringValue { return left < right }
        return left.rank < right.rank
    }

    private var rank: Int {
        switch self {
        case .null: 0
        case .bool(let truth): truth ? 2 : 1
        case .int, .uint, .double: 3
        case .timestamp: 4
        case .duration: 5
        case .string: 6
        case .bytes, .list, .map: 7
        }
    }
}

/// A condition in words, as the workflow designer writes it: field, operator, value.
struct DataCondition {
    static let operators = [
        "equals", "not_equals", "greater_than", "less_than", "at_least", "at_most", "contains",
        "in", "exists",
    ]

    let field: String
    let word: String
    let value: Value

    init(_ condition: Value) throws(ActionFailure) {
        guard let field = condition["field"]?.stringValue, !field.isEmpty else {
            throw ActionInput.invalid(
                "conditions",
                "holds one without 'field'",
                remedy: "each has field, operator and value"
            )
        }
        let word = condition["operator"]?.stringValue ?? "equals"
        guard Self.operators.contains(word) else {
            throw ActionInput.invalid(
                "conditions",
                "holds the operator '\(word)'",
                remedy: "use one of \(Self.operators.joined(separator: ", "))"
            )
        }
        self.field = field
        self.word = word
        value = condition["value"] ?? .null
    }

    /// Whether an item meets it; what is missing is null.
    func isMet(by item: Value) -> Bool {
        let found = item.at(path: field) ?? .null
        switch word {
        case "equals": return isEqual(found, value)
        case "not_equals": return !isEqual(found, value)
        case "greater_than": return isComparable(found) && Value.precedes(value, found)
        case "less_than": return isComparable(found) && Value.precedes(found, value)
        case "at_least": return isComparable(found) && !Value.precedes(found, value)
        case "at_most": return isComparable(found) && !Value.precedes(value, found)
        case "contains":
            if let text = found.stringValue, let part = value.stringValue {
                return text.contains(part)
            }
            return found.listValue?.contains { isEqual($0, value) } ?? false
        case "in": return value.listValue?.contains { isEqual($0, found) } ?? false
        default: return !found.isNull
        }
    }

    private func isEqual(_ left: Value, _ right: Value) -> Bool {
        if left == right { return true }
        guard let left = left.doubleValue, let right = right.doubleValue else { return false }
        return left == right
    }

    private func isComparable(_ found: Value) -> Bool {
        found.doubleValue != nil && value.doubleValue != nil
            || found.stringValue != nil && value.stringValue != nil
            || found.timestampValue != nil && value.timestampValue != nil
    }
}

import CEL
public import EventModel
public import WorkflowEngine

/// `data.transform`: a value in another form.
public struct DataTransform: ActionHandler {
    static let words = [
        "uppercase", "lowercase", "trim", "number", "text", "from_json", "to_json", "sort",
        "reverse", "unique", "flatten", "first", "last", "count", "keys", "values", "pluck",
    ]

    public init() {}

    public let descriptor = ActionDescriptor(
        name: "data.transform",
        aliases: ["transform_data"],
        summary: "Changes the form of a value, or of every item of a list.",
        discussion: """
            `transformation` is one of \(words.joined(separator: ", ")); sort and pluck look at `by`, \
            a dotted path. `fields` makes a new map of each item (or of the one value): name to a CEL \
            expression over `item` and `index`. Both together: first the fields, then the \
            transformation. `output_field` names the result once more, as older definitions expect.
            """,
        inputs: [
            ActionField("input", .any, required: true, "the value or list"),
            ActionField("transformation", .string, choices: words, "what to do with it"),
            ActionField("by", .string, "the field that sort and pluck look at"),
            ActionField("fields", .map, "name to a CEL expression over item"),
            ActionField("output_field", .string, "another name of the result"),
        ],
        outputs: [ActionField("value", .any, required: true, "the result")],
        effect: .none
    )

    public func perform(
        _ request: ActionRequest,
        services: any ActionServices
    ) async throws(ActionFailure) -> Value {
        let input = ActionInput(request)
        guard var value = input.members["input"] else {
            throw ActionInput.invalid("input", "is missing", remedy: "give a value")
        }
        if value.listValue != nil { _ = try DataItems.list(input, "input") }
        let fields = try input.optionalMap("fields")
        let word = try input.choice("transformation", of: Self.words)
        guard fields != nil || word != nil else {
            throw ActionInput.invalid(
                "transformation",
                "is missing",
                remedy: "give it, or 'fields'"
            )
        }
        if let fields { value = try Self.mapped(value, fields) }
        if let word { value = try Self.changed(value, word, by: try input.optionalText("by")) }
        var output: ValueMap = ["value": value]
        if let name = try input.optionalText("output_field") { output[name] = value }
        return .map(output)
    }

    private static func mapped(
        _ value: Value,
        _ fields: ValueMap
    ) throws(ActionFailure) -> Value {
        var expressions: [(name: String, expression: Expression)] = []
        for name in fields.stringKeys {
            guard let text = fields[name]?.stringValue else {
                throw ActionInput.invalid("fields", "has no text at '\(name)'", remedy: "CEL")
            }
            expressions.append((name, try DataItems.expression(text, "fields.\(name)")))
        }
        var results: [Value] = []
        for (index, item) in (value.listValue ?? [value]).enumerated() {
            var members = ValueMap()
            for (name, expression) in expressions {
                members[name] = try DataItems.evaluate(expression, item, index)
            }
            results.append(.map(members))
        }
        return value.listValue == nil ? results.first ?? .null : .list(results)
    }

    private static func changed(
        _ value: Value,
        _ word: String,
        by path: String?
    ) throws(ActionFailure) -> Value {
        func unfit() -> ActionFailure {
            ActionInput.invalid(
                "input",
                "is a \(value.typeName), which cannot become '\(word)'",
                remedy: "give what it takes"
            )
        }
        if ["uppercase", "lowercase", "trim", "number", "from_json"].contains(word) {
            guard let text = value.plainText else { throw unfit() }
            return try changed(text: text, word, unfit())
        }
        if word == "text" || word == "to_json" {
            if word == "text", let text = value.plainText { return .string(text) }
            guard let text = try? JSON.text(value) else { throw unfit() }
            return .string(text)
        }
        if word == "keys" || word == "values" {
            guard let map = value.mapValue else { throw unfit() }
            return .list(
                map.stringKeys.map { word == "keys" ? .string($0) : map[$0] ?? .null }
            )
        }
        if word == "count", let map = value.mapValue { return .int(Int64(map.count)) }
        guard let list = value.listValue else { throw unfit() }
        return changed(list: list, word, by: path)
    }

    private static func changed(
        text: String,
        _ word: String,
        _ unfit: ActionFailure
    ) throws(ActionFailure) -> Value {
        switch word {
        case "uppercase": return .string(text.uppercased())
        case "lowercase": return .string(text.lowercased())
        case "trim": return .string(String(text.trimmingPrefix(while: \.isWhitespace).trimmedEnd))
        case "number":
            if let number = Int64(text) { return .int(number) }
            guard let number = Double(text), number.isFinite else { throw unfit }
            return .double(number)
        default:
            guard let value = try? JSON.parse(bytes: Array(text.utf8)) else { throw unfit }
            return value
        }
    }

    private static func changed(list: [Value], _ word: String, by path: String?) -> Value {
        func key(_ item: Value) -> Value { path.map { item.at(path: $0) ?? .null } ?? item }
        switch word {
        case "sort":
            // A stable sort, so that equal items keep their order.
            let sorted = list.enumerated().sorted { left, right in
                let (one, other) = (key(left.element), key(right.element))
                if Value.precedes(one, other) { return true }
                return !Value.precedes(other, one) && left.offset < right.offset
            }
            return .list(sorted.map(\.element))
        case "reverse": return .list(list.reversed())
        case "unique":
            var seen: Set<Value> = []
            return .list(list.filter { seen.insert(key($0)).inserted })
        case "flatten": return .list(list.flatMap { $0.listValue ?? [$0] })
        case "first": return list.first ?? .null
        case "last": return list.last ?? .null
        case "pluck": return .list(list.map(key))
        default: return .int(Int64(list.count))
        }
    }
}

extension Substring {
    fileprivate var trimmedEnd: Substring {
        var rest = self
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return rest
    }
}

public import EventModel
public import WorkflowEngine

/// `data.filter`: the items of a list that meet conditions.
public struct DataFilter: ActionHandler {
    public init() {}

    public let descriptor = ActionDescriptor(
        name: "data.filter",
        aliases: ["filter_data"],
        summary: "Keeps the items of a list that meet an expression or conditions.",
        discussion: """
            `where` is a CEL expression over `item` and `index`. `conditions` is a list of field \
            (a dotted path), operator (equals, not_equals, greater_than, less_than, at_least, \
            at_most, contains, in, exists) and value; all must hold, or any with match: any. A list \
            has at most 10,000 items.
            """,
        inputs: [
            ActionField("items", .list, required: true, "the list"),
            ActionField("where", .string, "a CEL expression, such as item.amount > 100"),
            ActionField("conditions", .list, "field, operator and value of each"),
            ActionField("match", .string, choices: ["all", "any"], "all if not given"),
            ActionField("limit", .integer, "how many at the most, 1 to 10000"),
        ],
        outputs: [
            ActionField("items", .list, required: true, "those that meet it, in their order"),
            ActionField("count", .integer, required: true, "how many"),
            ActionField("first", .any, required: true, "the first of them, or null"),
        ],
        effect: .none
    )

    public func perform(
        _ request: ActionRequest,
        services: any ActionServices
    ) async throws(ActionFailure) -> Value {
        let input = ActionInput(request)
        let items = try DataItems.list(input, "items")
        let limit = try input.integer("limit", default: DataItems.itemsMax, in: 1...10_000)
        let isAny = try input.choice("match", of: ["all", "any"]) == "any"
        var conditions: [DataCondition] = []
        for condition in try input.optionalList("conditions") ?? [] {
            conditions.append(try DataCondition(condition))
        }
        let text = try input.optionalText("where")
        let expression = try text.map { text throws(ActionFailure) in
            try DataItems.expression(text, "where")
        }
        var kept: [Value] = []
        for (index, item) in items.enumerated() where kept.count < limit {
            if let expression {
                let truth = try DataItems.evaluate(expression, item, index)
                guard let isMet = truth.boolValue else {
                    throw ActionInput.invalid(
                        "where",
                        "gives a \(truth.typeName) for item \(index)",
                        remedy: "write a condition"
                    )
                }
                guard isMet else { continue }
            }
            guard !conditions.isEmpty else {
                kept.append(item)
                continue
            }
            let isMet =
                isAny
                ? conditions.contains { $0.isMet(by: item) }
                : conditions.allSatisfy { $0.isMet(by: item) }
            if isMet { kept.append(item) }
        }
        return [
            "items": .list(kept), "count": .int(Int64(kept.count)), "first": kept.first ?? .null,
        ]
    }
}

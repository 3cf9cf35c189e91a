public import EventModel
public import WorkflowEngine

/// `records.query`: records by the values of their fields.
public struct RecordsQuery: ActionHandler {
    private let store: any RecordFinding

    public init(store: any RecordFinding) { self.store = store }

    public let descriptor = ActionDescriptor(
        name: "records.query",
        summary: "Finds records by the values of their fields, oldest first.",
        discussion: """
            All fields of `where` must match; a list as a value means any of its members, null \
            means empty, and a multi-select matches if it holds the value.
            """,
        inputs: [
            ActionField("database", .string, required: true, "key of the database"),
            ActionField("where", .map, "field key to value; left out, all records"),
            ActionField("limit", .integer, "how many at the most, 1 to 1000, 100 if not given"),
        ],
        outputs: [
            ActionField("records", .list, required: true, "each with id and fields"),
            ActionField("count", .integer, required: true, "how many were found"),
        ],
        effect: .none
    )

    public func perform(
        _ request: ActionRequest,
        services: any ActionServices
    ) async throws(ActionFailure) -> Value {
        let input = ActionInput(request)
        let records = try await store.records(
            in: try input.text("database"),
            where: try input.optionalMap("where") ?? ValueMap(),
            limit: try input.integer("limit", default: 100, in: 1...1000)
        )
        return ["records": .list(records), "count": .int(Int64(records.count))]
    }
}

public import EventModel
public import WorkflowEngine

/// `records.find`: one record by the values of its fields.
public struct RecordsFind: ActionHandler {
    private let store: any RecordFinding

    public init(store: any RecordFinding) { self.store = store }

    public let descriptor = ActionDescriptor(
        name: "records.find",
        summary: "Finds one record by the values of its fields.",
        discussion: """
            All fields must match. E-mail addresses and telephone numbers match however they were \
            typed. Of several records the oldest is given, and `count` tells how many there are.
            """,
        inputs: [
            ActionField("database", .string, required: true, "key of the database"),
            ActionField("match", .map, required: true, "field key to value"),
        ],
        outputs: [
            ActionField("found", .boolean, required: true, "true if there is one"),
            ActionField("id", .string, "its id; null if there is none"),
            ActionField("record", .map, "its fields; null if there is none"),
            ActionField("count", .integer, required: true, "how many match, at most 10"),
        ],
        effect: .none
    )

    public func perform(
        _ request: ActionRequest,
        services: any ActionServices
    ) async throws(ActionFailure) -> Value {
        let input = ActionInput(request)
        let match = try input.map("match")
        guard !match.isEmpty else {
            throw ActionInput.invalid("match", "is empty", remedy: "name at least one field")
        }
        let records = try await store.records(
            in: try input.text("database"),
            where: match,
            limit: 10
        )
        let record = records.first
        return [
            "found": .bool(record != nil),
            "id": record?["id"] ?? .null,
            "record": record ?? .null,
            "count": .int(Int64(records.count)),
        ]
    }
}

public import EventModel
public import WorkflowEngine

/// `records.create`: a new record.
public struct RecordsCreate: ActionHandler {
    private let store: NotionRecordStore

    public init(store: NotionRecordStore) { self.store = store }

    public let descriptor = ActionDescriptor(
        name: "records.create",
        aliases: ["notion.create"],
        summary: "Creates a record.",
        discussion: """
            Every try of the step looks first for the record that an earlier try may have created, \
            by the Daybook ID that it carries. Declared defaults and the readable identifier are \
            filled in.
            """,
        inputs: [
            ActionField("database", .string, required: true, "key of the database"),
            ActionField("record", .map, required: true, "field key to value"),
        ],
        outputs: [
            ActionField("id", .string, required: true, "the record's id"),
            ActionField("record", .map, required: true, "its fields"),
        ],
        effect: .once
    )

    public func perform(
        _ request: ActionRequest,
        services: any ActionServices
    ) async throws(ActionFailure) -> Value {
        let input = ActionInput(request)
        let record = try await store.create(
            try input.text("database"),
            try input.map("record"),
            request: request
        )
        return ["id": record["id"] ?? .null, "record": record]
    }
}

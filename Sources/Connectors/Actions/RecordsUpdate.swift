public import EventModel
public import WorkflowEngine

/// `records.update`: changes of a record.
public struct RecordsUpdate: ActionHandler {
    private let store: NotionRecordStore

    public init(store: NotionRecordStore) { self.store = store }

    public let descriptor = ActionDescriptor(
        name: "records.update",
        aliases: ["notion.update"],
        summary: "Changes fields of a record; those that are not named stay as they are.",
        discussion: """
            Only fields that differ are written, so a repeat changes nothing. A field with several \
            values takes {add: [...], remove: [...]} as well, which leaves the others.
            """,
        inputs: [
            ActionField("database", .string, required: true, "key of the database"),
            ActionField("id", .string, required: true, "the record's id"),
            ActionField("changes", .map, required: true, "field key to new value; null clears"),
        ],
        outputs: [
            ActionField("id", .string, required: true, "the record's id"),
            ActionField("record", .map, required: true, "its fields after the change"),
        ],
        effect: .once
    )

    public func perform(
        _ request: ActionRequest,
        services: any ActionServices
    ) async throws(ActionFailure) -> Value {
        let input = ActionInput(request)
        let record = try await store.update(
            try input.text("database"),
            id: try input.text("id"),
            try input.map("changes"),
            request: request
        )
        return ["id": record["id"] ?? .null, "record": record]
    }
}

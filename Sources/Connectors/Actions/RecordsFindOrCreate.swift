public import EventModel
public import WorkflowEngine

/// `records.find_or_create`: the record that matches, or a new one.
public struct RecordsFindOrCreate: ActionHandler {
    private let store: NotionRecordStore

    public init(store: NotionRecordStore) { self.store = store }

    public let descriptor = ActionDescriptor(
        name: "records.find_or_create",
        aliases: ["find_or_create_contact"],
        summary: "Finds the record that has the same e-mail, phone or other field, or creates it.",
        discussion: """
            A record matches if one of the match fields is equal; e-mail addresses and telephone \
            numbers are compared in one normal form. An earlier match field counts for more than \
            a later one; other records that match are listed in `also_matched`. Two records with \
            the same value of one field are the failure `ambiguous_match`. A record that is found \
            stays as it is.
            """,
        inputs: [
            ActionField("database", .string, required: true, "key of the database"),
            ActionField("match_fields", .list, "field keys; those of the schema if not given"),
            ActionField("record", .map, required: true, "field key to value"),
        ],
        outputs: [
            ActionField("id", .string, required: true, "the record's id"),
            ActionField("created", .boolean, required: true, "true if this step created it"),
            ActionField("record", .map, required: true, "its fields"),
            ActionField("also_matched", .list, required: true, "ids of other records that match"),
        ],
        effect: .once
    )

    public func perform(
        _ request: ActionRequest,
        services: any ActionServices
    ) async throws(ActionFailure) -> Value {
        let input = ActionInput(request)
        let found = try await store.findOrCreate(
            try input.text("database"),
            matching: try input.optionalTexts("match_fields"),
            try input.map("record"),
            request: request
        )
        return [
            "id": found.record["id"] ?? .null,
            "created": .bool(found.isNew),
            "record": found.record,
            "also_matched": .list(found.alsoMatched.map { .string($0) }),
        ]
    }
}

public import EventModel
public import WorkflowEngine

/// `notion.create_project`, `notion.update_opportunity` …: records of one database under the names that
/// workflow designers use.
public struct NotionNamed: ActionHandler {
    /// What is done to a record.
    public enum Verb: String, Sendable, CaseIterable { case create, update }

    private let store: NotionRecordStore
    private let verb: Verb
    private let database: String
    public let descriptor: ActionDescriptor

    /// - Parameters:
    ///   - noun: `project` or `opportunity`.
    ///   - database: the key of the database.
    public init(_ verb: Verb, _ noun: String, database: String, store: NotionRecordStore) {
        self.store = store
        self.verb = verb
        self.database = database
        let fields =
            verb == .create
            ? [ActionField("\(noun)_data", .map, required: true, "field key to value")]
            : [
                ActionField("\(noun)_id", .string, required: true, "the record's id"),
                ActionField("updates", .map, required: true, "field key to new value"),
            ]
        descriptor = ActionDescriptor(
            name: "notion.\(verb.rawValue)_\(noun)",
            summary: "\(verb == .create ? "Creates" : "Changes") a record of \(database).",
            discussion: """
                The same as records.\(verb.rawValue) with database: \(database). The fields of the \
                record are members of the output as well.
                """,
            inputs: fields,
            outputs: [
                ActionField("id", .string, required: true, "the record's id"),
                ActionField("record", .map, required: true, "its fields"),
            ],
            effect: .once
        )
    }

    /// All of them.
    public static func all(store: NotionRecordStore) -> [any ActionHandler] {
        [("project", "projects"), ("opportunity", "opportunities")].flatMap { noun, database in
            Verb.allCases.map { NotionNamed($0, noun, database: database, store: store) }
        }
    }

    public func integration(for input: Value) -> String? { "notion" }

    public func perform(
        _ request: ActionRequest,
        services: any ActionServices
    ) async throws(ActionFailure) -> Value {
        let input = ActionInput(request)
        let record: Value
        switch verb {
        case .create:
            record = try await store.create(
                database,
                try input.map(descriptor.inputs[0].name),
                request: request
            )
        case .update:
            record = try await store.update(
                database,
                id: try input.text(descriptor.inputs[0].name),
                try input.map("updates"),
                request: request
            )
        }
        var output = record.mapValue ?? ValueMap()
        output["record"] = record
        return .map(output)
    }
}

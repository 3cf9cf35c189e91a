public import EventModel
public import WorkflowEngine

/// `data.query`: records by their fields, with the first one's fields at hand.
public struct DataQuery: ActionHandler {
    private let finder: any RecordFinding

    public init(finder: any RecordFinding) { self.finder = finder }

    public let descriptor = ActionDescriptor(
        name: "data.query",
        aliases: ["query_contacts_db", "query_data"],
        summary: "Finds records, and gives the first one's fields as its own output.",
        discussion: """
            Like records.query; besides, every field of the first record is a member of the output, \
            so that steps.<name>.budget_utilization reads it. Fields called records, count, found \
            or first stay inside `first`.
            """,
        inputs: [
            ActionField("database", .string, "key of the database; contacts_profiles if not given"),
            ActionField("where", .map, "field key to value; left out, all records"),
            ActionField("limit", .integer, "how many at the most, 1 to 1000, 100 if not given"),
        ],
        outputs: [
            ActionField("records", .list, required: true, "each with id and fields"),
            ActionField("count", .integer, required: true, "how many were found"),
            ActionField("found", .boolean, required: true, "whether there is one"),
            ActionField("first", .any, required: true, "the first record, or null"),
        ],
        effect: .none
    )

    public func integration(for input: Value) -> String? { "notion" }

    public func perform(
        _ request: ActionRequest,
        services: any ActionServices
    ) async throws(ActionFailure) -> Value {
        let input = ActionInput(request)
        let records = try await finder.records(
            in: try input.optionalText("database") ?? "contacts_profiles",
            where: try input.optionalMap("where") ?? ValueMap(),
            limit: try input.integer("limit", default: 100, in: 1...1000)
        )
        var output = records.first?.mapValue ?? ValueMap()
        output["records"] = .list(records)
        output["count"] = .int(Int64(records.count))
        output["found"] = .bool(!records.isEmpty)
        output["first"] = records.first ?? .null
        return .map(output)
    }
}

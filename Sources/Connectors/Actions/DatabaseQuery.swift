public import EventModel
public import WorkflowEngine

/// `database.query`: a question to the PostgreSQL database.
public struct DatabaseQuery: ActionHandler {
    private let client: PostgresClient

    /// Takes the pool that projections use as well.
    public init(_ client: PostgresClient) { self.client = client }

    public let descriptor = ActionDescriptor(
        name: "database.query",
        aliases: ["query_database"],
        summary: "Asks the PostgreSQL database of the configuration, read only.",
        discussion: """
            Values go in as `parameters` for $1, $2 …, never as part of the text. The transaction is \
            read only, so a statement that writes fails with refused. The first row's columns are \
            members of the output too, unless they are called rows or count. At most 1,000 rows; a \
            statement may take 30 s.
            """,
        inputs: [
            ActionField("query", .string, required: true, "one statement of SQL"),
            ActionField("parameters", .list, "the values of $1, $2 …"),
        ],
        outputs: [
            ActionField("rows", .list, required: true, "each a map of its columns"),
            ActionField("count", .integer, required: true, "how many"),
        ],
        effect: .none
    )

    public func integration(for input: Value) -> String? { "postgres" }

    public func perform(
        _ request: ActionRequest,
        services: any ActionServices
    ) async throws(ActionFailure) -> Value {
        let input = ActionInput(request)
        let sql = try input.text("query")
        let parameters = try input.optionalList("parameters") ?? []
        let result: PostgresResult
        do throws(PostgresError) {
            result = try await client.transaction { connection throws(PostgresError) in
                _ = try connection.query("SET TRANSACTION READ ONLY", [])
                return try connection.query(sql, parameters)
            }
        } catch {
            throw Self.failure(error)
        }
        guard result.rows.count <= 1_000 else {
            throw ActionFailure(
                code: "too_large",
                message: "the answer has \(result.rows.count) rows; write a LIMIT up to 1000",
                isRetryable: false
            )
        }
        let rows = result.rows.map { row in
            ValueMap(zip(result.columns, row).map { ($0, $1) })
        }
        var output = rows.first ?? ValueMap()
        output["rows"] = .list(rows.map(Value.map))
        output["count"] = .int(Int64(rows.count))
        return .map(output)
    }

    private static func failure(_ error: PostgresError) -> ActionFailure {
        let isReadOnly = error.sqlstate == "25006"
        let (code, isRetryable): (String, Bool) =
            switch error.code {
            case .cannotConnect, .connectionLost: ("unavailable", true)
            case .refused where isReadOnly: ("refused", false)
            case .refused where error.sqlstate == "57014": ("timeout", true)
            case .refused: ("refused", error.isRetryable)
            case .invalidValue: ("invalid_input", false)
            case .cancelled, .closed: ("cancelled", true)
            }
        return ActionFailure(
            code: code,
            message: isReadOnly
                ? "database.query only reads; use records.* or a sink to write" : error.description,
            isRetryable: isRetryable,
            details: ["sqlstate": .string(error.sqlstate)]
        )
    }
}

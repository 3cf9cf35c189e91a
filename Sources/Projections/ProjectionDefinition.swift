import CEL
public import Documents
public import EventModel

/// A fold of the log into rows, as a file in `Projections/` declares it.
///
///     projection: tasks
///     source: {categories: [task]}
///     key: event.key
///     on:
///       TaskCreated:
///         columns: {title: event.data.title, status: "'To Do'"}
///     sinks:
///       - {kind: notion, target: master_tasks, fields: {title: task_name, status: status}}
///
/// Expressions see `event` and `row`, the columns before the event. A column that an event type does
/// not mention keeps its value.
public struct ProjectionDefinition: Sendable, Hashable {
    /// The projection's name.
    public let name: String
    /// What it is for.
    public let description: String
    /// The number that its author gave it, from 1.
    public let version: Int64
    /// The categories whose events it reads, sorted.
    public let categories: [String]
    /// The types that it reads, sorted; nil if it reads all of its categories.
    public let types: [String]?
    /// All its columns, sorted.
    public let columns: [String]
    /// Where its rows go.
    public let sinks: [SinkBinding]
    /// The digest of everything that makes a row, and of the sinks: another one means a rebuild.
    public let hash: Digest

    let condition: Expression?
    let key: Expression
    let everyColumns: [ColumnRule]
    let rules: [String: ProjectionRule]
    let deleteCondition: Expression?
    let variables: EventVariables

    /// Reads a definition.
    ///
    /// - Parameters:
    ///   - text: the YAML document.
    ///   - file: its name, for messages.
    /// - Throws: all mistakes with their places.
    public static func parse(
        _ text: String,
        file: String
    ) throws(Problems) -> ProjectionDefinition {
        let root: Node
        do {
            root = try YAML.parse(text, file: file)
        } catch {
            throw Problems([error])
        }
        var reader = ProjectionReader(root)
        return try reader.definition()
    }

    init(
        name: String,
        description: String,
        version: Int64,
        categories: [String],
        types: [String]?,
        sinks: [SinkBinding],
        hash: Digest,
        condition: Expression?,
        key: Expression,
        everyColumns: [ColumnRule],
        rules: [String: ProjectionRule],
        deleteCondition: Expression?
    ) {
        self.name = name
        self.description = description
        self.version = version
        self.categories = categories
        self.types = types
        self.sinks = sinks
        self.hash = hash
        self.condition = condition
        self.key = key
        self.everyColumns = everyColumns
        self.rules = rules
        self.deleteCondition = deleteCondition
        let ruleColumns = rules.values.flatMap { $0.columns.map(\.column) }
        columns = Set(everyColumns.map(\.column) + ruleColumns).sorted()
        let expressions =
            [condition, key, deleteCondition].compactMap { $0 } + everyColumns.expressions
            + rules.values.flatMap(\.expressions)
        variables = EventVariables(references: expressions.flatMap(\.references))
    }

    /// Whether the projection reads events of this category and type at all.
    public func reads(category: String, type: String) -> Bool {
        guard categories.contains(category) else { return false }
        return types?.contains(type) ?? true
    }
}

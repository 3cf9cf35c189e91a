public import EventModel

/// One row of a projection.
public struct Row: Sendable, Hashable {
    /// Unique within the projection.
    public var key: String
    public var columns: ValueMap
    /// The position of the last event that changed it: a row with a lower one is stale.
    public var position: Position

    public init(key: String, columns: ValueMap, position: Position) {
        self.key = key
        self.columns = columns
        self.position = position
    }
}

/// Where the rows of a projection are pushed: a Notion data source, a Postgres table.
///
/// A connector implements it. Pushing must bear repetition: the same row may come again after a crash,
/// and a row whose position is not higher than what stands there must change nothing.
public protocol Sink: Sendable {
    /// `notion` or `postgres`; a projection's `sinks` name it.
    var kind: String { get }

    /// How many rows a push may hold at the most.
    var batchRowsMax: Int { get }

    /// Puts the latest state of rows there.
    ///
    /// - Returns: for each row, in order, what became of it.
    /// - Throws: ``SinkFailure`` if none was taken; all are tried again later.
    func push(_ rows: [Row], to binding: SinkBinding) async throws(SinkFailure) -> [PushOutcome]
}

/// What became of one row.
public enum PushOutcome: Sendable, Hashable {
    /// It stands there now. The second part is its id there, such as a Notion page id.
    case written(remoteID: String?)
    /// The same or a later row stood there already.
    case unchanged(remoteID: String?)
    /// It can never be taken as it is: shown as debt with this reason, others go on.
    case refused(reason: String)
}

/// Why a sink took nothing.
public struct SinkFailure: Error, Sendable, Hashable, CustomStringConvertible {
    public var message: String
    /// What the other side asked us to wait, or nil.
    public var retryAfter: Duration?

    public init(message: String, retryAfter: Duration? = nil) {
        self.message = message
        self.retryAfter = retryAfter
    }

    public var description: String { message }
}

/// One sink of a projection: which one, where in it, and which column goes to which field.
public struct SinkBinding: Sendable, Hashable {
    /// `notion` or `postgres`.
    public var kind: String
    /// The key of the database, or the table.
    public var target: String
    /// Column to field key (Notion) or column name (Postgres), in the order of the file.
    public var fields: [FieldMapping]

    /// One column and where it goes.
    public struct FieldMapping: Sendable, Hashable {
        public var column: String
        public var field: String

        public init(column: String, field: String) {
            self.column = column
            self.field = field
        }
    }

    public init(kind: String, target: String, fields: [FieldMapping]) {
        self.kind = kind
        self.target = target
        self.fields = fields
    }
}

public import EventModel

/// One row as a source has it now, in Daybook's field keys and value forms.
///
/// Forms: text, number, checkbox as plain values; select and status as the option's name; multi-select
/// as a list of names; date as a timestamp, or as a map `{start, end}` for a range; relation and
/// people as a list of ids; files as a list of `{name, url}` with signed URLs left out; JSON fields as
/// the value that they hold.
public struct SourceRecord: Sendable, Hashable {
    /// The row's id at the source: the Notion page id.
    public var sourceID: String
    public var fields: ValueMap
    /// When the source says that it was last edited; Notion floors this to the minute.
    public var editedAt: Timestamp
    /// Who last edited it there, as an actor: `notion:<user id>`.
    public var editedBy: String
    public var isTrashed: Bool

    public init(
        sourceID: String,
        fields: ValueMap,
        editedAt: Timestamp,
        editedBy: String,
        isTrashed: Bool
    ) {
        self.sourceID = sourceID
        self.fields = fields
        self.editedAt = editedAt
        self.editedBy = editedBy
        self.isTrashed = isTrashed
    }
}

/// A page of a scan.
public struct SourcePage: Sendable {
    public var records: [SourceRecord]
    /// Opaque; nil at the end.
    public var nextCursor: String?
    /// False if the source cut the result short, so that absence proves nothing.
    public var isComplete: Bool

    public init(records: [SourceRecord], nextCursor: String?, isComplete: Bool) {
        self.records = records
        self.nextCursor = nextCursor
        self.isComplete = isComplete
    }
}

/// A place where records live and change without Daybook: Notion today.
///
/// The synchronisation polls it; a connector implements it.
public protocol RecordSource: Sendable {
    /// The records of a database that were edited at or after an instant, oldest edit first.
    ///
    /// - Parameters:
    ///   - database: the key of the database.
    ///   - since: nil reads all.
    ///   - cursor: nil begins; else the ``SourcePage/nextCursor`` of the page before.
    func records(
        of database: String,
        editedSince since: Timestamp?,
        cursor: String?
    ) async throws -> SourcePage
}

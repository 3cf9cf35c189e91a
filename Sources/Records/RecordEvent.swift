public import EventModel

/// What happened to one record at its source, as the stream `record/<database>/<source id>` keeps it.
public struct RecordEvent: Sendable, Hashable {
    /// What happened.
    public enum Kind: Sendable, Hashable {
        /// The record was seen for the first time, with these fields.
        case created(fields: ValueMap)
        /// Fields changed, by key.
        case updated(changes: [String: FieldChange])
        /// The record went to the trash.
        case trashed
        /// The record came back from the trash.
        case restored
    }

    /// The database's key.
    public var database: String
    /// The row's id at the source: the Notion page id.
    public var sourceID: String
    public var kind: Kind
    /// When the source says that it was edited.
    public var editedAt: Timestamp

    public init(database: String, sourceID: String, kind: Kind, editedAt: Timestamp) {
        self.database = database
        self.sourceID = sourceID
        self.kind = kind
        self.editedAt = editedAt
    }

    /// The stream of this record.
    public var stream: StreamName { RecordEvent.stream(database: database, sourceID: sourceID) }

    /// The stream of a record.
    public static func stream(database: String, sourceID: String) -> StreamName {
        StreamName(category: "record", "\(database)/\(sourceID)")
    }

    /// The event type in the log.
    public var type: String {
        switch kind {
        case .created: "RecordCreated"
        case .updated: "RecordUpdated"
        case .trashed: "RecordTrashed"
        case .restored: "RecordRestored"
        }
    }

    /// All types that ``type`` can be.
    public static let types = declarations.map(\.type)

    /// All types that ``type`` can be, as `Schemas/events/` declares them.
    public static let declarations = [
        "RecordCreated", "RecordUpdated", "RecordTrashed", "RecordRestored",
    ].map { EventTypeDeclaration(type: $0, version: schemaVersion, category: "record") }

    /// The version of the data's form.
    public static let schemaVersion: UInt32 = 1

    /// The event's data.
    public var data: Value {
        var data: ValueMap = [
            "database": .string(database),
            "source_id": .string(sourceID),
            "edited_at": .timestamp(editedAt),
        ]
        switch kind {
        case .created(let fields):
            data["fields"] = .map(fields)
        case .updated(let changes):
            var map = ValueMap()
            for (key, change) in changes {
                map[key] = .map(["before": change.before, "after": change.after])
            }
            data["changes"] = .map(map)
        case .trashed, .restored:
            break
        }
        return .map(data)
    }

    /// Reads an event back from the log.
    ///
    /// - Throws: which member is missing or of another type.
    public init(type: String, data: Value) throws(RecordEventError) {
        database = try RecordEvent.member("database", data, type, \.stringValue)
        sourceID = try RecordEvent.member("source_id", data, type, \.stringValue)
        editedAt = try RecordEvent.member("edited_at", data, type, \.timestampValue)
        switch type {
        case "RecordCreated":
            kind = .created(fields: try RecordEvent.member("fields", data, type, \.mapValue))
        case "RecordUpdated":
            let map = try RecordEvent.member("changes", data, type, \.mapValue)
            var changes: [String: FieldChange] = [:]
            for key in map.stringKeys {
                changes[key] = FieldChange(
                    before: map[key]?["before"] ?? .null,
                    after: map[key]?["after"] ?? .null
                )
            }
            kind = .updated(changes: changes)
        case "RecordTrashed":
            kind = .trashed
        case "RecordRestored":
            kind = .restored
        default:
            throw RecordEventError(type: type, reason: "is no event of a record")
        }
    }

    private static func member<Member>(
        _ key: String,
        _ data: Value,
        _ type: String,
        _ read: (Value) -> Member?
    ) throws(RecordEventError) -> Member {
        guard let value = data[key] else {
            throw RecordEventError(type: type, reason: "has no '\(key)'")
        }
        guard let member = read(value) else {
            throw RecordEventError(
                type: type,
                reason: "has a \(value.typeName) as '\(key)', which is another type"
            )
        }
        return member
    }
}

/// Why an event of the log cannot be read as one of a record.
public struct RecordEventError: Error, Hashable, CustomStringConvertible {
    public var type: String
    public var reason: String

    public init(type: String, reason: String) {
        self.type = type
        self.reason = reason
    }

    public var description: String { "\(type) \(reason)" }
}

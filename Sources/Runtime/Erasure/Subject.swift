public import EventModel

/// Whose key seals personal values: a record, `contacts_profiles/2b4c…`, or a story,
/// `story/018f…`, named by the id of the event that began it.
public struct Subject: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The text that the log and the key store keep.
    public let text: String

    /// The longest text, in bytes: it is a part of keys in LMDB.
    public static let bytesMax = 400
    private static let storyPrefix = "story/"

    /// Reads a text such as `contacts_profiles/2b4c…`; nil without a slash between two parts, or if it
    /// is longer than ``bytesMax``.
    public init?(_ text: String) {
        guard text.utf8.count <= Subject.bytesMax, let slash = text.firstIndex(of: "/"),
            slash != text.startIndex, text.index(after: slash) != text.endIndex,
            !text.utf8.contains(0)
        else { return nil }
        self.text = text
    }

    /// The subject of a record; nil if the source's id is too long.
    public init?(database: String, sourceID: String) { self.init("\(database)/\(sourceID)") }

    /// The subject of a story.
    public init(story: EventID) { text = Subject.storyPrefix + story.text }

    /// The story, or nil for a record.
    public var story: EventID? {
        guard text.hasPrefix(Subject.storyPrefix) else { return nil }
        return Identifier(String(text.dropFirst(Subject.storyPrefix.utf8.count)))
    }

    /// The database and the id at the source, or nil for a story.
    public var record: (database: String, sourceID: String)? {
        guard story == nil, let slash = text.firstIndex(of: "/") else { return nil }
        return (String(text[..<slash]), String(text[text.index(after: slash)...]))
    }

    /// The stream that keeps holds and erasures of the subject.
    public var stream: StreamName { StreamName(category: "subject", text) }

    public var description: String { text }

    public static func < (left: Subject, right: Subject) -> Bool { left.text < right.text }
}

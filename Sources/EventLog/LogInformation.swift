public import EventModel

/// The figures of a log.
public struct LogInformation: Sendable, Hashable {
    /// Where the log lies.
    public var folder: String
    /// The log's own identity, made when it was.
    public var identity: String
    /// The version of its layout.
    public var format: Int
    /// How many events it holds.
    public var eventCount: UInt64
    /// How many streams they belong to; nil if there is no index to tell.
    public var streamCount: Int?
    /// The size of the file of events, in bytes.
    public var fileBytes: Int
    /// The size of the segments of the index, in bytes; 0 if there is none.
    public var indexFileBytes: Int
    /// The address space that the file of events may grow into before it is enlarged, in bytes.
    public var mapBytes: Int
    /// The last event that the index on disk holds; nil if there is none.
    public var indexPosition: Position?
    /// How many events the Merkle tree covers.
    public var treeSize: UInt64
    /// When the first event was recorded; nil if there is none.
    public var firstRecordedAt: Timestamp?
    /// When the last event was recorded; nil if there is none.
    public var lastRecordedAt: Timestamp?
    /// The version of the LMDB library.
    public var library: String

    /// The version of the LMDB library that this program runs with.
    public static var libraryVersion: String { Environment.libraryVersion }
}

extension EventLog {
    /// The log's figures, now.
    ///
    /// - Throws: ``EventLogError`` if the log is closed or cannot be read.
    public func information() throws(EventLogError) -> LogInformation {
        let head = try checkedHead()
        let index = try indexFigures(through: head)
        return LogInformation(
            folder: folder,
            identity: storage.identity.id,
            format: storage.identity.foundFormat,
            eventCount: head,
            streamCount: index?.streamCount,
            fileBytes: try Files.size(of: storage.file),
            indexFileBytes: index?.fileBytes ?? 0,
            mapBytes: try storage.environment.facts().mapBytes,
            indexPosition: index.map { Position($0.position) },
            treeSize: try tree.coveredSize(head: head),
            firstRecordedAt: head > 0 ? try records.header(of: 1).recordedAt : nil,
            lastRecordedAt: head > 0 ? try records.header(of: head).recordedAt : nil,
            library: Environment.libraryVersion
        )
    }

    private func indexFigures(
        through head: UInt64
    ) throws(EventLogError) -> (streamCount: Int, position: UInt64, fileBytes: Int)? {
        // A log can be looked at without its index, also by whoever may not make one.
        guard let index = try usableIndex(through: head) else { return nil }
        let (count, indexed) = index.streamCount(through: head)
        return (count, indexed, index.segments.segments.reduce(0) { $0 + $1.fileBytes })
    }
}

/// Follows the journal of a process that writes, from another process.
///
/// Belongs to whoever holds the lock of ``ReaderRole``.
final class JournalFollower {
    private let folder: String
    private let identity: LogIdentity
    private var scans: [JournalScan?] = [nil, nil]
    /// Where the next group should lie.
    private var next: (file: Int, offset: Int) = (0, 0)

    init(folder: String, identity: LogIdentity) {
        self.folder = folder
        self.identity = identity
    }

    /// The group that begins at a position; nil if it is not in the journal, or not any more.
    func group(first position: UInt64) throws(EventLogError) -> RecordGroup? {
        if let found = try group(first: position, file: next.file, from: next.offset) {
            return found
        }
        for file in scans.indices {
            if let found = try group(first: position, file: file, from: 0) { return found }
        }
        return nil
    }

    /// Walks along a row of frames until it is at the position or beyond it.
    private func group(
        first position: UInt64,
        file: Int,
        from begin: Int
    ) throws(EventLogError) -> RecordGroup? {
        if scans[file] == nil {
            scans[file] = try JournalScan(Journal.paths(in: folder)[file], identity: identity)
        }
        guard let scan = scans[file] else { return nil }
        var offset = begin
        while let frame = try scan.head(at: offset), frame.first <= position {
            guard frame.first == position else {
                // A row that was begun anew meanwhile makes this walk end, not go astray.
                offset += frame.storedByteCount
                continue
            }
            guard let group = try scan.group(frame, at: offset) else { return nil }
            next = (file, offset + frame.storedByteCount)
            return group
        }
        return nil
    }
}

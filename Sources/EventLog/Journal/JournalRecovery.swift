/// Finds what a process that died has left in the journal.
struct JournalRecovery {
    /// A group and where it lies.
    private struct Found {
        var group: RecordGroup
        var path: String
        var offset: Int
    }

    private let folder: String
    private let identity: LogIdentity
    /// The last position in the table.
    private let last: UInt64

    /// The groups that the table lacks, in order.
    ///
    /// The last frame may be torn, if the process or the machine died while it was written; it was
    /// never acknowledged then and is left out. Whatever else is not as it must be is an error: a
    /// frame that is damaged but followed by a whole one, events that are missing in between, a
    /// journal of another log.
    ///
    /// - Parameters:
    ///   - folder: the folder of the whole log.
    ///   - identity: that of the table.
    ///   - last: the last position in the table.
    static func groups(
        in folder: String,
        identity: LogIdentity,
        after last: UInt64
    ) throws(EventLogError) -> [RecordGroup] {
        let recovery = JournalRecovery(folder: folder, identity: identity, last: last)
        var found: [Found] = []
        for path in Journal.paths(in: folder) {
            guard let scan = try JournalScan(path, identity: identity) else { continue }
            found += try recovery.found(in: scan)
        }
        found.sort { $0.group.first < $1.group.first }
        var end = last
        for item in found {
            guard item.group.first == end + 1 else {
                throw EventLogError(
                    .corrupt,
                    "\(item.path) holds event \(item.group.first) at offset \(item.offset), but "
                        + "the events before it end at \(end); \(recovery.remedy)"
                )
            }
            end = item.group.last
        }
        return found.map(\.group)
    }

    private func found(in scan: JournalScan) throws(EventLogError) -> [Found] {
        var found: [Found] = []
        var offset = 0
        var previous: JournalFrame?
        while let frame = try scan.head(at: offset) {
            guard frame.lap == previous?.lap ?? frame.lap,
                frame.first == previous.map({ $0.last + 1 }) ?? frame.first
            else { break }
            guard let group = try scan.group(frame, at: offset) else { break }
            if frame.last > last {
                guard frame.first > last else { throw straddles(frame, scan, offset) }
                found.append(Found(group: group, path: scan.path, offset: offset))
            }
            previous = frame
            offset += frame.storedByteCount
        }
        try check(scan, from: offset, after: max(previous?.last ?? 0, last))
        return found
    }

    /// Looks for whole frames beyond the end of the row: those of earlier laps are in the table, so
    /// that one of a later event follows a frame that was damaged.
    private func check(
        _ scan: JournalScan,
        from end: Int,
        after position: UInt64
    ) throws(EventLogError) {
        var offset = end
        let byteCount = try scan.byteCount()
        while offset < byteCount {
            if let frame = try scan.head(at: offset) {
                if frame.last > position, try scan.group(frame, at: offset) != nil {
                    throw EventLogError(
                        .corrupt,
                        "\(scan.path) is damaged at offset \(end): no whole frame is there, but at "
                            + "offset \(offset) follows one that begins with event \(frame.first); "
                            + remedy
                    )
                }
                guard frame.log == identity.number || offset > 0 else {
                    throw EventLogError(
                        .corrupt,
                        "\(scan.path) is the journal of another log; \(remedy)"
                    )
                }
            }
            offset += JournalFrame.alignment
        }
    }

    private func straddles(
        _ frame: JournalFrame,
        _ scan: JournalScan,
        _ offset: Int
    ) -> EventLogError {
        EventLogError(
            .corrupt,
            "\(scan.path) holds events \(frame.first) to \(frame.last) in one commit at offset "
                + "\(offset), but \(folder)/log/data.mdb ends between them, at \(last); \(remedy)"
        )
    }

    private var remedy: String {
        "restore the log from a backup, or remove \(folder)/log/journal-0 and journal-1 to accept "
            + "the log up to event \(last)"
    }
}

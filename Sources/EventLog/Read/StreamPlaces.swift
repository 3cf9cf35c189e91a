import EventModel

/// Finds the events of a stream, in memory and in the index.
struct StreamPlaces: Sendable {
    let index: IndexStore
    let tail: IndexTail

    /// How many events a stream has up to a position.
    func eventCount(of stream: StreamName, through head: UInt64) throws(EventLogError) -> UInt64 {
        // Memory first: what leaves it in between is in the index by then.
        if let count = tail.eventCount(of: stream, through: head) { return count }
        return try index.head(of: stream)?.eventCount ?? 0
    }

    /// The positions of a range of revisions, which must be there.
    func places(
        of stream: StreamName,
        revisions: Range<Revision>
    ) throws(EventLogError) -> [(revision: Revision, position: UInt64)] {
        let recent = tail.positions(of: stream)
        let firstRecent = recent.map { max($0.firstRevision, revisions.lowerBound) }
        let boundary = min(firstRecent ?? revisions.upperBound, revisions.upperBound)
        var places: [(revision: Revision, position: UInt64)] = []
        if revisions.lowerBound < boundary {
            let wanted = revisions.lowerBound..<boundary
            let positions = try index.positions(of: stream, revisions: wanted)
            guard positions.count == wanted.count else { throw missing(stream, wanted) }
            places += zip(wanted, positions).map { ($0, $1) }
        }
        guard boundary < revisions.upperBound, let recent else { return places }
        let wanted = boundary..<revisions.upperBound
        for revision in wanted {
            let index = Int(revision - recent.firstRevision)
            guard index < recent.positions.count else { throw missing(stream, wanted) }
            places.append((revision, recent.positions[index]))
        }
        return places
    }

    private func missing(_ stream: StreamName, _ revisions: Range<Revision>) -> EventLogError {
        EventLogError(
            .corrupt,
            "the index \(index.environment.file) lacks events of stream \(stream) from revision "
                + "\(revisions.lowerBound); close the log and remove the folder "
                + "\(index.environment.folder), which makes it anew"
        )
    }
}

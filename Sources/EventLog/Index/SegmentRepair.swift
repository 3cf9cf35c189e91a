import EventModel
import Synchronization

/// Makes damaged segments anew from the log.
extension SegmentStore {
    /// Replaces every segment in which damage was found by small ones made from the log.
    ///
    /// - Returns: false if there is none, so that the damage must lie elsewhere.
    func repairDamaged(
        from records: LogRecords,
        eventsMax: Int,
        notice: @Sendable (String) -> Void
    ) throws(EventLogError) -> Bool {
        let result = repairs.withLock { _ -> Result<Bool, EventLogError> in
            Result { () throws(EventLogError) in
                let damaged = segments.filter(\.isDamaged)
                for segment in damaged {
                    notice("the segment \(segment.path) is damaged; it is made anew from the log")
                    try repair(segment, from: records, eventsMax: eventsMax)
                }
                return !damaged.isEmpty
            }
        }
        return try result.get()
    }

    private func repair(
        _ segment: SegmentFile,
        from records: LogRecords,
        eventsMax: Int
    ) throws(EventLogError) {
        let hasher = IndexHasher(secret: secret.secret)
        var builder = SegmentBuilder(capacity: eventsMax)
        var entries: [IndexManifest.Entry] = []
        var next = segment.first
        while next <= segment.last {
            let last = min(segment.last, next + UInt64(eventsMax) - 1)
            let generation = TailGeneration(first: next, capacity: Int(last - next + 1))
            try records.forEach(from: next, through: last) {
                position,
                bytes throws(EventLogError) in
                let result = try RecordScan.read(
                    bytes,
                    position: position,
                    file: records.file,
                    hasher: hasher
                )
                generation.append(result.entry, revision: result.revision)
                return true
            }
            entries.append(
                try builder.write(
                    generation,
                    in: folder,
                    checksum: try records.checksum(of: last),
                    seal: seal,
                    purpose: "repair"
                )
            )
            next = last + 1
        }
        do throws(EventLogError) {
            try replace([segment], with: entries)
        } catch {
            // Somebody else was faster.
            guard error.code == .closed else { throw error }
        }
    }
}

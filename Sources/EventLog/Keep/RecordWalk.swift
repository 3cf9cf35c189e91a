import EventModel

extension EventLog {
    /// How many records are read in one transaction; a long one would keep old pages from reuse.
    private static let walkEventsMax: UInt64 = 4096

    /// Hands the stored records of a stretch of the log to the closure, in order.
    ///
    /// What a backup, an export and a segment are made from: records never change, so a walk up to a
    /// position gives the log as it was at that position, whatever is appended meanwhile.
    func walk(
        from first: UInt64,
        through last: UInt64,
        _ body: (UInt64, UnsafeRawBufferPointer) throws(EventLogError) -> Void
    ) throws(EventLogError) {
        var next = first
        while next <= last {
            guard !signal.isClosed else { throw closed }
            let end = min(last, next + EventLog.walkEventsMax - 1)
            try records.forEach(from: next, through: end) { position, bytes throws(EventLogError) in
                try body(position, bytes)
                return true
            }
            next = end + 1
        }
    }
}

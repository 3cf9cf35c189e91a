public import EventModel

extension EventLog {
    /// How much one transaction of a scan looks through at the most.
    private static let scanEventsMax: UInt64 = 8192
    private static let scanBytesMax = 4 << 20

    /// Hands the log's records to a closure in their order, on the caller's thread, as fast as they
    /// can be checked.
    ///
    /// Each record's length, checksum and header are checked; its texts, data and metadata are read
    /// when the closure asks for them. The log is read in short transactions, so a slow closure keeps
    /// nobody from anything but the pages of one stretch of the log.
    ///
    /// - Parameters:
    ///   - first: where to begin, inclusive.
    ///   - last: where to end, inclusive; nil, or a position beyond the head, ends at the head.
    ///   - body: gets a view of one record, which dies when it returns; returns false to stop. It must
    ///     not use the log.
    /// - Returns: the last position that was looked at; the one before `first` if there was none.
    /// - Throws: ``EventLogError`` if the log is closed or damaged, with file and place; what the
    ///   closure throws.
    @discardableResult
    public func scan(
        from first: Position = 1,
        through last: Position? = nil,
        _ body: (borrowing EventRecord.View) throws(EventLogError) -> Bool
    ) throws(EventLogError) -> Position {
        let head = try checkedHead()
        let end = min(last?.value ?? head, head)
        var next = max(first.value, 1)
        var isGoing = true
        let file = records.file
        while isGoing, next <= end {
            let chunkEnd = min(end, next + (EventLog.scanEventsMax - 1))
            var byteCount = 0
            try records.forEach(from: next, through: chunkEnd) {
                position,
                bytes throws(EventLogError) in
                next = position + 1
                byteCount &+= bytes.count
                isGoing = try body(try RecordCodec.view(bytes, position: position, file: file))
                return isGoing && byteCount < EventLog.scanBytesMax
            }
        }
        return Position(next - 1)
    }
}

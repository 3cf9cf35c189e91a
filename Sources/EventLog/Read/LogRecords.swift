import EventModel

/// The records of the log: those in the table, and after them those that only the journal has yet.
///
/// Whoever follows the log reads it through here; what is in the table alone lags behind what was
/// acknowledged.
struct LogRecords: Sendable {
    let storage: LogStorage
    let tail: RecordTail

    /// The folder of the whole log.
    var folder: String { storage.folder }
    /// The file of the table, for messages.
    var file: String { storage.file }
    var identity: LogIdentity { storage.identity }

    /// The position of the last record; 0 if there is none.
    func lastPosition() throws(EventLogError) -> UInt64 {
        // Memory first: what leaves it in between is in the table by then.
        if let last = tail.last { return last }
        return try storage.lastPosition()
    }

    /// Hands each record between two positions, both inclusive, to the closure.
    ///
    /// The closure returns false to stop. The last position may be less than the first to go
    /// backward.
    func forEach(
        from first: UInt64,
        through last: UInt64,
        _ body: (UInt64, UnsafeRawBufferPointer) throws(EventLogError) -> Bool
    ) throws(EventLogError) {
        let recent = tail.groups(from: min(first, last), through: max(first, last))
        guard let boundary = recent.first?.first else {
            return try storage.forEach(from: first, through: last, body)
        }
        if first <= last {
            var isGoingOn = true
            if first < boundary {
                try storage.forEach(from: first, through: boundary - 1) {
                    position,
                    bytes throws(EventLogError) in
                    isGoingOn = try body(position, bytes)
                    return isGoingOn
                }
            }
            for group in recent {
                var position = max(group.first, first)
                while isGoingOn, position <= min(group.last, last) {
                    isGoingOn = try group.withRecord(position) { bytes throws(EventLogError) in
                        try body(position, bytes)
                    }
                    position += 1
                }
            }
            return try requireEnd(isGoingOn, recent.last?.last ?? 0, wanted: last)
        }
        try requireEnd(true, recent.last?.last ?? 0, wanted: first)
        for group in recent.reversed() {
            var position = min(group.last, first)
            while position >= max(group.first, last) {
                let isGoingOn = try group.withRecord(position) { bytes throws(EventLogError) in
                    try body(position, bytes)
                }
                guard isGoingOn else { return }
                position -= 1
            }
        }
        if last < boundary { try storage.forEach(from: boundary - 1, through: last, body) }
    }

    /// The envelope of an event.
    func header(of position: UInt64) throws(EventLogError) -> EventRecord.Header {
        guard let group = tail.groups(from: position, through: position).first else {
            return try storage.header(of: position)
        }
        return try group.withRecord(position) { bytes throws(EventLogError) in
            try RecordCodec.decodeHeader(bytes, position: position, file: file)
        }
    }

    /// The checksum of a record's stored bytes, as the head file and the index keep it.
    func checksum(of position: UInt64) throws(EventLogError) -> UInt32 {
        guard let group = tail.groups(from: position, through: position).first else {
            return try storage.checksum(of: position)
        }
        return try group.withRecord(position) { bytes throws(EventLogError) in
            CRC32C.checksum(bytes)
        }
    }

    /// Decodes events by their positions.
    func events(at positions: [UInt64]) throws(EventLogError) -> [Event] {
        guard let least = positions.min(), let most = positions.max() else { return [] }
        let recent = tail.groups(from: least, through: most)
        guard let boundary = recent.first?.first else { return try storage.events(at: positions) }
        var inTable = try storage.events(at: positions.filter { $0 < boundary })[...]
        var events: [Event] = []
        events.reserveCapacity(positions.count)
        for position in positions {
            if position < boundary, let event = inTable.popFirst() {
                events.append(event)
            } else {
                guard let group = recent.first(where: { $0.last >= position }) else {
                    throw missing(position)
                }
                events.append(
                    try group.withRecord(position) { bytes throws(EventLogError) in
                        try RecordCodec.decode(bytes, position: position, file: file)
                    }
                )
            }
        }
        return events
    }

    private func requireEnd(
        _ isGoingOn: Bool,
        _ end: UInt64,
        wanted: UInt64
    ) throws(EventLogError) {
        if isGoingOn, end < wanted { throw missing(end + 1) }
    }

    private func missing(_ position: UInt64) -> EventLogError {
        EventLogError(
            .corrupt,
            "event \(position) is missing in \(file) and in the journal; restore the log from a "
                + "backup"
        )
    }
}

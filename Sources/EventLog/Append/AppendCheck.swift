import EventModel

/// What can be said against an append without looking at the log.
enum AppendCheck {
    /// Refuses an append that makes no sense, before it takes the writer's time, and encodes what
    /// can be encoded without the writer.
    ///
    /// - Returns: the records of all events, in order, but for revision and time.
    static func drafts(
        of writes: [StreamWrite],
        configuration: EventLogConfiguration
    ) throws(EventLogError) -> EventRecord.Drafts {
        var drafts = EventRecord.Drafts(capacity: writes.reduce(0) { $0 + $1.events.count })
        for write in writes {
            for event in write.events {
                do throws(EventRecordError) {
                    try drafts.append(
                        event,
                        stream: write.stream,
                        bytesMax: configuration.eventBytesMax
                    )
                } catch {
                    let code: EventLogError.Code = error.code == .tooLarge ? .tooLarge : .invalid
                    throw EventLogError(
                        code,
                        "event \(event.id) of \(write.stream): \(error.message)"
                    )
                }
            }
            // More than the limit even without frames, so there is no need to go on.
            try checkSize(drafts.byteCountMin, configuration: configuration)
        }
        try checkIdentities(writes)
        return drafts
    }

    /// Refuses an append that is too large as a whole.
    static func checkSize(
        _ byteCount: Int,
        configuration: EventLogConfiguration
    ) throws(EventLogError) {
        guard byteCount > configuration.appendBytesMax else { return }
        throw EventLogError(
            .tooLarge,
            "the events of one append take more than \(configuration.appendBytesMax) bytes; "
                + "append them in parts"
        )
    }

    private static func checkIdentities(_ writes: [StreamWrite]) throws(EventLogError) {
        // Ids of version 7 that one program made one after the other ascend; none comes twice then.
        var previous: EventID?
        var isAscending = true
        for write in writes where isAscending {
            for event in write.events {
                if let previous, previous >= event.id { isAscending = false }
                previous = event.id
            }
        }
        guard !isAscending else { return }
        var ids: Set<EventID> = []
        for write in writes {
            for event in write.events {
                guard ids.insert(event.id).inserted else {
                    throw EventLogError(
                        .invalid,
                        "event \(event.id) comes twice in one append; give each event its own id"
                    )
                }
            }
        }
    }

    /// Refuses an append that the stream has moved away from.
    static func check(
        _ expected: ExpectedRevision,
        eventCount: UInt64,
        stream: StreamName
    ) throws(EventLogError) {
        let wanted: String
        switch expected {
        case .any:
            return
        case .none:
            if eventCount == 0 { return }
            wanted = "must not exist"
        case .exists:
            if eventCount > 0 { return }
            wanted = "must exist"
        case .exact(let revision):
            if eventCount > 0, eventCount - 1 == revision { return }
            wanted = "must be at revision \(revision)"
        }
        let found = eventCount == 0 ? "it does not exist" : "it is at revision \(eventCount - 1)"
        throw EventLogError(
            .wrongExpectedRevision,
            "stream \(stream) \(wanted), but \(found); read it again and decide anew"
        )
    }
}

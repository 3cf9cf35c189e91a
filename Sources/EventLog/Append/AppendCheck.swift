import EventModel

/// What can be said against an append without looking at the log.
enum AppendCheck {
    /// Refuses an append that makes no sense, before it takes the writer's time.
    static func check(_ writes: [StreamWrite]) throws(EventLogError) {
        var ids: Set<EventID> = []
        for write in writes {
            for event in write.events {
                guard ids.insert(event.id).inserted else {
                    throw EventLogError(
                        .invalid,
                        "event \(event.id) comes twice in one append; give each event its own id"
                    )
                }
                do throws(EventRecordError) {
                    try Envelope.check(event)
                } catch {
                    throw EventLogError(
                        .invalid,
                        "event \(event.id) of \(write.stream): \(error.message)"
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

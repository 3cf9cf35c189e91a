import EventModel

/// What can be said against an append that depends on its size or on its streams.
enum AppendCheck {
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

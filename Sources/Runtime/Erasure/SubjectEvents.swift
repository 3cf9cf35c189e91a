import EventLog
import EventModel

/// The events about people and their keys.
enum SubjectEvents {
    static let erased = "SubjectErased"
    static let holdPlaced = "LegalHoldPlaced"
    static let holdReleased = "LegalHoldReleased"
    static let category = "subject"
    static let keyStoreMade = "KeyStoreMade"
    static let keyStoreRewrapped = "KeyStoreRewrapped"
    static let keysCategory = "keys"
    static let keysStream = StreamName(category: "keys", "main")

    /// The tombstones.
    static let tombstones = EventFilter(categories: [category], types: [erased])

    /// The subjects whose keys a tombstone says are destroyed; none for any other event.
    static func erasedSubjects(_ event: Event) -> [Subject] {
        guard event.type == erased else { return [] }
        return (event.data["erased"]?.listValue ?? [])
            .compactMap { $0.stringValue.flatMap { Subject($0) } }
    }

    static func keyStoreMade(_ identity: EventID) -> ProposedEvent {
        ProposedEvent(
            id: .derived(from: identity, "made"),
            type: keyStoreMade,
            actor: "system",
            data: ["key_store": .string(identity.text)]
        )
    }

    static func tombstone(_ erasure: Erasure) -> ProposedEvent {
        ProposedEvent(
            id: erasure.event,
            type: erased,
            actor: erasure.actor,
            data: [
                "subject": .string(erasure.subject.text),
                "erased": .list(erasure.erased.map { .string($0.text) }),
                "reason": .string(erasure.reason),
            ]
        )
    }

    /// Reads a tombstone back; nil if it is none.
    static func erasure(_ event: Event) -> Erasure? {
        guard event.type == erased,
            let subject = event.data["subject"]?.stringValue.flatMap({ Subject($0) })
        else { return nil }
        return Erasure(
            event: event.id,
            subject: subject,
            erased: erasedSubjects(event),
            reason: event.data["reason"]?.stringValue ?? "",
            actor: event.actor,
            at: event.recordedAt
        )
    }
}

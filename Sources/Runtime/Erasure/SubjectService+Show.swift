public import EventModel

extension SubjectService {
    /// Which subjects to list.
    public enum Kind: Sendable, Hashable {
        /// Records of people.
        case people
        /// All records.
        case records
        /// Records and stories.
        case all
    }

    /// The subjects that there are keys or tombstones of, one map each: `subject`, `state` (`live` or
    /// `erased`), `since`, `hold` (the reason, or null).
    public func list(_ kind: Kind) throws -> [Value] {
        try keys.rows().filter { entry in
            switch kind {
            case .people: isPerson(entry.subject)
            case .records: entry.subject.story == nil
            case .all: true
            }
        }.map { entry in
            let hold = try hold(of: entry.subject)
            var value: ValueMap = [
                "subject": .string(entry.subject.text),
                "hold": hold?.data["reason"] ?? .null,
            ]
            switch entry.row.state {
            case .live:
                value["state"] = "live"
                value["since"] = .timestamp(entry.row.madeAt)
            case .erased(_, let instant):
                value["state"] = "erased"
                value["since"] = .timestamp(instant)
            }
            return .map(value)
        }
    }

    /// What is known of a subject, without any personal value.
    ///
    /// - Throws: ``SubjectError``.
    public func show(_ text: String) throws -> Value {
        let plan = try plan(text)
        let subject = plan.subject
        let hold = try hold(of: subject)
        let tombstone = try tombstone(of: subject)
        let linked =
            tombstone.map { SubjectEvents.erasedSubjects($0).filter { $0 != subject } }
            ?? plan.alive.filter { $0 != subject }
        var value: ValueMap = [
            "subject": .string(subject.text),
            "state": tombstone == nil ? "live" : "erased",
            "hold": hold.map { event in
                [
                    "reason": event.data["reason"] ?? .null, "by": .string(event.actor),
                    "at": .timestamp(event.recordedAt),
                ]
            } ?? .null,
            "held_by": .list(plan.holders.map { .string($0.text) }),
            "linked": .list(try linked.map { try summary($0) }),
        ]
        value["events"] = try summary(subject)["events"]
        value["plain_events"] = try summary(subject)["plain_events"]
        if let tombstone {
            value["erased"] = [
                "at": .timestamp(tombstone.recordedAt), "by": .string(tombstone.actor),
                "reason": tombstone.data["reason"] ?? .null,
                "position": .uint(tombstone.position.value),
            ]
        }
        return .map(value)
    }

    /// How many events carry values of a subject, and how many of those are from before there was a seal.
    private func summary(_ subject: Subject) throws -> Value {
        var sealedCount: Int64 = 0
        var plainCount: Int64 = 0
        for event in try sealedEvents(of: subject) {
            if event.metadata[SealedBox.member] != nil {
                sealedCount += 1
            } else if isPlain(event) {
                plainCount += 1
            }
        }
        return [
            "subject": .string(subject.text), "events": .int(sealedCount),
            "plain_events": .int(plainCount),
        ]
    }

    private func isPlain(_ event: Event) -> Bool {
        let proposed = ProposedEvent(
            id: event.id,
            type: event.type,
            actor: event.actor,
            correlation: event.correlation,
            data: event.data
        )
        guard let selection = store.policy.selection(of: proposed, in: event.stream) else {
            return false
        }
        return Masking.take(event.data, selection.mask).personalCount > 0
    }

    /// Everything that the log holds about a person, opened: for the person who asks for it.
    ///
    /// - Throws: ``SubjectError``.
    public func export(_ text: String) throws -> Value {
        let plan = try plan(text)
        var parts: [Value] = []
        for subject in plan.alive {
            let events = try events(of: subject).map { event -> Value in
                [
                    "position": .uint(event.position.value), "id": .string(event.id.text),
                    "stream": .string(event.stream.text), "type": .string(event.type),
                    "recorded_at": .timestamp(event.recordedAt), "actor": .string(event.actor),
                    "data": event.data,
                ]
            }
            parts.append(["subject": .string(subject.text), "events": .list(events)])
        }
        return ["subject": .string(plan.subject.text), "about": .list(parts)]
    }
}

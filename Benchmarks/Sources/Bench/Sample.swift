import EventModel

/// The events that are appended: about 300 bytes as they are stored, like those of a workflow.
enum Sample {
    static func data(_ number: Int) -> Value {
        [
            "step": "practitioner_assignment",
            "attempt": 1,
            "output": [
                "practitioner_id": .string("practitioner-\(number % 100)"),
                "name": "Ana Novak",
                "starts_at": .timestamp(Timestamp(seconds: 1_796_119_200 + Int64(number))),
                "price": .double(80.5),
            ],
        ]
    }

    static func proposal(_ number: Int) -> ProposedEvent {
        ProposedEvent(
            id: .build(unixMilliseconds: 1_790_000_000_000, randA: 0, randB: UInt64(number)),
            type: "StepCompleted",
            entity: "the_7_space",
            actor: "system",
            correlation: .build(unixMilliseconds: 1_790_000_000_000, randA: 1, randB: 1),
            data: data(number),
            metadata: ["traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"]
        )
    }

    /// The same event as the log would give it back.
    static func event(_ number: Int) -> Event {
        let proposal = proposal(number)
        return Event(
            position: Position(UInt64(number) + 1),
            id: proposal.id,
            stream: StreamName(category: "instance", "018f-\(number % 1000)"),
            revision: Revision(number / 1000),
            type: proposal.type,
            schema: proposal.schema,
            recordedAt: Timestamp(microseconds: 1_796_119_200_000_000 + Int64(number)),
            entity: proposal.entity,
            actor: proposal.actor,
            correlation: proposal.correlation ?? proposal.id,
            causation: nil,
            data: proposal.data,
            metadata: proposal.metadata
        )
    }
}

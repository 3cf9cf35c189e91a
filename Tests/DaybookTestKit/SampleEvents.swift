public import EventModel

/// Makes events for tests: the same number gives the same event.
public enum SampleEvents {
    /// An id that grows with its number.
    public static func id(_ number: Int) -> EventID {
        let milliseconds = 1_790_000_000_000 + UInt64(number)
        return EventID(
            high: milliseconds << 16 | 0x7000,
            low: 0x8000_0000_0000_0000 | UInt64(number) &* 0x9E37_79B9_7F4A_7C15 >> 2
        )
    }

    /// A proposal of an event.
    public static func proposed(
        _ number: Int,
        type: String = "NoteTaken",
        entity: String? = nil,
        data: Value? = nil
    ) -> ProposedEvent {
        ProposedEvent(
            id: id(number),
            type: type,
            entity: entity,
            actor: "user:ana",
            data: data ?? ["number": .int(Int64(number)), "text": "the quick brown fox"],
            metadata: ["source": "test"]
        )
    }

    /// Proposals of events, one for each number.
    public static func proposed(_ numbers: Range<Int>) -> [ProposedEvent] {
        numbers.map { proposed($0) }
    }

    /// A stream of the category `note`.
    public static func stream(_ identifier: String) -> StreamName {
        StreamName(category: "note", identifier)
    }
}

import EventModel
import Testing

@testable import EventLog

/// The filter that compares bytes wants what the filter that compares texts wants.
@Suite struct FilterMatcherTests {
    private static let events: [Event] = (0..<8).map { event($0) }

    private static func event(_ number: Int) -> Event {
        let entities = [nil, "the_7_space", "other"]
        let record: ValueMap = ["record": .string("contacts/0")]
        let other: ValueMap = ["a": .int(1)]
        let stream: StreamName =
            number < 4
            ? StreamName(category: "record", "contacts/\(number % 2)")
            : StreamName(category: "note", "n\(number % 3)")
        return Event(
            position: Position(UInt64(number) + 1),
            id: Identifier(high: 1, low: UInt64(number)),
            stream: stream,
            revision: 0,
            type: ["NoteTaken", "NoteMoved", "StepFailed"][number % 3],
            schema: 1,
            recordedAt: Timestamp(microseconds: 1_000_000 + Int64(number)),
            entity: entities[number % 3],
            actor: ["system", "user:ana"][number % 2],
            correlation: Identifier(high: 2, low: UInt64(number % 2)),
            causation: nil,
            data: ["list": .list([.int(1), .map(["a": .null])])],
            metadata: number.isMultiple(of: 2) ? record : other
        )
    }

    private static let filters: [EventFilter] = [
        .all, EventFilter(categories: ["record"]), EventFilter(categories: ["note", "nothing"]),
        EventFilter(types: ["NoteTaken"]), EventFilter(types: ["NoteTaken", "StepFailed", "Else"]),
        EventFilter(types: ["NoteTake"]), EventFilter(entities: ["the_7_space"]),
        EventFilter(correlation: Identifier(high: 2, low: 1)),
        EventFilter(streams: [StreamName(category: "note", "n1")]),
        EventFilter(actors: ["user:ana", "user:bor"]), EventFilter(records: ["contacts/0"]),
        EventFilter(records: ["contacts/1", "contacts/2"]),
        EventFilter(since: Timestamp(microseconds: 1_000_003)),
        EventFilter(since: Timestamp(seconds: 1, nanoseconds: 3001)),
        EventFilter(until: Timestamp(microseconds: 1_000_003)),
        EventFilter(until: Timestamp(seconds: 1, nanoseconds: 3001)),
        EventFilter(
            types: ["NoteTaken", "NoteMoved"],
            actors: ["system"],
            records: ["contacts/0"],
            until: Timestamp(microseconds: 1_000_006)
        ),
    ]

    @Test func wantsWhatTheFilterWants() throws {
        var wrong: [String] = []
        for (number, filter) in FilterMatcherTests.filters.enumerated() {
            let matcher = FilterMatcher(filter)
            for event in FilterMatcherTests.events {
                let isWanted = try EventRecord.encode(event).withUnsafeBytes { bytes in
                    let view = try EventRecord.View(position: event.position, bytes: bytes)
                    return try matcher.matches(view)
                }
                if isWanted != filter.matches(event) {
                    wrong.append("filter \(number), event \(event.position)")
                }
            }
        }
        #expect(wrong.isEmpty)
    }
}

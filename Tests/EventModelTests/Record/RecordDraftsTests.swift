import EventModel
import Testing

@Suite struct RecordDraftsTests {
    private static let numbers: [UInt64] = [
        0, 23, 24, 255, 256, 65_535, 65_536, 4_294_967_295, 4_294_967_296, 1 << 60,
    ]

    private func proposed(_ number: UInt64, entity: String? = nil) -> ProposedEvent {
        ProposedEvent(
            id: EventID(high: number, low: ~number),
            type: "NoteTaken",
            schema: UInt32(number % 1000 + 1),
            entity: entity,
            actor: "user:ana",
            correlation: number == 0 ? nil : EventID(high: 7, low: number),
            causation: number == 1 ? nil : EventID(high: 8, low: number),
            data: ["number": .int(Int64(number)), "text": "žaba"],
            metadata: ["source": "test"]
        )
    }

    /// What a draft becomes is to the byte what the whole event is written as.
    @Test func becomeTheSameBytesAsWholeEvents() throws {
        let stream = StreamName(category: "note", "ana")
        var writer = EventRecord.DraftWriter()
        for number in Self.numbers {
            try writer.append(proposed(number, entity: "the_7_space"), stream: stream)
        }
        let byteCountMin = writer.byteCountMin
        let drafts = writer.finish()
        var sum = 0
        for (index, number) in Self.numbers.enumerated() {
            let proposal = proposed(number, entity: "the_7_space")
            for microseconds in [-5, 0, 1_790_000_000_000_000] as [Int64] {
                let event = Event(
                    position: 1,
                    id: proposal.id,
                    stream: stream,
                    revision: number,
                    type: proposal.type,
                    schema: proposal.schema,
                    recordedAt: Timestamp(microseconds: microseconds),
                    entity: proposal.entity,
                    actor: proposal.actor,
                    correlation: proposal.correlation ?? proposal.id,
                    causation: proposal.causation,
                    data: proposal.data,
                    metadata: proposal.metadata
                )
                let count = drafts.byteCount(
                    of: index,
                    revision: number,
                    microseconds: microseconds
                )
                var bytes = [UInt8](repeating: 0, count: count)
                bytes.withUnsafeMutableBytes { target in
                    drafts.write(
                        index,
                        revision: number,
                        microseconds: microseconds,
                        to: target
                    )
                }
                #expect(try bytes == EventRecord.encode(event))
                if microseconds > 0 { sum += count }
            }
        }
        #expect(drafts.count == Self.numbers.count)
        #expect(byteCountMin <= sum && sum <= drafts.byteCountMax)
    }

    @Test func refuseWhatAWholeEventWouldBeRefusedFor() {
        var drafts = EventRecord.DraftWriter()
        let stream = StreamName(category: "note", "ana")
        var large = proposed(1)
        large.data = .bytes([UInt8](repeating: 7, count: 1000))
        var deep = proposed(2)
        deep.data = (0..<200).reduce(Value.null) { inner, _ in .list([inner]) }
        var nameless = proposed(3)
        nameless.actor = ""
        let cases: [(ProposedEvent, EventRecordError.Code)] = [
            (large, .tooLarge), (deep, .data), (nameless, .envelope),
        ]
        for (event, code) in cases {
            do throws(EventRecordError) {
                try drafts.append(event, stream: stream, bytesMax: 1000)
                Issue.record("taken: \(code)")
            } catch {
                #expect(error.code == code)
            }
        }
        #expect(drafts.finish().count == 0)
    }
}

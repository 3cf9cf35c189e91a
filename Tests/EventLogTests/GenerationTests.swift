import DaybookTestKit
import EventModel
import Testing

@testable import EventLog

@Suite struct GenerationTests {
    private let ana = SampleEvents.stream("ana")
    private let bor = SampleEvents.stream("bor")

    /// Positions 11 to 13 and 16 are ana's revisions 4 to 7, 14 and 15 are bor's 0 and 1.
    private func generation() -> Generation {
        var generation = Generation(first: 11)
        generation.append(SampleEvents.proposed(0..<3), stream: ana, firstRevision: 4)
        generation.append(SampleEvents.proposed(3..<5), stream: bor, firstRevision: 0)
        generation.append(SampleEvents.proposed(5..<6), stream: ana, firstRevision: 7)
        return generation
    }

    @Test func knowsPlaces() {
        let generation = generation()
        #expect(generation.last == 16)
        #expect(generation.positions[SampleEvents.id(4)] == 15)
        #expect(generation.idMax == SampleEvents.id(5))
        let counts = (10...17).map { generation.streams[ana]?.count(through: $0) }
        #expect(counts == [4, 5, 6, 7, 7, 7, 8, 8])
        let revisions = (10...17).map { generation.streams[ana]?.revision(of: $0) ?? 99 }
        #expect(revisions == [99, 4, 5, 6, 99, 99, 7, 99])
    }

    @Test(arguments: [UInt64(10), 12, 13, 14, 16])
    func forgetsWhatComesAfterAPosition(_ position: UInt64) {
        var generation = generation()
        generation.truncate(after: position)
        #expect(generation.last == position)
        #expect(generation.positions.count == Int(position - 10))
        let kept = generation.streams.values.flatMap(\.positions).sorted()
        #expect(kept == Array(11..<position + 1))
        #expect((generation.streams[bor] == nil) == (position < 14))
    }

    @Test func sealsOnlyWhatIsDurable() {
        let tail = IndexTail(indexed: 10, idMaxIndexed: nil, batchEventsMax: 100)
        tail.append(SampleEvents.proposed(0..<3), stream: ana, firstRevision: 0)
        tail.commit(through: 13)
        tail.append(SampleEvents.proposed(3..<5), stream: bor, firstRevision: 0)
        tail.monitor.change { $0.sealCommitted() }
        #expect(tail.monitor.withLock { $0.sealed.map(\.last) } == [13])
        #expect(tail.eventCount(of: bor, through: 99) == nil)
        #expect(tail.eventCount(of: ana, through: 12) == 2)
    }

    @Test func rollsBackWhatWasNotCommitted() {
        let tail = IndexTail(indexed: 10, idMaxIndexed: SampleEvents.id(0), batchEventsMax: 100)
        tail.append(SampleEvents.proposed(1..<4), stream: ana, firstRevision: 0)
        tail.commit(through: 13)
        tail.append(SampleEvents.proposed(4..<6), stream: ana, firstRevision: 3)
        tail.rollBack()
        #expect(tail.eventCount(of: ana, through: .max) == 3)
        guard case .absent = tail.find(SampleEvents.id(4), in: ana) else {
            Issue.record("an event that was rolled back is found")
            return
        }
        guard case .askIndex = tail.find(SampleEvents.id(0), in: ana) else {
            Issue.record("an old id is not looked for in the index")
            return
        }
    }
}

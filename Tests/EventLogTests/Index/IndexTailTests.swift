import DaybookTestKit
import EventModel
import Testing

@testable import EventLog

@Suite struct IndexTailTests {
    private let hasher = IndexHasher(secret: (1, 2))
    private let ana = SampleEvents.stream("ana")
    private let bor = SampleEvents.stream("bor")

    private func entries(_ numbers: Range<Int>, _ stream: StreamName) -> [IndexEntry] {
        var hasher = hasher
        hasher.remember(stream)
        return numbers.map { hasher.entry(of: SampleEvents.proposed($0)) }
    }

    private func key(_ stream: StreamName) -> IndexKey { hasher.key(stream.text) }

    private func id(_ number: Int) -> IndexKey { IndexKey(SampleEvents.id(number)) }

    /// Positions 11 to 13 and 16 are ana's revisions 4 to 7, 14 and 15 are bor's 0 and 1.
    private func generation() -> TailGeneration {
        let generation = TailGeneration(first: 11, capacity: 8)
        let rows = [(0..<3, ana, 4), (3..<5, bor, 0), (5..<6, ana, 7)]
        for (numbers, stream, first) in rows {
            for (offset, entry) in entries(numbers, stream).enumerated() {
                generation.append(entry, revision: Revision(first + offset))
            }
        }
        return generation
    }

    @Test func knowsPlaces() {
        let generation = generation()
        #expect(generation.last == 16)
        #expect(generation.row(of: id(4)) == 4)
        #expect(generation.row(of: id(9)) == nil)
        let counts = (10...17).map { generation.eventCount(of: key(ana), through: $0) }
        #expect(counts == [4, 5, 6, 7, 7, 7, 8, 8])
        #expect(generation.eventCount(of: hasher.key("note/none"), through: 99) == nil)
        let places = generation.places(of: key(ana), revisions: 5..<99)
        #expect(places.map(\.revision) == [5, 6, 7])
        #expect(places.map(\.position) == [12, 13, 16])
        #expect(generation.newStreamCount(0..<6) == 1)
        #expect(generation.idMax == id(5))
    }

    /// An append that is not durable yet may begin in one generation and end in the next, or lie in
    /// several; a count up to the head must pass over all of its events.
    @Test func countsUpToAPositionAcrossGenerations() {
        let tail = IndexTail(indexed: 0, idMaxIndexed: nil, generationEventsMax: 4)
        let pattern = Array("aabb" + "abaa" + "bbbb" + "aaab" + "baaa" + "ab")
        var all: [StreamName] = []
        for (number, letter) in pattern.enumerated() {
            let stream = letter == "a" ? ana : bor
            let revision = UInt64(all.count { $0 == stream })
            all.append(stream)
            let entry = entries(number..<number + 1, stream)[0]
            tail.monitor.withLock { $0.append(entry, revision: revision, capacity: 4) }
        }
        for position in 0...all.count {
            for stream in [ana, bor] {
                let wanted = UInt64(all.prefix(position).count { $0 == stream })
                // Nothing is in segments, so what only they could tell is that there is nothing.
                let found = tail.eventCount(of: key(stream), through: UInt64(position)) ?? 0
                #expect(found == wanted, "\(stream) through \(position)")
            }
        }
    }

    @Test(arguments: [UInt64(10), 12, 13, 14, 16])
    func forgetsWhatComesAfterAPosition(_ position: UInt64) {
        let generation = generation()
        generation.truncate(after: position)
        #expect(generation.last == position)
        let found = (0..<6).filter { generation.row(of: id($0)) != nil }
        #expect(found == Array(0..<Int(position - 10)))
        let kept = [ana, bor].flatMap { stream in
            generation.places(of: key(stream), revisions: 0..<99).map(\.position)
        }
        #expect(kept.sorted() == Array(11..<position + 1))
        #expect((generation.eventCount(of: key(bor), through: 99) == nil) == (position < 14))
        // What was taken away can come again.
        for entry in entries(Int(position - 10)..<6, bor) { generation.append(entry, revision: 9) }
        #expect((0..<6).allSatisfy { generation.row(of: id($0)) == $0 })
    }

    @Test func writesOnlyWhatIsDurable() {
        let tail = IndexTail(indexed: 10, idMaxIndexed: nil, generationEventsMax: 3)
        tail.append(entries(0..<2, ana), firstRevision: 0)
        tail.commit(through: 12)
        tail.append(entries(2..<5, bor), firstRevision: 0)
        #expect(tail.monitor.withLock { $0.generations.map(\.last) } == [13, 15])
        #expect(tail.monitor.withLock { $0.writable == nil })
        #expect(tail.parts().parts.map(\.last) == [12])
        tail.commit(through: 15)
        #expect(tail.monitor.withLock { $0.writable?.last } == 13)
        #expect(tail.parts().parts.map(\.last) == [13, 15])
        #expect(tail.eventCount(of: key(ana), through: 11) == 1)
        #expect(tail.eventCount(of: key(bor)) == 3)
    }

    @Test func rollsBackWhatWasNotCommitted() {
        let tail = IndexTail(indexed: 10, idMaxIndexed: id(0), generationEventsMax: 4)
        tail.append(entries(1..<4, ana), firstRevision: 0)
        tail.commit(through: 13)
        tail.append(entries(4..<9, ana), firstRevision: 3)
        #expect(tail.eventCount(of: key(ana)) == 8)
        tail.rollBack()
        #expect(tail.eventCount(of: key(ana)) == 3)
        #expect(tail.extent == (13, 3))
        #expect(tail.find(id(4)) == .absent)
        #expect(tail.find(id(0)) == .askSegments)
        #expect(tail.find(id(3)) == .found(position: 13, revision: 2, stream: key(ana)))
        tail.append(entries(4..<6, bor), firstRevision: 0)
        tail.commit(through: 15)
        #expect(tail.find(id(5)) == .found(position: 15, revision: 1, stream: key(bor)))
    }

    @Test func callsNewOnlyWhatCannotBeThere() {
        let tail = IndexTail(indexed: 10, idMaxIndexed: id(2), generationEventsMax: 4)
        #expect(!tail.isNew(entries(2..<4, ana).map { $0[.id] }.min()))
        #expect(tail.isNew(entries(3..<5, ana).map { $0[.id] }.min()))
        tail.append(entries(4..<6, ana), firstRevision: 0)
        #expect(!tail.isNew(entries(3..<4, ana).map { $0[.id] }.min()))
        #expect(!tail.isNew(entries(5..<9, ana).map { $0[.id] }.min()))
        #expect(tail.isNew(entries(6..<9, ana).map { $0[.id] }.min()))
        tail.rollBack()
        #expect(tail.find(id(5)) == .absent)
    }

    @Test func remembersTheHeadsOfManyStreamsAndForgetsTheOldest() {
        let capacity = 65_536
        let heads = StreamHeads(capacityMax: capacity, capacity: 1024)
        let count = capacity * 2
        let keys = (1...count).map { IndexKey(high: UInt64($0) &* 0x9E37_79B9, low: UInt64($0)) }
        for (number, key) in keys.enumerated() { heads.note(key, count: UInt64(number)) }
        let known = keys.indices.filter { heads.count(of: keys[$0]) != nil }
        #expect(known.count > capacity / 2 && known.count <= capacity)
        #expect(known.allSatisfy { heads.count(of: keys[$0]) == UInt64($0) })
        #expect(known.count { $0 >= count / 2 } > known.count / 2)
        heads.removeAll()
        #expect(keys.allSatisfy { heads.count(of: $0) == nil })
    }

    @Test(arguments: [0, 1, 2, 63, 64, 65, 5000], [0, 1, 2])
    func sortsKeys(_ count: Int, _ form: Int) {
        let sorter = KeySorter(capacity: max(count, 1))
        var numbers = SplitMix(seed: UInt64(count + form))
        for index in 0..<count {
            let key: IndexKey =
                switch form {
                case 0: IndexKey(high: numbers.next(), low: numbers.next())
                case 1: IndexKey(high: 7, low: UInt64(index * 3))
                // Leading bits that say nothing, and few of the others that differ.
                case _: IndexKey(high: 7, low: 1 << 63 | UInt64((count - index) * 5))
                }
            sorter.items[index] = KeySorter.Item(key: key, number: UInt32(index))
        }
        let wanted = sorter.items[..<count].sorted { $0.key < $1.key }.map(\.number)
        sorter.sort(count: count)
        #expect(sorter.items[..<count].map(\.number) == wanted)
    }

    private static let plans: [(counts: [Int], range: Range<Int>)] = [
        ([], 0..<0), ([10, 10, 10], 0..<0), ([10, 10, 10, 10], 0..<4),
        ([3, 10, 1, 10], 0..<4), ([40, 10, 10, 10], 0..<0), ([40, 10, 10, 10, 10], 1..<5),
        ([40, 40, 40, 40], 0..<4), ([40, 40, 10, 40, 40], 0..<5), ([160, 160, 40, 40], 0..<2),
        ([160, 160, 160], 0..<2), ([320, 10, 10], 0..<0), ([320, 320, 320, 320], 0..<0),
        ([300, 40, 40, 40, 40], 1..<5),
    ]

    @Test(arguments: plans)
    func choosesWhatToMerge(counts: [Int], range: Range<Int>) {
        let found = MergePlan.next(counts, generationEventsMax: 10, factor: 4, eventsMax: 320)
        #expect(found == range)
    }
}

/// Numbers that look random and are the same every time.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
}

extension IndexTail {
    /// Adds events of one stream, as one write.
    fileprivate func append(_ entries: [IndexEntry], firstRevision: Revision) {
        guard let stream = entries.first?[.stream] else { return }
        let shape = WriteShape(stream: stream, expected: .any, eventCount: entries.count)
        append(entries, [shape], firstRevisions: [firstRevision])
    }
}

import DaybookTestKit
import EventModel
import Glibc
import Synchronization
import Testing

@testable import EventLog

/// Reads at the very moments at which events go from hand to hand: from the journal to the table,
/// from one state of the table to the next, from the writer to the index.
@Suite struct HandOverTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func storage() throws -> LogStorage {
        try LogStorage(folder: folder.path, configuration: EventLogConfiguration())
    }

    private func group(_ positions: ClosedRange<Int>) throws(EventLogError) -> RecordGroup {
        do {
            return try JournalFixture.group(positions, textBytes: 200)
        } catch {
            throw EventLogError(.invalid, "\(error)")
        }
    }

    private func position(
        _ bytes: UnsafeRawBufferPointer,
        _ position: UInt64
    ) throws(EventLogError) -> UInt64 {
        // The samples are all of one stream, so the revision tells which event it is.
        try RecordCodec.decodeHeader(bytes, position: position, file: "test").revision + 1
    }

    /// A reader that has begun sees its state to the end, whatever is committed meanwhile: one commit
    /// frees pages that it reads, and the third after it would write over them.
    @Test(arguments: [1, 2, 3, 4, 8])
    func aStateStaysAsItIsWhileItIsRead(commitCount: Int) throws {
        let storage = try storage()
        var end = 0
        func commit(_ count: Int) throws(EventLogError) {
            try storage.append([try group(end + 1...end + count)])
            end += count
        }
        // Free pages are there to be taken from the beginning.
        for _ in 0..<40 { try commit(3) }
        for isForward in [true, false] {
            let last = end
            let range = isForward ? (UInt64(1), UInt64(last)) : (UInt64(last), UInt64(1))
            var found: [UInt64] = []
            try storage.forEach(from: range.0, through: range.1) {
                position,
                bytes throws(EventLogError) in
                found.append(try self.position(bytes, position))
                if found.count % 16 == 1 { for _ in 0..<commitCount { try commit(2) } }
                return true
            }
            let all = Array(1...UInt64(last))
            #expect(found == (isForward ? all : all.reversed()))
        }
        storage.environment.close()
    }

    /// Commits between the moment at which a transaction has its state and that at which the state is
    /// looked at: after one the state is still there, after two its meta page is another's.
    @Test(arguments: [0, 1, 2, 3, 4])
    func aStateThatWasOvertakenIsLetGo(commitCount: Int) throws {
        let storage = try storage()
        var end = 0
        func commit() throws(EventLogError) {
            try storage.append([try group(end + 1...end + 3)])
            end += 3
        }
        for _ in 0..<5 { try commit() }
        var tries = 0
        let last = try storage.environment.readPages(
            pinned: {
                tries += 1
                if tries == 1 { for _ in 0..<commitCount { try? commit() } }
            },
            { snapshot throws(EventLogError) in
                try PageReader(snapshot, table: "events")?.last()
            }
        )
        #expect(end == 15 + 3 * commitCount)
        #expect(tries == (commitCount < 2 ? 1 : 2))
        #expect(last == (commitCount < 2 ? 15 : UInt64(end)))
        storage.environment.close()
    }

    /// A walk over table and memory, during which everything in memory is brought into the table, at
    /// each position once: first the commit, then the moment after it, then what follows.
    @Test(arguments: [true, false])
    func aWalkMissesNothingThatIsFoldedMeanwhile(isForward: Bool) throws {
        let storage = try storage()
        try storage.append([JournalFixture.group(1...20)])
        var end = 20
        for moment in 1...60 {
            let records = LogRecords(
                storage: storage,
                tail: RecordTail(folded: UInt64(end), wakeBytes: .max)
            )
            let groups = try [end + 1...end + 3, end + 4...end + 4, end + 5...end + 9].map {
                try JournalFixture.group($0)
            }
            for group in groups { records.tail.append(group) }
            end += 9
            let last = UInt64(end)
            let range = isForward ? (UInt64(1), last) : (last, UInt64(1))
            var found: [UInt64] = []
            var folded = 0
            try records.forEach(from: range.0, through: range.1) {
                position,
                bytes throws(EventLogError) in
                found.append(try self.position(bytes, position))
                let isMoment = found.count >= moment || found.count == Int(last)
                if isMoment, folded < groups.count {
                    try storage.append([groups[folded]])
                    try check(records, through: last)
                    records.tail.drop(through: groups[folded].last)
                    try check(records, through: last)
                    folded += 1
                }
                return true
            }
            let all = Array(1...last)
            #expect(found == (isForward ? all : all.reversed()), "moment \(moment)")
            for group in groups[folded...] { try storage.append([group]) }
        }
        storage.environment.close()
    }

    /// The newest events one by one, as a reader of another thread would ask for them now.
    private func check(_ records: LogRecords, through last: UInt64) throws(EventLogError) {
        for position in last - 8...last {
            guard try records.header(of: position).revision == position - 1 else {
                throw EventLogError(.corrupt, "\(position) is another event")
            }
            _ = try records.checksum(of: position)
        }
        let positions = [last - 8, last - 4, last]
        guard try records.events(at: positions).map(\.position.value) == positions else {
            throw EventLogError(.corrupt, "the newest are other events")
        }
    }

    /// Whoever hears of a new head finds everything up to it, by the index as well: a subscription
    /// that finds less passes over it for good.
    @Test func theIndexHasWhatTheHeadTellsOf() async throws {
        let log = try EventLog.open(
            at: folder.path,
            configuration: EventLogConfiguration(indexBatchEventsMax: 7)
        )
        let stream = SampleEvents.stream("ana")
        let heard = Mutex<[UInt64]>([])
        let missed = Mutex<[UInt64]>([])
        log.signal.observe { [weak log] head in
            guard let log else { return }
            heard.withLock { $0.append(head) }
            let found = try? log.read(
                from: nil,
                direction: .backward,
                limit: 1,
                filter: EventFilter(streams: [stream])
            )
            let count = try? log.eventCount(of: stream)
            guard found?.first?.position.value != head || count != head else { return }
            missed.withLock { $0.append(head) }
        }
        for number in 0..<40 { try await log.append(number..<number + 1, to: stream) }
        #expect(heard.withLock { $0 } == Array(1...40))
        #expect(missed.withLock { $0 } == [])
        await log.close()
    }

    /// Events that the writer has given their places, but that are not durable yet, are seen by nobody,
    /// also when they fill several generations of the index.
    @Test func nothingIsSeenBeforeItIsDurable() async throws {
        let stream = SampleEvents.stream("ana")
        let looks = Looks()
        let configuration = EventLogConfiguration(
            // Asked by the writer for each append, when it has planned those before it in the commit.
            now: {
                looks.look(at: stream)
                return Timestamp(seconds: 1)
            },
            indexBatchEventsMax: 4
        )
        let log = try EventLog.open(at: folder.path, configuration: configuration)
        looks.begin(log, waitingCount: 6)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<7 {
                group.addTask { try await log.append(number * 3..<number * 3 + 3, to: stream) }
                // The writer is busy with the first before the others come.
                while looks.isExpected { await Task.yield() }
            }
            try await group.waitForAll()
        }
        #expect(looks.wrong == [])
        // One append alone, and six together.
        #expect(looks.heads == [0, 3, 3, 3, 3, 3, 3])
        #expect(try log.eventCount(of: stream) == 21)
        await log.close()
    }

    /// However far back one looks, a stream has as many events as it had there.
    @Test func countsAStreamUpToAnyPosition() async throws {
        let configuration = EventLogConfiguration(indexBatchEventsMax: 4, indexMergeFactor: 64)
        let log = try EventLog.open(at: folder.path, configuration: configuration)
        let streams = ["a", "b", "c"].map { SampleEvents.stream($0) }
        var all: [StreamName] = []
        var random = SplitMix(seed: 11)
        for round in 0..<40 {
            let stream = streams[round % 7 == 0 ? 2 : Int.random(in: 0..<2, using: &random)]
            let count = Int.random(in: 1...3, using: &random)
            try await log.append(all.count..<all.count + count, to: stream)
            all += Array(repeating: stream, count: count)
            // The last ones stay in memory.
            if round == 30 { try await log.flushIndex() }
        }
        let index = try log.index(through: UInt64(all.count))
        #expect(index.segments.segments.count > 4)
        for position in 0...all.count {
            for stream in streams {
                let found = try index.eventCount(of: stream, through: UInt64(position))
                let wanted = UInt64(all.prefix(position).count { $0 == stream })
                #expect(found == wanted, "\(stream) through \(position)")
            }
        }
        for first in stride(from: 1, through: all.count, by: 5) {
            let report = try await log.verify(from: Position(UInt64(first)))
            #expect(report.isGood, "from \(first): \(report.problems)")
        }
        await log.close()
    }

    /// All threads at once: single appends, segments of a few events, and readers that ask for the
    /// newest. Nothing may fail, not even behind the scenes where it is tried again.
    @Test func nothingIsMissedByAnyThread() async throws {
        let notices = Mutex<[String]>([])
        let configuration = EventLogConfiguration(
            notice: { notice in notices.withLock { $0.append(notice) } },
            indexBatchEventsMax: 4,
            indexMergeFactor: 2,
            indexSegmentEventsMax: 64
        )
        let log = try EventLog.open(at: folder.path, configuration: configuration)
        let end = End()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { end.isReached.store(true, ordering: .releasing) }
                for number in 0..<600 {
                    let stream = SampleEvents.stream("s\(number % 3)")
                    try await log.append(number..<number + 1, to: stream)
                    if number % 5 == 0 { try await log.fold() }
                }
            }
            for reader in 0..<3 {
                group.addTask {
                    while !end.isReached.load(ordering: .acquiring) {
                        let head = log.head.value
                        guard head > 0 else { continue }
                        _ = try log.records.checksum(of: head)
                        let first = head > 40 ? head - 40 : 1
                        var count: UInt64 = 0
                        try log.records.forEach(from: first, through: head) { _, _ in
                            count += 1
                            return true
                        }
                        #expect(count == head - first + 1)
                        let stream = SampleEvents.stream("s\(reader)")
                        _ = try log.readStream(stream, from: nil, direction: .backward, limit: 3)
                        await Task.yield()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await log.verify().isGood)
        #expect(notices.withLock { $0 } == [])
        await log.close()
    }
}

/// Tells readers that nothing more comes.
private final class End: Sendable {
    let isReached = Atomic<Bool>(false)
}

/// What a writer's thread sees of a log in the middle of its work.
private final class Looks: Sendable {
    private struct State {
        weak var log: EventLog?
        var isExpected = false
        var waitingCount = 0
        var heads: [UInt64] = []
        var wrong: [String] = []
    }

    private let state = Mutex(State())

    /// True until the first look has begun.
    var isExpected: Bool { state.withLock { $0.isExpected } }
    var heads: [UInt64] { state.withLock { $0.heads } }
    var wrong: [String] { state.withLock { $0.wrong } }

    /// Looks at a log from now on; at the first look it waits until so many more appends wait.
    func begin(_ log: EventLog, waitingCount: Int) {
        state.withLock { state in
            state.log = log
            state.isExpected = true
            state.waitingCount = waitingCount
        }
    }

    func look(at stream: StreamName) {
        let (found, waitingCount) = state.withLock { state in
            defer {
                state.isExpected = false
                state.waitingCount = 0
            }
            return (state.log, state.waitingCount)
        }
        guard let log = found, case .writer(let role) = log.role else { return }
        while role.writer.inbox.heldCount < waitingCount { sched_yield() }
        let head = log.head.value
        state.withLock { $0.heads.append(head) }
        do throws(EventLogError) {
            let count = try log.eventCount(of: stream)
            let events = try log.readStream(stream, from: nil, direction: .forward, limit: .max)
            guard count == head, events.count == Int(head) else {
                state.withLock { $0.wrong.append("\(count) and \(events.count) of \(head)") }
                return
            }
        } catch {
            state.withLock { $0.wrong.append(error.message) }
        }
    }
}

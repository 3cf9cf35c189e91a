import DaybookTestKit
import EventModel
import Synchronization
import Testing

@testable import EventLog

@Suite struct AppendTests {
    private let folder: TemporaryFolder
    private let stream = SampleEvents.stream("ana")

    init() throws { folder = try TemporaryFolder() }

    @Test func commitsManyCallersTogether() async throws {
        let log = try EventLog.open(at: folder.path)
        try await withThrowingTaskGroup(of: AppendResult.self) { group in
            for number in 0..<2000 {
                group.addTask {
                    let stream = SampleEvents.stream("s\(number % 50)")
                    return try await log.append(number..<number + 1, to: stream)
                }
            }
            var positions: Set<UInt64> = []
            for try await result in group { positions.insert(result.lastPosition.value) }
            #expect(positions == Set(1...2000))
        }
        let transactions = try log.storage.environment.facts().lastTransaction
        #expect(transactions < 1000, "\(transactions) commits for 2000 appends")
        for index in 0..<50 {
            let events = try log.readStream(
                SampleEvents.stream("s\(index)"),
                from: nil,
                direction: .forward,
                limit: 99
            )
            #expect(events.map(\.revision) == Array(0..<40))
        }
        await log.close()
    }

    /// Under steady load the inbox is never empty, and what was taken must not pile up in it.
    @Test func letsGoOfWhatTheWriterHasTaken() async throws {
        let inbox = AppendInbox()
        let nothing = try PreparedAppend(
            [],
            unless: nil,
            hasher: IndexHasher(secret: (1, 2)),
            configuration: EventLogConfiguration()
        )
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    _ = await withCheckedContinuation { continuation in
                        _ = inbox.add(AppendRequest(nothing, continuation))
                    }
                }
            }
            while inbox.heldCount < 100 { await Task.yield() }
            for _ in 0..<99 {
                for request in inbox.take(eventsMax: -1) ?? [] {
                    request.answer(.success(AppendResult(places: [], isRepeat: false)))
                }
            }
            #expect(inbox.heldCount < 3)
            for request in inbox.take(eventsMax: -1) ?? [] {
                request.answer(.success(AppendResult(places: [], isRepeat: false)))
            }
        }
        #expect(inbox.heldCount == 0)
    }

    @Test func letsOneWinnerThroughWhenManyExpectTheSame() async throws {
        let log = try EventLog.open(at: folder.path)
        let winners = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<64 {
                group.addTask { [stream] in
                    do throws(EventLogError) {
                        try await log.append(number..<number + 1, to: stream, expected: .none)
                        return true
                    } catch {
                        return error.code != .wrongExpectedRevision
                    }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(winners == 1)
        #expect(log.head == 1)
        await log.close()
    }

    @Test func keepsTimesFromGoingBack() async throws {
        let times = Mutex<[Int64]>([500, 300, 900])
        let configuration = EventLogConfiguration(
            now: { Timestamp(microseconds: times.withLock { $0.isEmpty ? 1 : $0.removeFirst() }) }
        )
        var log = try EventLog.open(at: folder.path, configuration: configuration)
        for number in 0..<3 { try await log.append(number..<number + 1, to: stream) }
        await log.close()
        log = try EventLog.open(at: folder.path, configuration: configuration)
        try await log.append(3..<4, to: stream)
        let events = try log.read(from: nil, direction: .forward, limit: 9, filter: .all)
        #expect(events.map(\.recordedAt.microseconds) == [500, 500, 900, 900])
        await log.close()
    }

    @Test func refusesWhatIsTooLargeAndGoesOn() async throws {
        let configuration = EventLogConfiguration(eventBytesMax: 1000, appendBytesMax: 5000)
        let log = try EventLog.open(at: folder.path, configuration: configuration)
        let large = SampleEvents.proposed(1, data: .bytes([UInt8](repeating: 7, count: 1000)))
        let medium = (2..<20).map {
            SampleEvents.proposed($0, data: .bytes([UInt8](repeating: 7, count: 500)))
        }
        let small = SampleEvents.proposed(30)
        await expectFailure(.tooLarge, log, [small, large])
        await expectFailure(.tooLarge, log, medium)
        #expect(log.head == .start)
        try await log.append(30..<31, to: stream)
        #expect(log.head == 1)
        await log.close()
    }

    @Test(
        arguments: [
            SampleEvents.proposed(1, type: "not a type"),
            SampleEvents.proposed(1, entity: "The 7 Space"),
            ProposedEvent(id: SampleEvents.id(1), type: "NoteTaken", actor: "", data: nil),
            ProposedEvent(
                id: SampleEvents.id(1),
                type: "NoteTaken",
                schema: 0,
                actor: "system",
                data: nil
            ),
            SampleEvents.proposed(
                1,
                data: (0..<200).reduce(Value.null) { inner, _ in .list([inner]) }
            ),
        ]
    )
    func refusesAnEnvelopeThatMakesNoSense(_ event: ProposedEvent) async throws {
        let log = try EventLog.open(at: folder.path)
        await expectFailure(.invalid, log, [event])
        #expect(log.head == .start)
        await log.close()
    }

    @Test func refusesTheSameIdTwiceInOneAppend() async throws {
        let log = try EventLog.open(at: folder.path)
        await expectFailure(
            .invalid,
            log,
            [SampleEvents.proposed(1), SampleEvents.proposed(1)]
        )
        await log.close()
    }

    @Test func recognisesARepeatAfterTheIndexWasWrittenAndAfterOpening() async throws {
        var log = try EventLog.open(at: folder.path)
        let first = try await log.append(0..<3, to: stream)
        try await log.flushIndex()
        let second = try await log.append(0..<3, to: stream)
        await log.close()
        log = try EventLog.open(at: folder.path)
        let third = try await log.append(0..<3, to: stream)
        #expect(second == AppendResult(places: first.places, isRepeat: true))
        #expect(third == second)
        await expectFailure(.identityConflict, log, SampleEvents.proposed(2..<4))
        await log.close()
    }

    @Test func growsTheMapUnderAnAppend() async throws {
        let configuration = EventLogConfiguration(mapBytes: 1 << 20)
        let log = try EventLog.open(at: folder.path, configuration: configuration)
        var number = 0
        for _ in 0..<8 {
            try await log.append(number..<number + 2000, to: stream)
            number += 2000
        }
        #expect(try log.information().mapBytes > 1 << 20)
        #expect(try log.eventCount(of: stream) == UInt64(number))
        #expect(try await log.verify().isGood)
        await log.close()
    }

    @Test func refusesAppendsWhenClosed() async throws {
        let log = try EventLog.open(at: folder.path)
        try await log.append(0..<1, to: stream)
        await log.close()
        await expectFailure(.closed, log, SampleEvents.proposed(1..<2))
        #expect(throws: EventLogError.self) {
            try log.read(from: nil, direction: .forward, limit: 1, filter: .all)
        }
        await log.close()
    }

    private func expectFailure(
        _ code: EventLogError.Code,
        _ log: EventLog,
        _ events: [ProposedEvent]
    ) async {
        do throws(EventLogError) {
            let write = StreamWrite(stream: stream, expected: .any, events: events)
            let result = try await log.append([write])
            Issue.record("no error, but \(result)")
        } catch {
            #expect(error.code == code, "\(error)")
        }
    }
}

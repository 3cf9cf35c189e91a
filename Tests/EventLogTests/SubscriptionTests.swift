import DaybookTestKit
import EventModel
import Testing

@testable import EventLog

@Suite struct SubscriptionTests {
    private let folder: TemporaryFolder
    private let stream = SampleEvents.stream("ana")

    init() throws { folder = try TemporaryFolder() }

    @Test func endsWhenTheLogIsClosed() async throws {
        let log = try EventLog.open(at: folder.path)
        let follower = Task {
            var count = 0
            for try await batch in log.subscribe(after: .start, filter: .all) {
                count += batch.events.count
            }
            return count
        }
        try await log.append(0..<3, to: stream)
        var iterator = log.subscribe(after: .start, filter: .all).makeAsyncIterator()
        #expect(try await iterator.next()?.events.count == 3)
        let waiting = Task {
            var iterator = log.subscribe(after: 3, filter: .all).makeAsyncIterator()
            return try await iterator.next() == nil
        }
        await log.close()
        #expect([0, 3].contains(try await follower.value))
        #expect(try await waiting.value)
        #expect(try await iterator.next() == nil)
    }

    @Test func endsWhenTheLogIsClosedWhileItReads() async throws {
        let log = try EventLog.open(at: folder.path)
        try await log.append(0..<3, to: stream)
        try await log.fold()
        var iterator = log.subscribe(after: .start, filter: .all).makeAsyncIterator()
        // The files are closed after the head was looked at, so it still tells of events.
        log.storage.environment.close()
        #expect(try await iterator.next() == nil)
        await log.close()
    }

    @Test func beginsAnewWithEachIterator() async throws {
        let log = try EventLog.open(at: folder.path)
        try await log.append(0..<5, to: stream)
        let subscription = log.subscribe(after: 2, filter: .all)
        for _ in 0..<2 {
            var iterator = subscription.makeAsyncIterator()
            let batch = try await iterator.next()
            #expect(log.numbers(batch?.events ?? []) == [2, 3, 4])
            #expect(batch?.position == 5)
        }
        await log.close()
    }

    @Test func keepsBatchesSmall() async throws {
        let log = try EventLog.open(at: folder.path)
        try await log.append(0..<2000, to: stream)
        var sizes: [Int] = []
        for try await batch in log.subscribe(after: .start, filter: .all) {
            sizes.append(batch.events.count)
            if batch.position == 2000 { break }
        }
        #expect(sizes == [512, 512, 512, 464])
        await log.close()
    }

    @Test func followsSeveralWritersFromSeveralPlaces() async throws {
        let log = try EventLog.open(at: folder.path)
        let followers = (0..<4).map { index in
            Task {
                var positions: [UInt64] = []
                let after = Position(UInt64(index * 100))
                let filter = index == 3 ? EventFilter(types: ["NoteTaken"]) : .all
                for try await batch in log.subscribe(after: after, filter: filter) {
                    positions += batch.events.map(\.position.value)
                    if batch.position >= 3000 { break }
                }
                return positions
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<10 {
                group.addTask {
                    let stream = SampleEvents.stream("w\(writer)")
                    for number in 0..<30 {
                        let first = (writer * 30 + number) * 10
                        try await log.append(first..<first + 10, to: stream)
                    }
                }
            }
            try await group.waitForAll()
        }
        for (index, follower) in followers.enumerated() {
            #expect(try await follower.value == Array(UInt64(index * 100 + 1)...3000))
        }
        await log.close()
    }

    @Test func waitsUntilAPositionIsVisible() async throws {
        let log = try EventLog.open(at: folder.path)
        try await log.waitUntilVisible(.start)
        let waiting = Task { [stream] in
            try await log.waitUntilVisible(2)
            return try log.eventCount(of: stream) >= 2
        }
        try await log.append(0..<1, to: stream)
        try await log.append(1..<2, to: stream)
        #expect(try await waiting.value)
        let cancelled = Task { try await log.waitUntilVisible(99) }
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        let closed = Task { try await log.waitUntilVisible(99) }
        await log.close()
        await #expect(throws: EventLogError.self) { try await closed.value }
    }
}

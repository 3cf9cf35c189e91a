import DaybookTestKit
import EventModel
import Synchronization
import Testing

@testable import EventLog

@Suite struct ScrubTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder("scrub") }

    /// Fills a log and flips a byte of one event where it lies in the table.
    private func damaged() async throws {
        let log = try EventLog.open(at: folder.file("a"))
        for number in 0..<30 {
            let data: Value = ["text": .string("needle-\(number)-")]
            let events = (0..<100).map {
                SampleEvents.proposed(number * 100 + $0, data: $0 == 50 ? data : nil)
            }
            _ = try await log.append(
                [
                    StreamWrite(
                        stream: SampleEvents.stream("ana"),
                        expected: .any,
                        events: events
                    )
                ]
            )
        }
        await log.close()
        var bytes = try folder.bytes(of: "a/log/data.mdb")
        let needle = Array("needle-7-".utf8)
        let places = bytes.indices.filter {
            bytes[$0] == needle[0] && bytes[$0...].starts(with: needle)
        }
        try #require(!places.isEmpty)
        for place in places { bytes[place + 2] ^= 0x04 }
        try folder.write(bytes, to: "a/log/data.mdb")
    }

    private func reader() throws -> EventLog {
        try EventLog.open(
            at: folder.file("a"),
            configuration: EventLogConfiguration(mode: .readOnly, tailRecordsChecked: 1)
        )
    }

    @Test func findsAFlippedByte() async throws {
        try await damaged()
        let log = try reader()
        let report = try await log.scrub()
        #expect(report.eventCount == 3000 && report.to == 3000)
        #expect(report.problemCount == 1)
        let problem = try #require(report.problems.first)
        #expect(problem.position == 751)
        #expect(problem.file == folder.file("a/log/data.mdb"))
        #expect(problem.message.contains("event 751 in"))
        #expect(ScrubEvents.report(ScrubEvents.data(of: report)) == report)
        await log.close()
    }

    @Test func keepsToItsRate() async throws {
        let log = try EventLog.open(at: folder.file("a"))
        try await log.append(0..<5000, to: SampleEvents.stream("ana"))
        let waited = Mutex(0.0)
        let report = try await log.scrub(
            options: ScrubOptions(bytesPerSecond: 1000),
            pause: { seconds in waited.withLock { $0 += seconds } }
        )
        #expect(report.isGood && report.eventCount == 5000)
        // The last of five chunks is not waited for.
        let wanted = Double(report.byteCount) / 1000
        let seconds = waited.withLock { $0 }
        #expect(seconds > wanted * 0.7 && seconds < wanted, "\(seconds) of \(wanted)")
        await log.close()
    }

    private struct Interruption: Error {}

    @Test func goesOnWhereItWasInterrupted() async throws {
        let log = try EventLog.open(at: folder.file("a"))
        try await log.append(0..<5000, to: SampleEvents.stream("ana"))
        let options = ScrubOptions(bytesPerSecond: 1, isResumed: true)
        await #expect(throws: Interruption.self) {
            try await log.scrub(options: options, pause: { _ in throw Interruption() })
        }
        await log.close()
        let again = try EventLog.open(at: folder.file("a"))
        let steps = Mutex<[UInt64]>([])
        let report = try await again.scrub(options: options, pause: { _ in }) { progress in
            steps.withLock { $0.append(progress.done) }
        }
        #expect(steps.withLock { $0 } == [2048, 3072, 4096, 5000])
        #expect(report.from == 1 && report.eventCount == 5000)
        #expect(!exists(folder.file("a/scrub")))
        await again.close()
    }

    @Test func jobRecordsEachWalk() async throws {
        let now = Timestamp(seconds: 1_790_000_000)
        let log = try EventLog.open(
            at: folder.file("a"),
            configuration: EventLogConfiguration(now: { now })
        )
        try await log.append(0..<100, to: SampleEvents.stream("ana"))
        let board = ScrubBoard()
        let pauses = Mutex<[Double]>([])
        let number = Mutex(9000)
        let job = ScrubJob(
            log: log,
            board: board,
            bytesPerSecond: 1 << 30,
            secondsBetween: 3600,
            makeIdentifier: {
                SampleEvents.id(
                    number.withLock { number in
                        number += 1
                        return number
                    }
                )
            },
            pause: { seconds in
                let count = pauses.withLock { pauses in
                    pauses.append(seconds)
                    return pauses.count
                }
                if count == 2 { throw Interruption() }
            },
            alarm: { problem in Issue.record("\(problem)") }
        )
        await #expect(throws: Interruption.self) { try await job.run() }
        let events = try log.readStream(
            ScrubEvents.stream,
            from: nil,
            direction: .forward,
            limit: 10
        )
        #expect(events.map(\.type) == ["LogScrubbed", "LogScrubbed"])
        #expect(events.map { $0.data["to"]?.intValue } == [100, 101])
        #expect(pauses.withLock { $0 }.allSatisfy { $0 == 3600 })
        #expect(board.status.eventCount == 101 && board.status.endedAt != nil)
        // The next start waits before it walks, since the last walk was a moment ago.
        pauses.withLock { $0 = [0] }
        await #expect(throws: Interruption.self) { try await job.run() }
        #expect(log.head == 102)
        await log.close()
    }
}

import DaybookTestKit
import EventModel
import Glibc
import Testing

@testable import EventLog

/// What happens between processes, and to a process that dies: the closures run in a process each.
@Suite struct ProcessTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func readsBesideAWriter() async throws {
        let log = try EventLog.open(at: folder.path)
        let stream = SampleEvents.stream("ana")
        try await log.append(0..<100, to: stream)
        try await log.flushIndex()
        try await log.append(100..<150, to: stream)
        let path = folder.path
        await #expect(processExitsWith: .success) { [path = path as String] in
            let configuration = EventLogConfiguration(mode: .readOnly)
            let reader = try EventLog.open(at: path, configuration: configuration)
            let stream = SampleEvents.stream("ana")
            try require(reader.head == 150, "head \(reader.head)")
            try require(try reader.eventCount(of: stream) == 150, "count")
            let events = try reader.readStream(
                stream,
                from: 95,
                direction: .forward,
                limit: 10
            )
            try require(reader.numbers(events) == Array(95..<105), "events")
            let information = try reader.information()
            try require(information.indexPosition == 100, "\(information)")
            try require(information.streamCount == 1, "\(information)")
            let refused = await asyncFailure { try await reader.append(200..<201, to: stream) }
            try require(refused?.code == .closed, "\(refused?.message ?? "appended")")
            await reader.close()
        }
        #expect(log.head == 150)
        try await log.append(150..<151, to: stream)
        await log.close()
    }

    @Test func followsAWriterOfAnotherProcess() async throws {
        let log = try EventLog.open(
            at: folder.path,
            configuration: EventLogConfiguration(mapBytes: 1 << 20, indexBatchEventsMax: 500)
        )
        try await log.append(0..<10, to: SampleEvents.stream("s"))
        let path = folder.path
        let writer = Task {
            // Enough to outgrow the reader's map and to move the index under it.
            for number in 1..<20 {
                let stream = SampleEvents.stream("s\(number % 3)")
                try await log.append(number * 1000..<number * 1000 + 1000, to: stream)
            }
        }
        await #expect(processExitsWith: .success) { [path = path as String] in
            let configuration = EventLogConfiguration(
                mode: .readOnly,
                mapBytes: 1 << 20,
                pollMilliseconds: 1
            )
            let reader = try EventLog.open(at: path, configuration: configuration)
            var positions: [UInt64] = []
            for try await batch in reader.subscribe(after: .start, filter: .all) {
                positions += batch.events.map(\.position.value)
                _ = try reader.eventCount(of: SampleEvents.stream("s1"))
                if batch.position >= 19_010 { break }
            }
            try require(positions == Array(1...19_010), "\(positions.count) events")
            try require(try reader.eventCount(of: SampleEvents.stream("s1")) == 7000, "s1")
            try await reader.waitUntilVisible(19_010)
            await reader.close()
        }
        try await writer.value
        await log.close()
    }

    @Test func refusesAWriterInAnotherProcess() async throws {
        let log = try EventLog.open(at: folder.path)
        let path = folder.path
        let holder = getpid()
        await #expect(processExitsWith: .success) {
            [path = path as String, holder = holder as Int32] in
            let error = failure { try EventLog.open(at: path) }
            try require(error?.code == .locked, "\(error?.message ?? "opened")")
            try require(error?.message.contains("process \(holder)") == true, "\(error!)")
        }
        await log.close()
    }

    /// Each child is killed while it appends; what it was told to be durable must be there.
    @Test(arguments: [1, 7, 50, 200])
    func losesNothingThatWasAnswered(_ killAfter: Int) async throws {
        let path = folder.path
        for round in 0..<3 {
            let first = round * 100_000
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [path = path as String, killAfter = killAfter as Int, first = first as Int] in
                let log = try EventLog.open(
                    at: path,
                    configuration: EventLogConfiguration(
                        journalBytes: killAfter == 50 ? Journal.fileBytesMin : 16 << 20,
                        indexBatchEventsMax: 64
                    )
                )
                let answered = open(path + "/answered", O_WRONLY | O_CREAT | O_APPEND, 0o600)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for writer in 0..<8 {
                        group.addTask {
                            for number in 0..<1000 {
                                let event = first + writer * 10_000 + number * 3
                                let stream = SampleEvents.stream("w\(writer)")
                                let result = try await log.append(event..<event + 3, to: stream)
                                var position = result.lastPosition.value
                                write(answered, &position, 8)
                                if writer == 3, number == killAfter { kill(getpid(), SIGKILL) }
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            let answered = try folder.bytes(of: "answered")
            let highest = stride(from: 0, to: answered.count - 7, by: 8).map { start in
                answered[start..<start + 8].reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
            }.max()
            let log = try EventLog.open(at: folder.path)
            #expect(log.head.value >= highest ?? .max)
            #expect(log.head.value % 3 == 0, "half an append is in the log")
            let report = try await log.verify()
            #expect(report.isGood, "\(report.problems)")
            try await log.flushIndex()
            #expect(try log.information().indexPosition == log.head)
            await log.close()
        }
    }

    /// What a writer that died had acknowledged is read from its journal, before anybody folds it.
    @Test func readsWhatADeadWriterLeft() async throws {
        let path = folder.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let log = try EventLog.open(at: path)
            try await log.append(0..<100, to: SampleEvents.stream("ana"))
            try await log.append(100..<120, to: SampleEvents.stream("bor"))
            kill(getpid(), SIGKILL)
        }
        let configuration = EventLogConfiguration(mode: .readOnly)
        let reader = try EventLog.open(at: path, configuration: configuration)
        #expect(reader.head == 120)
        let events = try reader.read(from: nil, direction: .backward, limit: 200, filter: .all)
        #expect(reader.numbers(events) == (0..<120).reversed())
        #expect(try reader.eventCount(of: SampleEvents.stream("bor")) == 20)
        await reader.close()
        let log = try EventLog.open(at: path)
        #expect(log.head == 120)
        #expect(try await log.verify().isGood)
        await log.close()
    }

    /// A limit on the size of files stands for a disk that is full, and needs no other rights.
    @Test func survivesAFullDisk() async throws {
        let path = folder.path
        await #expect(processExitsWith: .success) { [path = path as String] in
            signal(SIGXFSZ, SIG_IGN)
            let log = try EventLog.open(at: path)
            let stream = SampleEvents.stream("ana")
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(1), &limit)
            let before = limit.rlim_cur
            limit.rlim_cur = 400_000
            setrlimit(__rlimit_resource_t(1), &limit)
            var number = 0
            var failed: EventLogError?
            while failed == nil, number < 100_000 {
                do throws(EventLogError) {
                    try await log.append(number..<number + 100, to: stream)
                    number += 100
                } catch {
                    failed = error
                }
            }
            try require(failed?.code == .diskFull, "\(failed?.message ?? "no failure")")
            try require(log.head.value == UInt64(number), "head \(log.head), \(number) answered")
            try require(try log.eventCount(of: stream) == UInt64(number), "count")
            let last = try log.read(from: nil, direction: .backward, limit: 1, filter: .all)
            try require(log.numbers(last) == [number - 1], "reads go on")
            let again = await asyncFailure {
                try await log.append(number..<number + 100, to: stream)
            }
            try require(again?.code == .diskFull, "a second failure")
            limit.rlim_cur = before
            setrlimit(__rlimit_resource_t(1), &limit)
            let result = try await log.append(
                number..<number + 100,
                to: stream,
                expected: .exact(Revision(number - 1))
            )
            try require(!result.isRepeat, "a repeat")
            try require(result.places.first?.position.value == UInt64(number + 1), "place")
            let report = try await log.verify()
            try require(report.isGood, "\(report.problems)")
            await log.close()
        }
        let log = try EventLog.open(at: folder.path)
        #expect(try await log.verify().isGood)
        await log.close()
    }
}

/// A failed check in a child process.
struct ChildFailure: Error, CustomStringConvertible {
    let description: String
}

func require(_ condition: Bool, _ message: @autoclosure () -> String) throws {
    guard condition else {
        let failure = ChildFailure(description: message())
        // A child that throws dies without a word.
        let text = Array("child: \(failure)\n".utf8)
        write(2, text, text.count)
        throw failure
    }
}

/// The log's error that an async closure throws; nil if it throws none.
func asyncFailure<R>(_ body: () async throws -> R) async -> EventLogError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? EventLogError
    }
}

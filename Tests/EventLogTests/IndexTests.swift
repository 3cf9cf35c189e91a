import DaybookTestKit
import EventModel
import Synchronization
import Testing

@testable import EventLog

@Suite struct IndexTests {
    private let folder: TemporaryFolder
    private let notices = Notices()

    init() throws { folder = try TemporaryFolder() }

    @Test func isMadeAnewWhenItIsGone() async throws {
        try await fill()
        try folder.remove("index")
        try await expectWhole(rebuilt: false)
    }

    @Test func isMadeAnewWhenItIsTruncated() async throws {
        try await fill()
        let bytes = try folder.bytes(of: "index/data.mdb")
        try folder.write(Array(bytes.prefix(bytes.count / 2)), to: "index/data.mdb")
        try await expectWhole(rebuilt: true)
    }

    @Test func isMadeAnewWhenItIsRubbish() async throws {
        try await fill()
        try folder.write([UInt8](repeating: 0x5A, count: 40_960), to: "index/data.mdb")
        try await expectWhole(rebuilt: true)
    }

    @Test func isMadeAnewWhenItIsOfAnotherLog() async throws {
        try await fill()
        try folder.copy("index", to: "other")
        try folder.remove("index")
        for name in ["log", "head", "lock"] { try folder.remove(name) }
        try await fill()
        try folder.copy("other", to: "index")
        try await expectWhole(rebuilt: true)
    }

    @Test func isMadeAnewWhenItsFormatIsAnother() async throws {
        try await fill()
        try changeMeta("format", to: Array("99".utf8))
        try await expectWhole(rebuilt: true)
    }

    @Test func isMadeAnewWhenItIsAheadOfTheLog() async throws {
        try await fill()
        try changeMeta("cursor", to: [0, 0, 0, 0, 0, 1, 0, 0] + [UInt8](repeating: 0, count: 8))
        try await expectWhole(rebuilt: true)
    }

    @Test func isBroughtUpToDateFromItsCursor() async throws {
        try await fill()
        try folder.copy("index", to: "older")
        let log = try EventLog.open(at: folder.path)
        try await log.append(300..<320, to: SampleEvents.stream("late"))
        await log.close()
        try folder.copy("older", to: "index")
        let next = try EventLog.open(at: folder.path, configuration: configuration)
        #expect(try next.eventCount(of: SampleEvents.stream("late")) == 20)
        #expect(try next.information().indexPosition == 320)
        #expect(notices.all.isEmpty)
        await next.close()
    }

    @Test func answersFromMemoryAndDiskTogether() async throws {
        let log = try EventLog.open(
            at: folder.path,
            configuration: EventLogConfiguration(indexDelayMilliseconds: 1_000_000)
        )
        let stream = SampleEvents.stream("ana")
        for number in 0..<6 {
            try await log.append(number * 10..<number * 10 + 10, to: stream)
            if number == 2 { try await log.flushIndex() }
        }
        #expect(try log.information().indexPosition == 30)
        #expect(try log.information().streamCount == 1)
        for first in [0, 25, 29, 30, 31, 59] {
            let events = try log.readStream(
                stream,
                from: Revision(first),
                direction: .forward,
                limit: 99
            )
            #expect(log.numbers(events) == Array(first..<60))
            let backward = try log.readStream(
                stream,
                from: Revision(first),
                direction: .backward,
                limit: 99
            )
            #expect(log.numbers(backward) == (0...first).reversed())
        }
        await log.close()
    }

    @Test func keepsUpWithMoreThanOneBatch() async throws {
        let small = EventLogConfiguration(indexBatchEventsMax: 100)
        let log = try EventLog.open(at: folder.path, configuration: small)
        for number in 0..<20 {
            let stream = SampleEvents.stream("s\(number % 3)")
            try await log.append(number * 250..<number * 250 + 250, to: stream)
        }
        try await log.flushIndex()
        #expect(try log.information().indexPosition == 5000)
        #expect(try await log.verify().isGood)
        await log.close()
    }

    private var configuration: EventLogConfiguration {
        EventLogConfiguration(notice: { [notices] notice in notices.add(notice) })
    }

    private func fill() async throws {
        let log = try EventLog.open(at: folder.path)
        for number in 0..<30 {
            let stream = SampleEvents.stream("s\(number % 5)")
            try await log.append(number * 10..<number * 10 + 10, to: stream)
        }
        await log.close()
    }

    private func expectWhole(rebuilt: Bool) async throws {
        let log = try EventLog.open(at: folder.path, configuration: configuration)
        #expect(notices.all.contains { $0.contains("made anew") } == rebuilt, "\(notices.all)")
        for index in 0..<5 {
            #expect(try log.eventCount(of: SampleEvents.stream("s\(index)")) == 60)
        }
        let report = try await log.verify()
        #expect(report.isGood, "\(report.problems)")
        #expect(report.streamCount == 5)
        let again = try await log.append(0..<10, to: SampleEvents.stream("s0"))
        #expect(again.isRepeat)
        await log.close()
    }

    private func changeMeta(_ key: String, to value: [UInt8]) throws {
        let environment = try Environment(
            Environment.Options(
                folder: folder.file("index"),
                tables: [Table("meta")],
                mapBytes: 1 << 20,
                durability: .full,
                isWriter: true
            )
        )
        try environment.write { transaction throws(EventLogError) in
            try transaction.put(0, key: Array(key.utf8), value: value)
        }
        environment.close()
    }
}

/// What a log had to say.
final class Notices: Sendable {
    private let texts = Mutex<[String]>([])

    var all: [String] { texts.withLock { $0 } }

    func add(_ text: String) { texts.withLock { $0.append(text) } }
}

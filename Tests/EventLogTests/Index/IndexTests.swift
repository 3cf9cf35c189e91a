import DaybookTestKit
import EventModel
import Foundation
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
        let name = try segments()[0]
        let bytes = try folder.bytes(of: name)
        try folder.write(Array(bytes.prefix(bytes.count / 2)), to: name)
        try await expectWhole(rebuilt: true)
    }

    @Test func isMadeAnewWhenItIsRubbish() async throws {
        try await fill()
        try folder.write([UInt8](repeating: 0x5A, count: 40_960), to: "index/manifest")
        try await expectWhole(rebuilt: true)
    }

    @Test func isMadeAnewWhenItIsOfTheVersionInLMDB() async throws {
        try await fill()
        try folder.remove("index")
        try Files.makeFolder(folder.file("index"))
        for name in ["index/data.mdb", "index/lock.mdb"] { try folder.write([1, 2, 3], to: name) }
        try await expectWhole(rebuilt: true)
        #expect(!Files.exists(folder.file("index/data.mdb")))
        #expect(!Files.exists(folder.file("index/lock.mdb")))
    }

    @Test func isMadeAnewWhenASegmentOrTheManifestIsGone() async throws {
        try await fill()
        try folder.remove(try segments()[1])
        try await expectWhole(rebuilt: true)
        try folder.remove("index/manifest")
        try await expectWhole(rebuilt: true)
    }

    @Test func leavesNothingBehindThatACrashLeft() async throws {
        try await fill()
        let name = "index/\(IndexManifest.Entry(first: 1, last: 9, checksum: 0).fileName)"
        for name in [name, "index/merge.new", "index/manifest.new"] {
            try folder.write([1, 2, 3], to: name)
        }
        try await expectWhole(rebuilt: false)
        #expect(try Files.names(in: folder.file("index")).allSatisfy { !$0.hasSuffix(".new") })
        #expect(!Files.exists(folder.file(name)))
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
        try changeManifest { $0.replacing("index 2", with: "index 99") }
        try await expectWhole(rebuilt: true)
    }

    @Test func isMadeAnewWhenItIsAheadOfTheLog() async throws {
        try await fill()
        let log = try EventLog.open(at: folder.path, configuration: configuration)
        try await log.append(300..<400, to: SampleEvents.stream("late"))
        await log.close()
        try folder.copy("index", to: "newer")
        for name in ["index", "log", "head"] { try folder.remove(name) }
        try await fill()
        let identity = try folder.bytes(of: "index/manifest")
        try folder.copy("newer", to: "index")
        let line = String(decoding: identity, as: UTF8.self).split(separator: "\n")[1]
        try changeManifest { text in
            text.split(separator: "\n").map { $0.hasPrefix("log ") ? line : $0 }
                .joined(separator: "\n") + "\n"
        }
        try await expectWhole(rebuilt: true)
    }

    /// A foreign segment under a right name, and a secret that is not the one of the segments.
    @Test func isMadeAnewWhenASegmentIsOfAnotherIndex() async throws {
        try await fill()
        try folder.copy("index", to: "other")
        try folder.remove("index")
        try await expectWhole(rebuilt: false)
        let name = try segments()[0]
        try folder.copy("other/" + name.dropFirst(6), to: name)
        try await expectWhole(rebuilt: true)
        try changeManifest { text in
            text.split(separator: "\n").map { line in
                line.hasPrefix("secret ") ? "secret 000102030405060708090a0b0c0d0e0f" : line
            }.joined(separator: "\n") + "\n"
        }
        try await expectWhole(rebuilt: true)
    }

    @Test func isBroughtUpToDateFromItsCursor() async throws {
        try await fill()
        try folder.copy("index", to: "older")
        let log = try EventLog.open(at: folder.path, configuration: configuration)
        try await log.append(300..<320, to: SampleEvents.stream("late"))
        await log.close()
        try folder.copy("older", to: "index")
        let next = try EventLog.open(at: folder.path, configuration: configuration)
        #expect(try next.eventCount(of: SampleEvents.stream("late")) == 20)
        try await next.flushIndex()
        #expect(try next.information().indexPosition == 320)
        #expect(notices.all.isEmpty)
        await next.close()
    }

    @Test func isFollowedByAReaderAlsoWhenAnOlderOneIsPutBack() async throws {
        let stream = SampleEvents.stream("ana")
        let log = try EventLog.open(at: folder.path, configuration: configuration)
        try await log.append(0..<100, to: stream)
        try await log.flushIndex()
        try folder.copy("index", to: "older")
        try await log.append(100..<300, to: stream)
        await log.close()
        var configuration = configuration
        configuration.mode = .readOnly
        let reader = try EventLog.open(at: folder.path, configuration: configuration)
        let filter = EventFilter(streams: [stream])
        for name in ["index", "older", "index"] {
            if name == "older" { try folder.copy("index", to: "newer") }
            if name != "index" { try folder.copy(name, to: "index") }
            #expect(try reader.eventCount(of: stream) == 300)
            let events = try reader.read(from: 95, direction: .forward, limit: 999, filter: filter)
            #expect(reader.numbers(events) == Array(94..<300))
            if name == "older" { try folder.copy("newer", to: "index") }
        }
        await reader.close()
    }

    @Test func answersFromMemoryAndDiskTogether() async throws {
        let log = try EventLog.open(at: folder.path)
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
        EventLogConfiguration(
            notice: { [notices] notice in notices.add(notice) },
            indexBatchEventsMax: 64,
            indexMergeFactor: 100
        )
    }

    /// The segments' names, oldest first.
    private func segments() throws -> [String] {
        try Files.names(in: folder.file("index")).filter { $0.hasSuffix(".segment") }.sorted()
            .map { "index/\($0)" }
    }

    private func fill() async throws {
        let log = try EventLog.open(at: folder.path, configuration: configuration)
        for number in 0..<30 {
            let stream = SampleEvents.stream("s\(number % 5)")
            try await log.append(number * 10..<number * 10 + 10, to: stream)
        }
        await log.close()
    }

    private func expectWhole(rebuilt: Bool) async throws {
        notices.removeAll()
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

    /// Changes the lines before the checksum, which is made to fit.
    private func changeManifest(_ change: (String) -> String) throws {
        let text = String(decoding: try folder.bytes(of: "index/manifest"), as: UTF8.self)
        guard let end = text.range(of: "checksum ") else { return }
        let body = change(String(text[..<end.lowerBound]))
        let checksum = String(CRC32C.checksum(Array(body.utf8)), radix: 16)
        try folder.write(Array("\(body)checksum \(checksum)\n".utf8), to: "index/manifest")
    }
}

/// What a log had to say.
final class Notices: Sendable {
    private let texts = Mutex<[String]>([])

    var all: [String] { texts.withLock { $0 } }

    func add(_ text: String) { texts.withLock { $0.append(text) } }
    func removeAll() { texts.withLock { $0 = [] } }
}

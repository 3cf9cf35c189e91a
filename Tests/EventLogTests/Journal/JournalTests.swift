import DaybookTestKit
import EventModel
import Testing

@testable import EventLog

@Suite struct JournalTests {
    private let folder: TemporaryFolder
    private let stream = SampleEvents.stream("ana")

    init() throws { folder = try TemporaryFolder() }

    /// Frames of a page each, in files that hold sixteen: the journal goes round many times.
    @Test func goesRoundAndRound() async throws {
        let log = try EventLog.open(at: folder.path, configuration: small)
        for number in 0..<200 { try await log.append(number..<number + 1, to: stream) }
        for number in 200..<210 {
            try await log.append(number * 100..<number * 100 + 100, to: stream)
        }
        #expect(log.head == 1200)
        let events = try log.readStream(stream, from: 0, direction: .forward, limit: 2000)
        #expect(events.map(\.position.value) == Array(1...1200))
        #expect(try await log.verify().isGood)
        await log.close()
        let next = try EventLog.open(at: folder.path)
        #expect(next.head == 1200)
        await next.close()
    }

    @Test func takesAnAppendThatIsLargerThanTheJournal() async throws {
        let log = try EventLog.open(at: folder.path, configuration: small)
        try await log.append(0..<5, to: stream)
        try await log.append(5..<1005, to: stream, expected: .exact(4))
        // Everything before it is in the table, and so is itself.
        #expect(try log.storage.lastPosition() == 1005)
        try await log.append(1005..<1006, to: stream, expected: .exact(1004))
        try await log.append(1006..<3006, to: stream, expected: .exact(1005))
        try await log.append(3006..<3010, to: stream, expected: .exact(3005))
        #expect(try await log.verify().isGood)
        await log.close()
        let next = try EventLog.open(at: folder.path)
        #expect(next.head == 3010)
        await next.close()
    }

    @Test func marksALogOfFormat1WhenItIsOpenedForWriting() async throws {
        var log = try EventLog.open(at: folder.path)
        try await log.append(0..<10, to: stream)
        await log.close()
        for name in ["visible", "log/journal-0", "log/journal-1"] { try folder.remove(name) }
        try setFormat("1")
        let readOnly = EventLogConfiguration(mode: .readOnly)
        log = try EventLog.open(at: folder.path, configuration: readOnly)
        #expect(log.head == 10)
        #expect(try log.information().format == 1)
        await log.close()
        log = try EventLog.open(at: folder.path)
        #expect(try log.information().format == 2)
        try await log.append(10..<12, to: stream, expected: .exact(9))
        #expect(try await log.verify().isGood)
        await log.close()
        log = try EventLog.open(at: folder.path, configuration: readOnly)
        #expect(try log.information().format == 2)
        #expect(log.head == 12)
        await log.close()
    }

    @Test func takesWhatRoomThereIs() throws {
        let identity = LogIdentity.random()
        try Files.makeFolder(folder.file("log"))
        let journal = try Journal(folder: folder.path, identity: identity, fileBytes: 1)
        #expect(journal.frameBytesMax == Journal.fileBytesMin)
        #expect(journal.foldNeeded(for: Journal.fileBytesMin) == 0)
        try journal.write(try JournalFixture.group(1...2))
        #expect(journal.foldNeeded(for: Journal.fileBytesMin - 4096) == 0)
        try journal.write(try JournalFixture.group(3...102, textBytes: 300))
        try journal.write(try JournalFixture.group(103...202, textBytes: 300))
        #expect(journal.foldNeeded(for: Journal.fileBytesMin) == 102)
        try journal.emptyAndClose()
    }

    private var small: EventLogConfiguration {
        EventLogConfiguration(journalBytes: Journal.fileBytesMin)
    }

    private func setFormat(_ format: String) throws {
        let environment = try Environment(
            Environment.Options(
                folder: folder.file("log"),
                tables: [Table("events", keys: .integers), Table("meta")],
                mapBytes: 1 << 20,
                durability: .full,
                isWriter: true
            )
        )
        try environment.write { transaction throws(EventLogError) in
            try transaction.put(1, key: Array("format".utf8), value: Array(format.utf8))
        }
        environment.close()
    }
}

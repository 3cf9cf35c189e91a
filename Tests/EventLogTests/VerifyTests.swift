import DaybookTestKit
import EventModel
import Synchronization
import Testing

@testable import EventLog

@Suite struct VerifyTests {
    private let folder: TemporaryFolder
    private let stream = SampleEvents.stream("ana")

    init() throws { folder = try TemporaryFolder() }

    @Test func countsWhatItSees() async throws {
        let log = try EventLog.open(at: folder.path)
        for number in 0..<30 {
            try await log.append(
                number * 100..<number * 100 + 100,
                to: SampleEvents.stream("s\(number % 3)")
            )
        }
        let seen = Mutex<[UInt64]>([])
        let report = try await log.verify { progress in
            seen.withLock { $0.append(progress.position.value) }
        }
        #expect(report.isGood)
        #expect(report.eventCount == 3000)
        #expect(report.streamCount == 3)
        #expect(report.byteCount > 3000 * 100)
        #expect(seen.withLock { $0 } == [1024, 2048, 3000])
        await log.close()
    }

    @Test(arguments: [1, 2, 1500, 2999, 3000, 3001]) func beginsWhereItIsTold(first: UInt64)
        async throws
    {
        let log = try EventLog.open(at: folder.path)
        for number in 0..<30 {
            let stream = SampleEvents.stream("s\(number % 3)")
            try await log.append(number * 100..<number * 100 + 100, to: stream)
            if number == 20 { try await log.flushIndex() }
        }
        let report = try await log.verify(from: Position(first))
        #expect(report.isGood, "\(report.problems)")
        #expect(report.eventCount == 3001 - first)
        await log.close()
    }

    /// Each row replaces one stored event by a changed one whose checksum is right.
    @Test(
        arguments: [
            Forgery("its revision", position: 5) { $0.revision += 1 },
            Forgery("its revision", position: 10) { $0.revision = .max },
            Forgery("its revision in stream note/bor", position: 10) {
                $0.stream = SampleEvents.stream("bor")
            },
            Forgery("older than", position: 8) { $0.recordedAt = Timestamp(seconds: 1) },
            Forgery("its id", position: 3) { $0.id = SampleEvents.id(7) },
            Forgery("the checksum", position: 4, flipsBit: true) { _ in },
        ]
    )
    func findsWhatWasForged(_ forgery: Forgery) async throws {
        let log = try EventLog.open(at: folder.path)
        // The last event must stay as it is, or the index is seen to be of another log.
        try await log.append(0..<11, to: stream)
        try await log.flushIndex()
        await log.close()
        try forge(forgery)
        let reader = try EventLog.open(
            at: folder.path,
            configuration: EventLogConfiguration(mode: .readOnly, tailRecordsChecked: 1)
        )
        let report = try await reader.verify()
        #expect(!report.isGood)
        let texts = report.problems.map(\.description)
        #expect(texts.contains { $0.contains(forgery.wanted) }, "\(texts)")
        #expect(report.problems.contains { $0.position == Position(forgery.position) }, "\(texts)")
        await reader.close()
    }

    private func forge(_ forgery: Forgery) throws {
        let environment = try Environment(
            Environment.Options(
                folder: folder.file("log"),
                tables: [Table("events", keys: .integers)],
                mapBytes: 1 << 20,
                durability: .full,
                isWriter: true
            )
        )
        try environment.write { transaction throws(EventLogError) in
            var event = try transaction.reading.get(0, integer: forgery.position) {
                bytes throws(EventLogError) in
                try RecordCodec.decode(bytes, position: forgery.position, file: "test")
            }
            if event != nil { forgery.change(&event!) }
            var record = try RecordCodec.encode(event!, bytesMax: 1 << 20)
            if forgery.flipsBit { record[record.count - 1] ^= 1 }
            let key = withUnsafeBytes(of: forgery.position) { Array($0) }
            try transaction.put(0, key: key, value: record)
        }
        environment.close()
    }
}

/// A change of one stored event.
struct Forgery: Sendable, CustomStringConvertible {
    let wanted: String
    let position: UInt64
    let flipsBit: Bool
    let change: @Sendable (inout Event) -> Void

    init(
        _ wanted: String,
        position: UInt64,
        flipsBit: Bool = false,
        _ change: @escaping @Sendable (inout Event) -> Void
    ) {
        self.wanted = wanted
        self.position = position
        self.flipsBit = flipsBit
        self.change = change
    }

    var description: String { wanted }
}

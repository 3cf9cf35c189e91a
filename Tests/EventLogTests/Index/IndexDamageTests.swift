import DaybookTestKit
import EventModel
import Glibc
import Testing

@testable import EventLog

/// Whatever happens to the files of the index, the log answers as before once it is open again.
@Suite struct IndexDamageTests {
    private let folder: TemporaryFolder
    private let notices = Notices()

    init() throws { folder = try TemporaryFolder() }

    private var configuration: EventLogConfiguration {
        EventLogConfiguration(
            now: VariedEvents.clock(),
            notice: { [notices] notice in notices.add(notice) },
            indexBatchEventsMax: 32,
            indexMergeFactor: 3
        )
    }

    /// Some 240 events in a few segments, and a copy of the index.
    private func fill() async throws {
        var random = SplitMix(seed: 11)
        let log = try EventLog.open(at: folder.path, configuration: configuration)
        var number = 0
        for _ in 0..<48 {
            let writes = VariedEvents.writes(from: number, using: &random)
            number += writes.reduce(0) { $0 + $1.events.count }
            _ = try await log.append(writes)
        }
        try await log.flushIndex()
        await log.close()
        try folder.copy("index", to: "good")
    }

    private func names() throws -> [String] { try Files.names(in: folder.file("good")).sorted() }

    private func expectSameAnswers(_ what: String) async throws {
        var random = SplitMix(seed: 5)
        let log = try EventLog.open(at: folder.path, configuration: configuration)
        do {
            try VariedEvents.compare(log, questionCount: 12, using: &random)
            let report = try await log.verify()
            if !report.isGood {
                // Verification looks at bytes that no question needed; the next look is at new ones.
                _ = try log.index(through: log.head.value).repairDamaged()
                let again = try await log.verify()
                if !again.isGood { Issue.record("\(what): \(again.problems)") }
            }
            for event in try log.read(from: nil, direction: .backward, limit: 40, filter: .all) {
                var again = SampleEvents.proposed(0)
                again.id = event.id
                let write = StreamWrite(stream: event.stream, expected: .none, events: [again])
                let result = try await log.append([write])
                if !result.isRepeat { Issue.record("\(what): \(event.id) is not known") }
            }
        } catch {
            Issue.record("\(what): \(error)")
        }
        await log.close()
        try folder.copy("good", to: "index")
    }

    @Test func outlivesTheLossOfAnyFile() async throws {
        try await fill()
        for name in try names() {
            try folder.remove("index/" + name)
            try await expectSameAnswers("without \(name)")
            try folder.write([], to: "index/" + name)
            try await expectSameAnswers("with an empty \(name)")
        }
        #expect(notices.all.contains { $0.contains("made anew") })
    }

    @Test func outlivesAFlippedBitInAnyPart() async throws {
        try await fill()
        for name in try names() {
            let bytes = try folder.bytes(of: "good/" + name)
            // To open the log for every byte would take an hour; the test after this one looks at
            // all of them by other means.
            let step = name == "manifest" ? 29 : 8191
            for offset in stride(from: 0, to: bytes.count, by: step) {
                var damaged = bytes
                damaged[offset] ^= 1 << UInt8(offset % 8)
                try folder.write(damaged, to: "index/" + name)
                try await expectSameAnswers("bit \(offset % 8) of byte \(offset) of \(name)")
            }
            for count in [1, 4096, bytes.count / 2, bytes.count - 1] where count < bytes.count {
                try folder.write(Array(bytes.prefix(count)), to: "index/" + name)
                try await expectSameAnswers("the first \(count) bytes of \(name)")
            }
        }
    }

    /// Every byte of a segment, by what a reader of the file says; nothing is opened around it.
    @Test func seesEveryFlippedByte() async throws {
        try await fill()
        let seal = try IndexManifest.read(in: folder.file("good"))?.seal
        let entry = try IndexManifest.read(in: folder.file("good"))?.entries.last
        guard let seal, let entry else { return }
        let path = folder.file("good/" + entry.fileName)
        let byteCount = try Files.size(of: path)
        let descriptor = open(path, O_RDWR)
        defer { close(descriptor) }
        var unseen: [Int] = []
        // All bytes of the header, and of the rest so many that every block and field is met.
        for offset in Array(0..<256) + Array(stride(from: 256, to: byteCount, by: 5)) {
            var byte: UInt8 = 0
            pread(descriptor, &byte, 1, off_t(offset))
            var flipped = byte ^ 0x10
            pwrite(descriptor, &flipped, 1, off_t(offset))
            let error = failure {
                try SegmentFile(entry, in: folder.file("good"), seal: seal).checkAll()
            }
            if error?.code != .corrupt { unseen.append(offset) }
            pwrite(descriptor, &byte, 1, off_t(offset))
        }
        #expect(unseen.isEmpty)
        try SegmentFile(entry, in: folder.file("good"), seal: seal).checkAll()
    }

    @Test func tellsAReaderWhatIsWrong() async throws {
        try await fill()
        let manifest = try IndexManifest.read(in: folder.file("index"))
        let name = "index/" + (manifest?.entries.first?.fileName ?? "")
        var bytes = try folder.bytes(of: name)
        for offset in stride(from: 4096, to: bytes.count - 4096, by: 4096) { bytes[offset] ^= 1 }
        try folder.write(bytes, to: name)
        var configuration = configuration
        configuration.mode = .readOnly
        let reader = try EventLog.open(at: folder.path, configuration: configuration)
        let filter = EventFilter(types: ["NoteTaken"])
        let error = failure {
            try reader.read(from: nil, direction: .forward, limit: 9, filter: filter)
        }
        #expect(error?.code == .corrupt)
        #expect(error?.message.contains("open the log for writing") == true)
        #expect(error?.message.contains(name) == true, "\(error?.message ?? "")")
        let report = try await reader.verify()
        #expect(!report.isGood)
        await reader.close()
    }

    /// A crash after the segment has its name and before the manifest lists it.
    @Test func forgetsASegmentThatTheManifestDoesNotList() async throws {
        try await fill()
        var manifest = try IndexManifest.read(in: folder.file("index"))
        while manifest?.entries.isEmpty == false {
            manifest?.entries.removeLast()
            try manifest?.write(in: folder.file("index"))
            let text = try folder.bytes(of: "index/manifest")
            try await expectSameAnswers("\(manifest?.entries.count ?? 0) segments listed")
            try folder.write(text, to: "index/manifest")
        }
    }
}

import DaybookTestKit
import EventModel
import Testing

@testable import EventLog

@Suite struct SegmentTests {
    private let folder: TemporaryFolder
    private let small = SegmentOptions(eventsMax: 10)

    init() throws { folder = try TemporaryFolder("segments") }

    @Test func growsByWhatIsNew() async throws {
        let log = try EventLog.open(at: folder.file("a"))
        let segments = folder.file("s")
        try await log.append(0..<25, to: SampleEvents.stream("ana"))
        let first = try await log.writeSegments(to: segments, options: small)
        #expect([first.segmentCount, first.newCount] == [2, 2])
        #expect(first.last == 20 && first.head == 25)
        let again = try await log.writeSegments(to: segments, options: small)
        #expect([again.segmentCount, again.newCount] == [2, 0])
        try await log.append(25..<32, to: SampleEvents.stream("ana"))
        let before = try folder.bytes(of: "s/segment-\(twenty(1))-\(twenty(10)).zst")
        let more = try await log.writeSegments(to: segments, options: small)
        #expect([more.segmentCount, more.newCount] == [3, 1])
        var sealing = small
        sealing.sealsLast = true
        let sealed = try await log.writeSegments(to: segments, options: sealing)
        #expect(sealed.last == 32 && sealed.segmentCount == 4)
        #expect(try folder.bytes(of: "s/segment-\(twenty(1))-\(twenty(10)).zst") == before)
        let verified = try await EventLog.verifySegments(in: segments)
        #expect(verified.root == sealed.root)
        var tree = CompactRange()
        for (index, record) in try KeepSamples.records(of: log, through: 32).enumerated() {
            tree.append(
                record.withUnsafeBytes {
                    LeafRecord(position: Position(UInt64(index + 1)), record: $0).hash
                }
            )
        }
        #expect(tree.root == sealed.root)
        await log.close()
    }

    private func twenty(_ number: Int) -> String {
        String(repeating: "0", count: 20 - String(number).count) + String(number)
    }

    @Test func endsWithTheEventThatFillsIt() async throws {
        let log = try EventLog.open(at: folder.file("a"))
        try await KeepSamples.fill(log)
        let options = SegmentOptions(bytesMax: 100_000, sealsLast: true)
        let report = try await log.writeSegments(to: folder.file("s"), options: options)
        #expect(report.segmentCount == 2)
        let manifest = try #require(try SegmentManifest.read(in: folder.file("s")))
        let big = UInt64(40 + KeepSamples.awkward.count + 1)
        #expect(manifest.segments.map(\.last) == [big, log.head.value])
        _ = try await EventLog.verifySegments(in: folder.file("s"))
        await log.close()
    }

    @Test func refusesTheFolderOfAnotherLogAndOfAnotherHistory() async throws {
        let log = try EventLog.open(at: folder.file("a"))
        try await log.append(0..<10, to: SampleEvents.stream("ana"))
        _ = try await log.backUp(to: folder.file("early"))
        try await log.append(10..<30, to: SampleEvents.stream("ana"))
        _ = try await log.writeSegments(to: folder.file("s"), options: small)
        await log.close()
        let other = try EventLog.open(at: folder.file("b"))
        try await other.append(0..<30, to: SampleEvents.stream("ana"))
        let foreign = await asyncFailure { try await other.writeSegments(to: folder.file("s")) }
        #expect(foreign?.code == .invalid)
        #expect(foreign?.message.contains("segments of log") == true)
        await other.close()
        _ = try await EventLog.restore(folder.file("early"), to: folder.file("c"))
        let back = try EventLog.open(at: folder.file("c"))
        for count in [0, 30] {
            try await back.append(100..<100 + count, to: SampleEvents.stream("else"))
            let error = await asyncFailure { try await back.writeSegments(to: folder.file("s")) }
            #expect(error?.message.contains("an older copy") == true, "\(error?.message ?? "")")
        }
        await back.close()
    }

    /// Every byte of a small folder of segments is changed, and each file is cut before every byte.
    @Test func everyDamageIsNamed() async throws {
        let log = try EventLog.open(at: folder.file("a"))
        try await log.append(0..<2, to: SampleEvents.stream("ana"))
        let options = SegmentOptions(sealsLast: true)
        _ = try await log.writeSegments(to: folder.file("s"), options: options)
        await log.close()
        var missed: [String] = []
        for name in try Files.names(in: folder.file("s")) where name != "lock" {
            let bytes = try folder.bytes(of: "s/\(name)")
            for index in bytes.indices {
                for change in [UInt8(0x01), 0x20, 0xFF] {
                    var damaged = bytes
                    damaged[index] ^= change
                    try folder.write(damaged, to: "s/\(name)")
                    await note("\(name) \(index) ^ \(change)", &missed)
                }
                try folder.write(Array(bytes[..<index]), to: "s/\(name)")
                await note("\(name) cut at \(index)", &missed)
            }
            try folder.write(bytes, to: "s/\(name)")
        }
        #expect(missed.isEmpty, "\(missed.prefix(20))")
        _ = try await EventLog.verifySegments(in: folder.file("s"))
        try folder.remove("s/segment-\(twenty(1))-\(twenty(2)).zst")
        let missing = await asyncFailure { try await EventLog.verifySegments(in: folder.file("s")) }
        #expect(missing?.code == .missing)
    }

    private func note(_ what: String, _ missed: inout [String]) async {
        let error = await asyncFailure { try await EventLog.verifySegments(in: folder.file("s")) }
        let codes: [EventLogError.Code] = [.corrupt, .newerFormat]
        guard let error, codes.contains(error.code), error.message.contains(folder.file("s")) else {
            missed.append("\(what): \(error?.message ?? "taken")")
            return
        }
    }

    @Test func refusesANewerManifest() async throws {
        try Files.makeFolder(folder.file("s"))
        try folder.write(Array("daybook segments 2\nchecksum 0\n".utf8), to: "s/manifest")
        let error = await asyncFailure { try await EventLog.verifySegments(in: folder.file("s")) }
        #expect(error?.code == .newerFormat)
        #expect(error?.message.contains("use the version that wrote it") == true)
    }
}

import DaybookTestKit
import EventModel
import Testing

@testable import EventLog

@Suite struct ExchangeTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder("exchange") }

    @Test(arguments: ExportFormat.allCases)
    func comesBackByteForByte(format: ExportFormat) async throws {
        let log = try EventLog.open(at: folder.file("a"))
        try await KeepSamples.fill(log)
        let records = try KeepSamples.records(of: log, through: log.head)
        let file = folder.file("all")
        let report = try await log.export(to: file, options: ExportOptions(format: format))
        #expect(report.eventCount == UInt64(records.count))
        _ = try await log.export(to: folder.file("again"), options: ExportOptions(format: format))
        #expect(try folder.bytes(of: "all") == folder.bytes(of: "again"))
        await log.close()
        let trial = try await EventLog.importLog(from: file, to: folder.file("b"), isTrial: true)
        #expect(trial.eventCount == report.eventCount)
        #expect(!exists(folder.file("b")))
        let imported = try await EventLog.importLog(from: file, to: folder.file("b"))
        #expect(imported.identity == report.identity)
        #expect(try KeepSamples.records(in: folder.file("b")) == records)
        let next = try EventLog.open(at: folder.file("b"))
        let verified = try await next.verify()
        #expect(verified.isGood, "\(verified.problems)")
        await next.close()
    }

    @Test func linesAreCloudEvents() async throws {
        let log = try EventLog.open(at: folder.file("a"))
        try await KeepSamples.fill(log, largest: false)
        let file = folder.file("all.ndjson")
        _ = try await log.export(to: file, options: ExportOptions(format: .ndjson))
        await log.close()
        let text = String(decoding: try folder.bytes(of: "all.ndjson"), as: UTF8.self)
        let lines = text.split(separator: "\n")
        #expect(lines.count == 40 + KeepSamples.awkward.count + 20 + 2)
        for line in lines {
            let value = try JSON.parse(String(line))
            for name in ["id", "source", "type"] {
                #expect(value[name]?.stringValue?.isEmpty == false, "\(line)")
            }
            #expect(value["specversion"] == "1.0")
            // CloudEvents 1.0 section 3.1: lower-case letters and digits, except the two of the format.
            let names = (value.mapValue?.stringKeys ?? []).filter { $0 != "data_base64" }
            let isFit = names.allSatisfy { $0.allSatisfy { $0.isLowercase || $0.isNumber } }
            #expect(isFit, "\(names)")
        }
        #expect(text.contains("\"data_base64\":\"+"), "an infinity travels as CBOR in base64")
    }

    @Test(arguments: [ExportFormat.ndjson, .cbor])
    func partsAreNoLog(format: ExportFormat) async throws {
        let log = try EventLog.open(at: folder.file("a"))
        try await KeepSamples.fill(log, largest: false)
        var filtered = ExportOptions(format: format)
        filtered.filter.types = ["ThingSeen"]
        var stream = ExportOptions(format: format)
        stream.stream = SampleEvents.stream("bor-1")
        let from = ExportOptions(format: format, from: 5)
        let cases = [
            (filtered, UInt64(KeepSamples.awkward.count)), (stream, 5), (from, log.head.value - 4),
        ]
        for (index, (options, count)) in cases.enumerated() {
            let file = folder.file("part-\(index)")
            let report = try await log.export(to: file, options: options)
            #expect(report.eventCount == count)
            let error = await asyncFailure {
                try await EventLog.importLog(from: file, to: folder.file("b"))
            }
            #expect(error?.code == .invalid)
            #expect(error?.message.contains("it is no log") == true, "\(error?.message ?? "")")
        }
        let prefix = ExportOptions(format: format, through: 10)
        _ = try await log.export(to: folder.file("prefix"), options: prefix)
        await log.close()
        let report = try await EventLog.importLog(
            from: folder.file("prefix"),
            to: folder.file("b")
        )
        #expect(report.last == 10)
    }

    @Test func refusesWhatIsBeyondTheLog() async throws {
        let log = try EventLog.open(at: folder.file("a"))
        try await log.append(0..<3, to: SampleEvents.stream("ana"))
        for (from, through) in [(5, 5), (1, 9), (3, 1)] as [(Position, Position)] {
            let options = ExportOptions(format: .cbor, from: from, through: through)
            let error = await asyncFailure {
                try await log.export(to: folder.file("x"), options: options)
            }
            #expect(error?.code == .invalid)
        }
        let options = ExportOptions(format: .cbor)
        _ = try await log.export(to: folder.file("x"), options: options)
        let taken = await asyncFailure {
            try await log.export(to: folder.file("x"), options: options)
        }
        #expect(taken?.code == .exists)
        await log.close()
    }

    /// Every byte of a small file is changed, and the file is cut before every byte.
    @Test(arguments: ExportFormat.allCases)
    func everyDamageIsNamed(format: ExportFormat) async throws {
        let log = try EventLog.open(at: folder.file("a"))
        try await log.append(0..<3, to: SampleEvents.stream("ana"))
        _ = try await log.export(to: folder.file("x"), options: ExportOptions(format: format))
        await log.close()
        let bytes = try folder.bytes(of: "x")
        #expect(failure { try check(bytes, format) } == nil)
        var missed: [String] = []
        for index in bytes.indices {
            for change in [UInt8(0x01), 0x20, 0xFF] {
                var damaged = bytes
                damaged[index] ^= change
                note(failure { try check(damaged, format) }, "byte \(index) ^ \(change)", &missed)
            }
            let cut = Array(bytes[..<index])
            note(failure { try check(cut, format) }, "cut at \(index)", &missed)
        }
        note(failure { try check(bytes + [0x0A], format) }, "one more", &missed)
        #expect(missed.isEmpty, "\(missed.prefix(20)) of \(bytes.count)")
    }

    private func note(_ error: EventLogError?, _ what: String, _ missed: inout [String]) {
        // A changed head may look like that of a newer version or of a part.
        let codes: [EventLogError.Code] = [.corrupt, .newerFormat, .invalid]
        guard let error, codes.contains(error.code) else {
            missed.append("\(what): \(error?.message ?? "taken")")
            return
        }
        if !error.message.contains("x") { missed.append("\(what): \(error.message)") }
    }

    private func check(_ bytes: [UInt8], _ format: ExportFormat) throws {
        let plain = MemorySource(bytes)
        var reader: any RecordReader
        if format == .compressed {
            let source = try DecompressingSource(plain, name: "x")
            reader = try RecordFile.open(ByteReader(source, name: "x"))
        } else {
            reader = try RecordFile.open(ByteReader(plain, name: "x"))
        }
        _ = try RecordFile.check(&reader, name: "x", .verifying, { _ in }) { _ in }
    }

    @Test func badLinesAreNamed() async throws {
        let log = try EventLog.open(at: folder.file("a"))
        try await log.append(0..<5, to: SampleEvents.stream("ana"))
        _ = try await log.export(to: folder.file("x"), options: ExportOptions(format: .ndjson))
        await log.close()
        let text = String(decoding: try folder.bytes(of: "x"), as: UTF8.self)
        let lines = text.split(separator: "\n").map(String.init)
        let cases: [(String, [String], String)] = [
            ("changed", replaced(lines, 3, lines[3].replacing("fox", with: "cat")), "line 4"),
            ("no JSON", replaced(lines, 2, "{"), "line 3, column"),
            ("left out", lines.enumerated().filter { $0.offset != 2 }.map(\.element), "line 3"),
            ("twice", Array(lines[...2] + lines[2...]), "line 4"),
            ("swapped", [0, 2, 1, 3, 4, 5, 6].map { lines[$0] }, "line 2"),
            ("no end", Array(lines.dropLast()), "is cut at byte"),
            ("no begin", Array(lines.dropFirst()), "line 1"),
            ("foreign", replaced(lines, 1, "{\"type\":\"x\"}"), "line 2"),
        ]
        for (name, lines, place) in cases {
            try folder.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: "bad")
            let error = await asyncFailure {
                try await EventLog.importLog(from: folder.file("bad"), to: folder.file("b"))
            }
            #expect(error?.code == .corrupt, "\(name)")
            #expect(error?.message.contains(place) == true, "\(name): \(error?.message ?? "")")
            #expect(try Files.names(in: folder.path).allSatisfy { !$0.hasPrefix(".") })
        }
        #expect(!exists(folder.file("b")))
    }

    private func replaced(_ lines: [String], _ index: Int, _ line: String) -> [String] {
        var lines = lines
        lines[index] = line
        return lines
    }

    /// A forger can compute hashes and digests; what makes no log is refused nevertheless.
    @Test(arguments: [
        ("revision", [0, 1, 3], [1, 2, 3], [0, 0, 0]),
        ("follows event 2", [0, 1, 2], [1, 2, 4], [0, 0, 0]),
        ("older", [0, 1, 2], [1, 2, 3], [5, 4, 6]),
    ])
    func forgedSequencesAreRefused(
        wanted: String,
        revisions: [UInt64],
        positions: [UInt64],
        seconds: [Int64]
    ) throws {
        let sink = MemorySink()
        let header = RecordFileHeader(
            log: String(repeating: "0", count: 32),
            first: 1,
            last: 3,
            isWhole: true
        )
        var writer = try CBORSequenceWriter(sink, header: header)
        for index in 0..<3 {
            let event = Event(
                position: Position(positions[index]),
                id: SampleEvents.id(index),
                stream: SampleEvents.stream("ana"),
                revision: revisions[index],
                type: "NoteTaken",
                schema: 1,
                recordedAt: Timestamp(seconds: seconds[index]),
                entity: nil,
                actor: "system",
                correlation: SampleEvents.id(0),
                causation: nil,
                data: nil,
                metadata: [:]
            )
            let record = try EventRecord.encode(event)
            try record.withBytes { bytes throws(EventLogError) in
                try writer.add(positions[index], bytes)
            }
        }
        try writer.finish()
        let error = failure { try check(sink.bytes, .cbor) }
        #expect(error?.code == .corrupt)
        #expect(error?.message.contains(wanted) == true, "\(error?.message ?? "taken")")
    }

    @Test(arguments: [ExportFormat.ndjson, .cbor])
    func refusesANewerFormat(format: ExportFormat) async throws {
        let log = try EventLog.open(at: folder.file("a"))
        try await log.append(0..<3, to: SampleEvents.stream("ana"))
        _ = try await log.export(to: folder.file("x"), options: ExportOptions(format: format))
        await log.close()
        var bytes = try folder.bytes(of: "x")
        switch format {
        case .ndjson:
            let text = String(decoding: bytes, as: UTF8.self)
            bytes = Array(text.replacing("\"format\":1", with: "\"format\":2").utf8)
        case .cbor: bytes[17] = 2
        case .compressed: break
        }
        let error = failure { try check(bytes, format) }
        #expect(error?.code == .newerFormat, "\(error?.message ?? "taken")")
        #expect(error?.message.contains("use the version that wrote it") == true)
    }
}

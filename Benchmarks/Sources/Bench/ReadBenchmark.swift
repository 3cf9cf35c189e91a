import EventLog
import EventModel
import Foundation

/// Reading the whole log, warm, beside a cursor of LMDB in C over as many records.
struct ReadBenchmark {
    let folder: URL
    let rounds: Int
    let eventCount: Int

    func run() async throws -> [Measurement] {
        let path = folder.appendingPathComponent("read")
        let log = try EventLog.open(at: path.path)
        var sample = Sample(streams: AppendBenchmark.streamCount)
        for _ in 0..<max(eventCount / 1000, 1) { _ = try await log.append(sample.writes(1000)) }
        await log.close()
        let reader = try EventLog.open(
            at: path.path,
            configuration: EventLogConfiguration(mode: .readOnly)
        )
        try scan(reader)
        let scans = try (0..<rounds).map { _ in
            Double(eventCount) / (try Stopwatch.seconds { try scan(reader) })
        }
        let reads = try (0..<rounds).map { _ in
            Double(eventCount) / (try Stopwatch.seconds { try readAll(reader) })
        }
        await reader.close()
        try FileManager.default.removeItem(at: path)
        let raw = RawReference(folder: folder, recordBytes: Sample.recordBytes)
        let reference = try raw.scan(events: eventCount, rounds: rounds)
        let settings: ValueMap = [
            "events": .int(Int64(eventCount)), "rounds": .int(Int64(rounds)),
            "reference": "C LMDB cursor scan, warm",
        ]
        return [
            Measurement(
                name: "read.all",
                value: Stopwatch.median(scans),
                unit: "events/s",
                reference: reference,
                target: 0.25,
                settings: settings.merging(["decoded": "header and checksum; body on demand"])
            ),
            Measurement(
                name: "read.decoded",
                value: Stopwatch.median(reads),
                unit: "events/s",
                reference: reference,
                settings: settings.merging(["decoded": "whole events"])
            ),
        ]
    }

    private func scan(_ log: EventLog) throws {
        var count = 0
        var revisions: UInt64 = 0
        try log.scan(from: 1, through: log.head) { record in
            count += 1
            revisions &+= record.revision
            return true
        }
        try check(count)
        guard revisions > 0 else { throw BenchmarkError("no stream has two events") }
    }

    private func readAll(_ log: EventLog) throws {
        var next: Position = 1
        var count = 0
        while true {
            let events = try log.read(from: next, direction: .forward, limit: 1000, filter: .all)
            guard let last = events.last else { break }
            count += events.count
            next = last.position.advanced(by: 1)
        }
        try check(count)
    }

    private func check(_ count: Int) throws {
        guard count == eventCount else {
            throw BenchmarkError("read \(count) events of \(eventCount)")
        }
    }
}

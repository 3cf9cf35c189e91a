import EventLog
import EventModel
import Foundation
import Reference

/// Appending to the log and reading all of it, beside LMDB alone on the same disk.
struct LogBenchmark {
    let folder: URL
    let rounds: Int
    let batchCount: Int
    private let batchEvents = 1000

    func run() async throws -> [Measurement] {
        var appends: [Double] = []
        var reads: [Double] = []
        var rawAppends: [Double] = []
        var rawScans: [Double] = []
        let record = try EventRecord.encode(Sample.event(0))
        let eventCount = Double(batchCount * batchEvents)
        // The two take turns, so that a slow minute of the disk hits both.
        for round in 0..<rounds {
            let raw = try make("raw-\(round)")
            rawAppends.append(eventCount / (try check(appendRaw(raw, record))))
            var sum: UInt64 = 0
            rawScans.append(eventCount / (try check(reference_scan(raw.path, &sum))))
            try FileManager.default.removeItem(at: raw)
            let own = try make("log-\(round)")
            let (append, read) = try await appendAndRead(own)
            appends.append(eventCount / append)
            reads.append(eventCount / read)
            try FileManager.default.removeItem(at: own)
        }
        let settings: ValueMap = [
            "batches": .int(Int64(batchCount)), "events_per_batch": .int(Int64(batchEvents)),
            "record_bytes": .int(Int64(record.count)), "rounds": .int(Int64(rounds)),
            "folder": .string(folder.path),
        ]
        return [
            Measurement(
                name: "append.batch1000",
                value: Stopwatch.median(appends),
                unit: "events per second",
                reference: Stopwatch.median(rawAppends),
                settings: settings.merging(["reference": "C LMDB, MDB_APPEND, no index"])
            ),
            Measurement(
                name: "read.all",
                value: Stopwatch.median(reads),
                unit: "events per second",
                reference: Stopwatch.median(rawScans),
                settings: settings.merging(["reference": "C LMDB cursor scan"])
            ),
        ]
    }

    private func appendRaw(_ folder: URL, _ record: [UInt8]) -> Double {
        record.withUnsafeBytes { buffer in
            reference_append(
                folder.path,
                batchCount,
                batchEvents,
                buffer.baseAddress,
                buffer.count
            )
        }
    }

    private func appendAndRead(_ folder: URL) async throws -> (Double, Double) {
        let log = try EventLog.open(at: folder.path)
        var batches: [[StreamWrite]] = []
        for batch in 0..<batchCount { batches.append(writes(batch)) }
        let clock = ContinuousClock()
        let start = clock.now
        for batch in batches { _ = try await log.append(batch) }
        let appended = clock.now - start
        let read = try Stopwatch.seconds { try readAll(log) }
        await log.close()
        return (appended / .seconds(1), read)
    }

    /// A hundred streams get ten events each.
    private func writes(_ batch: Int) -> [StreamWrite] {
        (0..<100).map { stream in
            let first = batch * batchEvents + stream * 10
            return StreamWrite(
                stream: StreamName(category: "instance", "018f-\((batch * 100 + stream) % 1000)"),
                expected: .any,
                events: (first..<(first + 10)).map(Sample.proposal)
            )
        }
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
        guard count == batchCount * batchEvents else {
            throw BenchmarkError("read \(count) events of \(batchCount * batchEvents)")
        }
    }

    private func make(_ name: String) throws -> URL {
        let url = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        return url
    }

    private func check(_ seconds: Double) throws -> Double {
        guard seconds > 0 else { throw BenchmarkError("LMDB failed with code \(Int(seconds))") }
        return seconds
    }
}

/// Why a number could not be measured.
struct BenchmarkError: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}

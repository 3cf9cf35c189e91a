import EventLog
import EventModel
import Foundation
import LMDBReference

/// Appends and reads of the log: 300-byte events over 10,000 streams.
struct LogBenchmark {
    let runs: Int
    let eventCount: Int

    private let clock = ContinuousClock()

    func figures() async throws -> [Figure] {
        var appended: [Double] = []
        var rawAppended: [Double] = []
        var read: [Double] = []
        var rawRead: [Double] = []
        var single: [Double] = []
        var rawSingle: [Double] = []
        let singleCount = max(1, min(2000, eventCount / 20))
        for run in 0..<runs {
            let folder = NSTemporaryDirectory() + "daybook-bench-\(getpid())-\(run)"
            defer { try? FileManager.default.removeItem(atPath: folder) }
            for part in ["raw", "single"] {
                try FileManager.default.createDirectory(
                    atPath: "\(folder)/\(part)",
                    withIntermediateDirectories: true
                )
            }
            let bytes = try Self.storedBytes()
            let raw = lmdb_reference_append("\(folder)/raw", UInt64(eventCount), bytes, 1000)
            rawAppended.append(Double(eventCount) / raw)
            var records: UInt64 = 0
            let scan = lmdb_reference_scan("\(folder)/raw", &records)
            rawRead.append(Double(records) / scan)
            let one = lmdb_reference_append("\(folder)/single", UInt64(singleCount), bytes, 1)
            rawSingle.append(Double(singleCount) / one)
            let result = try await log(at: folder + "/log", singleCount: singleCount)
            appended.append(result.append)
            read.append(result.read)
            single.append(result.single)
        }
        let settings = "\(eventCount) events of about 300 bytes, 10,000 streams, median of \(runs)"
        return [
            Figure(
                name: "append.batch1000",
                value: median(appended),
                unit: "events/s",
                reference: median(rawAppended),
                settings: settings
            ),
            Figure(
                name: "append.single",
                value: median(single),
                unit: "events/s",
                reference: median(rawSingle),
                settings: "\(singleCount) events, one after the other, median of \(runs)"
            ),
            Figure(
                name: "read.all",
                value: median(read),
                unit: "events/s",
                reference: median(rawRead),
                settings: settings
            ),
        ]
    }

    private func log(
        at folder: String,
        singleCount: Int
    ) async throws -> (append: Double, read: Double, single: Double) {
        let log = try EventLog.open(at: folder, configuration: EventLogConfiguration(mode: .readWrite))
        let batches = Self.batches(count: eventCount, size: 1000, from: 0)
        var start = clock.now
        for batch in batches { _ = try await log.append(batch) }
        let appended = Self.seconds(clock.now - start)
        let singles = Self.batches(count: singleCount, size: 1, from: eventCount)
        start = clock.now
        for batch in singles { _ = try await log.append(batch) }
        let single = Self.seconds(clock.now - start)
        start = clock.now
        var next = Position(1)
        var seen = 0
        while true {
            let events = try log.read(from: next, direction: .forward, limit: 10_000, filter: .all)
            guard let last = events.last else { break }
            seen += events.count
            next = last.position.advanced(by: 1)
        }
        let read = Self.seconds(clock.now - start)
        await log.close()
        return (Double(eventCount) / appended, Double(seen) / read, Double(singleCount) / single)
    }

    /// Batches of appends, an event each to streams drawn by a generator with a fixed seed.
    private static func batches(count: Int, size: Int, from first: Int) -> [[StreamWrite]] {
        var state: UInt64 = 0x2545_F491_4F6C_DD1D
        let payload = String(repeating: "x", count: 120)
        return stride(from: 0, to: count, by: size).map { start in
            (start..<min(start + size, count)).map { number in
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                let stream = StreamName(category: "bench", String(state % 10_000))
                let event = ProposedEvent(
                    id: Identifier(high: UInt64(first + number) << 16 | 0x7000, low: state | 1 << 63),
                    type: "BenchmarkMeasured",
                    actor: "system",
                    data: ["number": .int(Int64(number)), "text": .string(payload)]
                )
                return StreamWrite(stream: stream, expected: .any, events: [event])
            }
        }
    }

    /// How many bytes one of these events takes, so that the reference writes as many.
    private static func storedBytes() throws -> UInt64 {
        let write = batches(count: 1, size: 1, from: 0)[0][0]
        let proposed = write.events[0]
        let event = Event(
            position: 1,
            id: proposed.id,
            stream: write.stream,
            revision: 0,
            type: proposed.type,
            schema: 1,
            recordedAt: Timestamp(seconds: 1_800_000_000),
            entity: nil,
            actor: proposed.actor,
            correlation: proposed.id,
            causation: nil,
            data: proposed.data,
            metadata: ValueMap()
        )
        return UInt64(try EventRecord.encode(event).count)
    }

    private static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }
}

import EventLog
import EventModel
import Foundation

/// Durable appends beside LMDB in C on the same disk, turn by turn.
struct AppendBenchmark {
    static let streamCount = 10_000
    private static let clientCount = 64

    let folder: URL
    let rounds: Int
    /// How many commits of a thousand events a round has.
    let batches: Int

    /// One task, a thousand events a commit; the rate counts the time until everything is indexed.
    func batch1000() async throws -> [Measurement] {
        try await compare(
            "append.batch1000",
            target: 0.6,
            commits: batches,
            eventsPerCommit: 1000
        ) { log, sample in
            for _ in 0..<batches { _ = try await log.append(sample.writes(1000)) }
            await log.close()
        }
    }

    /// As before, over five million events in one go.
    func steady() async throws -> [Measurement] {
        let commits = 5000
        var measurements = try await AppendBenchmark(folder: folder, rounds: 1, batches: commits)
            .batch1000()
        measurements[0].name = "append.steady5m"
        measurements[1].name = "append.steady5m.file"
        return measurements
    }

    /// One task, one event a commit.
    func single() async throws -> [Measurement] {
        let commits = batches * 5
        return try await compare(
            "append.single",
            target: 0.9,
            commits: commits,
            eventsPerCommit: 1
        ) { log, sample in
            for _ in 0..<commits { _ = try await log.append(sample.writes(1)) }
        }
    }

    /// 64 tasks, each appending single events.
    func clients64() async throws -> [Measurement] {
        let clients = AppendBenchmark.clientCount
        let perClient = batches * 10
        var latencies: [Double] = []
        let name = "append.clients64"
        var measurements = try await compare(
            name,
            target: 0.8,
            commits: perClient,
            eventsPerCommit: clients
        ) { log, _ in
            latencies = try await withThrowingTaskGroup(of: [Double].self) { group in
                for client in 0..<clients {
                    group.addTask { try await Self.appendAlone(log, client, count: perClient) }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
        }
        guard let rate = measurements[0].reference else { return measurements }
        let commit = Double(clients) / rate * 1000
        measurements.append(
            Measurement(
                name: name + ".p99",
                value: Stopwatch.percentile(latencies, 0.99) * 1000,
                unit: "ms",
                aim: .less,
                reference: commit,
                target: 4,
                settings: ["reference": "one LMDB commit of 64 events, in the same run"]
            )
        )
        return measurements
    }

    private static func appendAlone(
        _ log: EventLog,
        _ client: Int,
        count: Int
    ) async throws -> [Double] {
        // A seed of its own, and streams of its own: nobody waits for another's revision.
        var sample = Sample(streams: streamCount / clientCount, seed: UInt64(client) * 2 + 3)
        let streams = sample.streams.map { stream in
            StreamName(category: "instance", "\(client)-\(stream.identifier)")
        }
        let clock = ContinuousClock()
        var latencies: [Double] = []
        latencies.reserveCapacity(count)
        for _ in 0..<count {
            let (stream, event) = sample.next(at: SystemTime.now())
            let write = StreamWrite(stream: streams[stream], expected: .any, events: [event])
            let start = clock.now
            _ = try await log.append([write])
            latencies.append((clock.now - start) / .seconds(1))
        }
        return latencies
    }

    private func compare(
        _ name: String,
        target: Double,
        commits: Int,
        eventsPerCommit: Int,
        _ work: (EventLog, inout Sample) async throws -> Void
    ) async throws -> [Measurement] {
        let raw = RawReference(folder: folder, recordBytes: Sample.recordBytes)
        var own: [Double] = []
        var lmdb: [Double] = []
        var file: [Double] = []
        // In turns, so that a slow minute of the disk hits all of them.
        for round in 0..<rounds {
            lmdb.append(try raw.append(batches: commits, count: eventsPerCommit))
            file.append(try raw.write(batches: commits, count: eventsPerCommit))
            let path = folder.appendingPathComponent("\(name)-\(round)")
            var sample = Sample(streams: AppendBenchmark.streamCount, seed: UInt64(round) + 11)
            let log = try EventLog.open(at: path.path)
            let seconds = try await Stopwatch.seconds { try await work(log, &sample) }
            own.append(Double(commits * eventsPerCommit) / seconds)
            await log.close()
            try FileManager.default.removeItem(at: path)
        }
        let recordBytes = try Sample.averageRecordBytes()
        let settings: ValueMap = [
            "commits": .int(Int64(commits)), "events_per_commit": .int(Int64(eventsPerCommit)),
            "rounds": .int(Int64(rounds)), "streams": .int(Int64(AppendBenchmark.streamCount)),
            "record_bytes": .int(Int64(recordBytes)),
        ]
        func measurement(_ suffix: String, _ reference: [Double], _ what: String) -> Measurement {
            Measurement(
                name: name + suffix,
                value: Stopwatch.median(own),
                unit: "events/s",
                reference: Stopwatch.median(reference),
                target: suffix.isEmpty ? target : nil,
                settings: settings.merging(["reference": .string(what)])
            )
        }
        return [
            measurement("", lmdb, "C LMDB, MDB_APPEND, no index, synced commits"),
            measurement(".file", file, "write and fdatasync of a plain file"),
        ]
    }
}

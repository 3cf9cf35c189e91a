import EventLog
import EventModel
import Foundation

/// Durable appends beside LMDB in C on the same disk, turn by turn.
struct AppendBenchmark {
    static let streamCount = 10_000
    static let clientCount = 64

    let folder: URL
    let rounds: Int
    /// How many commits of a thousand events a round has.
    let batches: Int

    /// Two tasks, a thousand events an append, so that one can encode while the other's is written;
    /// the rate counts the time until everything is indexed.
    func batch1000() async throws -> [Measurement] {
        try await load("append.batch1000", tasks: 2, target: 0.6)
    }

    /// The same with one task, which waits for each append before it prepares the next.
    func batchAlone() async throws -> [Measurement] {
        try await load("append.batch1000_alone", tasks: 1, target: nil)
    }

    /// As the first, over five million events in one go.
    func steady() async throws -> [Measurement] {
        try await AppendBenchmark(folder: folder, rounds: 1, batches: 5000)
            .load("append.steady5m", tasks: 2, target: 0.6)
    }

    private func load(
        _ name: String,
        tasks: Int,
        target: Double?
    ) async throws -> [Measurement] {
        let loads = (0..<tasks).map { Load(seed: UInt64($0) * 2 + 11) }
        return try await compare(
            name,
            target: target,
            commits: batches,
            eventsPerCommit: 1000,
            tasks: tasks
        ) { log, _ in
            let appends = batches / tasks
            try await withThrowingTaskGroup(of: Void.self) { group in
                for load in loads {
                    group.addTask {
                        var load = load
                        for _ in 0..<appends { _ = try await log.append(load.next()) }
                    }
                }
                try await group.waitForAll()
            }
            await log.close()
        }
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
        let ready = (0..<clients).map { Client($0) }
        var measurements = try await compare(
            name,
            target: 0.8,
            commits: perClient,
            eventsPerCommit: clients,
            tasks: clients
        ) { log, _ in
            latencies = try await withThrowingTaskGroup(of: [Double].self) { group in
                for client in ready {
                    group.addTask { try await client.append(to: log, count: perClient) }
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

    private func compare(
        _ name: String,
        target: Double?,
        commits: Int,
        eventsPerCommit: Int,
        tasks: Int = 1,
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
            "rounds": .int(Int64(rounds)), "tasks": .int(Int64(tasks)),
            "streams": .int(Int64(AppendBenchmark.streamCount)),
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

/// Appends of a thousand events that are prepared beforehand, in turn, with new ids each time.
private struct Load {
    private static let preparedCount = 32

    private var sample: Sample
    private var prepared: [[StreamWrite]]
    private var turn = 0

    init(seed: UInt64) {
        sample = Sample(streams: AppendBenchmark.streamCount, seed: seed)
        prepared = []
        for _ in 0..<Load.preparedCount { prepared.append(sample.writes(1000)) }
    }

    mutating func next() -> [StreamWrite] {
        turn = (turn + 1) % Load.preparedCount
        sample.renew(&prepared[turn])
        return prepared[turn]
    }
}

/// A task that appends single events to streams of its own, so that nobody waits for another's
/// revision.
private struct Client {
    private let sample: Sample
    private let streams: [StreamName]

    init(_ number: Int) {
        sample = Sample(
            streams: AppendBenchmark.streamCount / AppendBenchmark.clientCount,
            payloads: 256,
            seed: UInt64(number) * 2 + 3
        )
        streams = sample.streams.map { stream in
            StreamName(category: "instance", "\(number)-\(stream.identifier)")
        }
    }

    /// - Returns: how many seconds each append took.
    func append(to log: EventLog, count: Int) async throws -> [Double] {
        var sample = sample
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
}

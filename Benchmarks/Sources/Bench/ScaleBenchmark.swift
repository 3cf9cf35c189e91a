import EventLog
import EventModel
import Foundation

/// A log of millions of events over a million streams: what an append costs at its end, what the
/// process holds in memory, how long the log takes to open after SIGKILL, how fast a stream is read.
///
/// The log is written by a child process, which is killed as soon as its last append is answered.
struct ScaleBenchmark {
    static let streamCount = 1_000_000
    /// Streams of exactly ``longStreamEvents`` events among all the others.
    static let longStreams = 1000
    static let longStreamEvents = 100
    private static let batchEvents = 1000

    let folder: URL
    let eventCount: Int

    func run() async throws -> [Measurement] {
        let path = folder.appendingPathComponent("scale")
        let report = try writeAndKill(path)
        var measurements = try report.measurements(eventCount: eventCount)
        let clock = ContinuousClock()
        let start = clock.now
        let log = try EventLog.open(at: path.path)
        let opened = (clock.now - start) / .seconds(1)
        guard log.head.value == UInt64(eventCount) else {
            throw BenchmarkError("\(log.head) events of \(eventCount) after SIGKILL")
        }
        measurements.append(
            Measurement(
                name: "open.killed",
                value: opened,
                unit: "s",
                aim: .less,
                reference: 1,
                target: 1,
                settings: ["events": .int(Int64(eventCount)), "cache": "warm"]
            )
        )
        measurements.append(try readStreams(log))
        measurements += try QueryBenchmark(log: log).run()
        await log.close()
        try FileManager.default.removeItem(at: path)
        return measurements
    }

    private func readStreams(_ log: EventLog) throws -> Measurement {
        var latencies: [Double] = []
        for number in 0..<ScaleBenchmark.longStreams {
            let stream = ScaleBenchmark.longStream(number)
            latencies.append(
                try Stopwatch.seconds {
                    let events = try log.readStream(
                        stream,
                        from: nil,
                        direction: .forward,
                        limit: 1000
                    )
                    guard events.count == ScaleBenchmark.longStreamEvents else {
                        throw BenchmarkError("\(stream) has \(events.count) events")
                    }
                }
            )
        }
        return Measurement(
            name: "read.stream100.p99",
            value: Stopwatch.percentile(latencies, 0.99) * 1000,
            unit: "ms",
            aim: .less,
            reference: 1,
            target: 1,
            settings: [
                "streams": .int(Int64(ScaleBenchmark.streamCount)),
                "events": .int(Int64(eventCount)), "reads": .int(Int64(latencies.count)),
            ]
        )
    }

    private static func longStream(_ number: Int) -> StreamName {
        StreamName(category: "instance", "long-\(number)")
    }

    // MARK: The child

    /// What the child saw while it appended.
    private struct Report: Codable {
        /// Seconds of each append of a thousand events.
        var latencies: [Double] = []
        /// Resident and anonymous bytes, at ten moments.
        var resident: [Double] = []
        var anonymous: [Double] = []

        func measurements(eventCount: Int) throws -> [Measurement] {
            let window = max(latencies.count / 50, 10)
            let early = latencies[min(100, latencies.count - 1)...].prefix(window)
            let late = latencies.suffix(window)
            let settings: ValueMap = ["events": .int(Int64(eventCount))]
            return [
                Measurement(
                    name: "append.growth",
                    value: Stopwatch.median(Array(late)) * 1000,
                    unit: "ms/1000",
                    aim: .less,
                    reference: Stopwatch.median(Array(early)) * 1000,
                    target: 1.2,
                    settings: settings.merging(["reference": "the same after 100,000 events"])
                ),
                Measurement(
                    name: "append.memory",
                    value: (resident.max() ?? .nan) / 1_048_576,
                    unit: "MiB",
                    aim: .less,
                    reference: 512,
                    target: 1,
                    settings: settings.merging([
                        "anonymous_max": .double((anonymous.max() ?? .nan) / 1_048_576),
                        "resident_at_each_tenth": .list(
                            resident.map { .int(Int64($0 / 1_048_576)) }
                        ),
                    ])
                ),
            ]
        }
    }

    private func writeAndKill(_ path: URL) throws -> Report {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
        process.arguments = ["--child", path.path, "--events", String(eventCount)]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        var text = Data()
        // One line, written when the last append was answered.
        while !text.contains(UInt8(ascii: "\n")) {
            let part = pipe.fileHandleForReading.availableData
            guard !part.isEmpty else { break }
            text += part
        }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        return try JSONDecoder().decode(Report.self, from: text)
    }

    /// Appends, reports, and waits to be killed.
    static func child(_ path: String, eventCount: Int) async throws {
        let log = try EventLog.open(at: path)
        var sample = Sample(streams: streamCount)
        var report = Report()
        let clock = ContinuousClock()
        let batches = eventCount / batchEvents
        // The long streams get an event each, every so many batches.
        let longEvery = max(batches / longStreamEvents, 1)
        for batch in 0..<batches {
            var writes: [StreamWrite] = []
            if batch % longEvery == 0, batch / longEvery < longStreamEvents {
                writes = (0..<longStreams).map { number in
                    let event = sample.next(at: SystemTime.now(), stream: 0)
                    return StreamWrite(
                        stream: longStream(number),
                        expected: .any,
                        events: [event]
                    )
                }
            } else {
                writes = sample.writes(batchEvents)
            }
            let start = clock.now
            _ = try await log.append(writes)
            report.latencies.append((clock.now - start) / .seconds(1))
            if (batch + 1) % max(batches / 10, 1) == 0 {
                let memory = try Memory.now()
                report.resident.append(memory.resident)
                report.anonymous.append(memory.anonymous)
            }
        }
        FileHandle.standardOutput.write(try JSONEncoder().encode(report) + Data("\n".utf8))
        try await Task.sleep(for: .seconds(60))
    }
}

import EventLog
import EventModel
import Foundation
import Logging
import Records
import Runtime
import WorkflowEngine

/// Instances that sleep in timers: what an engine holds in memory with all of them, how long it takes
/// to be ready again, and how late it fires those that are due.
///
/// The instances are written and folded first; a child process then opens them as an engine does
/// after a restart, so that nothing of the preparation counts.
struct TimerBenchmark {
    /// How many are due while the child runs, and how far apart.
    private static let dueCount = 2_000
    private static let dueEvery: Duration = .milliseconds(5)
    /// From the end of the preparation to the first of them.
    private static let lead: Duration = .seconds(10)
    private static let batchInstances = 1000
    private static let workflow = """
        workflow: asleep
        triggers: [manual]
        steps:
          - name: sleep
            wait: {until: "{{ timestamp(input.at) }}"}
        """

    let folder: URL
    let instanceCount: Int

    private struct Report: Codable {
        var restartSeconds = 0.0
        var residentBytes = 0.0
        var anonymousBytes = 0.0
        var waiting = 0
        var lateness: [Double] = []
    }

    func run() async throws -> [Measurement] {
        let path = folder.appendingPathComponent("timers")
        try await prepare(path)
        let report = try restart(path)
        try FileManager.default.removeItem(at: path)
        guard report.lateness.count == TimerBenchmark.dueCount else {
            throw BenchmarkError("\(report.lateness.count) of \(TimerBenchmark.dueCount) fired")
        }
        let settings: ValueMap = [
            "instances": .int(Int64(instanceCount)), "waiting": .int(Int64(report.waiting)),
        ]
        func measurement(_ name: String, _ value: Double, _ unit: String, _ limit: Double)
            -> Measurement
        {
            Measurement(
                name: name,
                value: value,
                unit: unit,
                aim: .less,
                reference: limit,
                target: 1,
                settings: settings
            )
        }
        let late = report.lateness
        return [
            measurement("timers.asleep1m.restart", report.restartSeconds, "s", 2),
            measurement("timers.asleep1m.memory", report.residentBytes / 1_048_576, "MiB", 512),
            Measurement(
                name: "timers.asleep1m.anonymous",
                value: report.anonymousBytes / 1_048_576,
                unit: "MiB",
                aim: .less,
                settings: settings
            ),
            measurement("timers.asleep1m.late.max", (late.max() ?? .nan) * 1000, "ms", 100),
            measurement(
                "timers.asleep1m.late.p99",
                Stopwatch.percentile(late, 0.99) * 1000,
                "ms",
                100
            ),
        ]
    }

    private static func views(_ path: URL) throws -> TableStore {
        try EngineViews.open(at: path.appendingPathComponent("views").path)
    }

    private static func engine(
        _ path: URL,
        _ log: EventLog,
        _ views: TableStore
    ) throws -> Engine {
        try Engine(
            store: log,
            views: views,
            actions: ActionCatalogue([]),
            databases: DatabaseCatalogue(databases: []),
            projections: [],
            sinks: [],
            source: nil,
            secrets: try FileSecretStore(
                folder: path.appendingPathComponent("secrets").path,
                key: Array(repeating: 7, count: 32)
            ),
            time: Runtime.SystemTime(),
            configuration: EngineConfiguration(),
            logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    /// Sleepers that are due in a day, folded into the views, and then those that are due soon.
    private func prepare(_ path: URL) async throws {
        let log = try EventLog.open(at: path.path)
        let views = try Self.views(path)
        let engine = try Self.engine(path, log, views)
        _ = try await engine.deploy(text: Self.workflow, file: "asleep.yaml", actor: "user:bench")
        let definition = try WorkflowDefinition.parse(
            Self.workflow,
            file: "asleep.yaml",
            actions: nil,
            functions: .workflows
        )
        let tomorrow = SystemTime.now() + .seconds(86_400)
        for first in stride(from: 0, to: instanceCount, by: Self.batchInstances) {
            let last = min(first + Self.batchInstances, instanceCount)
            _ = try await log.append(
                try (first..<last).map { try write(definition, $0, tomorrow) }
            )
        }
        let task = Task { try await engine.run() }
        await engine.waitUntilIdle()
        let start = SystemTime.now() + Self.lead
        _ = try await log.append(
            try (0..<Self.dueCount).map { number in
                try write(definition, instanceCount + number, start + Self.dueEvery * number)
            }
        )
        await engine.stop()
        try await task.value
        await views.close()
        await log.close()
    }

    private func write(
        _ definition: WorkflowDefinition,
        _ number: Int,
        _ due: Timestamp
    ) throws -> StreamWrite {
        let now = SystemTime.now()
        let instance = Identifier.build(
            unixMilliseconds: now.milliseconds,
            randA: 0,
            randB: UInt64(number)
        )
        let start = InstanceCommand.Start(
            workflow: definition.name,
            definition: definition.hash,
            input: ["at": .string(due.rfc3339)],
            entity: nil,
            trigger: ["kind": "manual"]
        )
        let events = try InstanceDecider.decide(
            .start(start),
            state: .initial,
            instance: instance,
            definition: definition,
            at: now
        )
        return StreamWrite(
            stream: StreamName(category: "instance", instance.text),
            expected: .none,
            events: events.enumerated().map { index, event in
                ProposedEvent(
                    id: .derived(from: instance, "start#\(index)"),
                    type: event.type,
                    actor: "system",
                    correlation: .derived(from: instance, "start#0"),
                    data: event.data
                )
            }
        )
    }

    private func restart(_ path: URL) throws -> Report {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
        process.arguments = ["--timers-child", path.path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let text = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return try JSONDecoder().decode(Report.self, from: text)
    }

    /// Opens what was prepared, waits until all that is due has fired, and reports.
    static func child(_ path: String) async throws {
        var report = Report()
        let clock = ContinuousClock()
        let begin = clock.now
        let folder = URL(fileURLWithPath: path)
        let log = try EventLog.open(at: path)
        let views = try views(folder)
        let engine = try engine(folder, log, views)
        let before = log.head
        let task = Task { try await engine.run() }
        while !engine.health.isReady { try await Task.sleep(for: .milliseconds(5)) }
        report.restartSeconds = (clock.now - begin) / .seconds(1)
        report.waiting = engine.health.waitingTimerCount
        let end = clock.now + .seconds(60)
        var fired: [Event] = []
        while fired.count < dueCount, clock.now < end {
            try await Task.sleep(for: .milliseconds(500))
            fired = try log.read(
                from: before.advanced(by: 1),
                direction: .forward,
                limit: dueCount,
                filter: EventFilter(types: ["TimerFired"])
            )
        }
        let memory = try Memory.now()
        report.residentBytes = memory.resident
        report.anonymousBytes = memory.anonymous
        for event in fired {
            let events = try log.readStream(
                event.stream,
                from: nil,
                direction: .forward,
                limit: 10
            )
            guard let due = events.compactMap({ $0.data["due"]?.timestampValue }).first else {
                continue
            }
            report.lateness.append((event.recordedAt - due) / .seconds(1))
        }
        await engine.stop()
        try await task.value
        await views.close()
        await log.close()
        FileHandle.standardOutput.write(try JSONEncoder().encode(report))
    }
}

import DaybookTestKit
import EventLog
import EventModel
import Logging
import Runtime
import Testing
import WorkflowEngine

/// The engine over the log that it runs on in earnest, with the machine's clock.
@Suite struct RealLogTests {
    private static let text = """
        workflow: relay
        title: Relay
        description: Three calls, one after the other.
        entity: the_7_space
        triggers: [manual]
        steps:
          - name: first
            action: test.add
            with: {number: "{{ input.number }}"}
          - name: second
            action: test.add
            with: {number: "{{ steps.first }}"}
          - name: third
            action: test.add
            with: {number: "{{ steps.second }}"}
        output: {sum: "{{ steps.third }}"}
        """

    private func engine(_ log: EventLog, _ views: TableStore) throws -> Engine {
        let add = ScriptedAction(
            "test.add",
            inputs: [ActionField("number", .integer, required: true, "a number")]
        ) { request, services throws(ActionFailure) in
            // Actions append beside the instance, once for each key.
            let number = request.input["number"]?.intValue ?? 0
            let event = ProposedEvent(
                id: .derived(from: request.instance, request.idempotencyKey),
                type: "NumberAdded",
                actor: "system",
                data: ["number": .int(number)]
            )
            let stream = StreamName(category: "number", request.instance.text)
            try await services.append([
                ActionWrite(stream: stream, expectedCount: nil, events: [event])
            ])
            return .int(number + 1)
        }
        return try Engine(
            store: log,
            views: views,
            actions: ActionCatalogue([add]),
            databases: .sample,
            projections: [],
            sinks: [],
            source: nil,
            secrets: InMemorySecrets(),
            time: SystemTime(),
            configuration: EngineConfiguration(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    @Test func runsManyInstancesAndGoesOnAfterAnAbruptEnd() async throws {
        let folder = try TemporaryFolder()
        var instances: [EventID] = []
        for life in 0..<2 {
            let log = try EventLog.open(at: folder.file("log"))
            let views = try EngineViews.open(at: folder.file("views"))
            let engine = try engine(log, views)
            let run = Task { try await engine.run() }
            _ = try await engine.deploy(text: Self.text, file: "r.yaml", actor: "user:ana")
            for number in 0..<50 {
                let instance = try await engine.start(
                    workflow: "relay",
                    input: ["number": .int(Int64(number))],
                    actor: "user:ana",
                    idempotencyKey: "\(number)"
                )
                if life == 0 { instances.append(instance) }
            }
            // The first engine is dropped in the middle of its work, the second one may finish it.
            if life == 0 {
                run.cancel()
                _ = await run.result
            } else {
                await engine.waitUntilIdle()
                await engine.stop()
                try await run.value
                try check(log, views, instances)
            }
            await views.close()
            await log.close()
        }
    }

    private func check(
        _ log: EventLog,
        _ views: TableStore,
        _ instances: [EventID]
    ) throws {
        let directory = InstanceDirectory(views: views)
        var wrong: [String] = []
        for (number, instance) in instances.enumerated() {
            let state = try directory.entry(instance)?.state
            if state?.output["sum"] != .int(Int64(number + 3)) { wrong.append("\(number)") }
            let stream = StreamName(category: "number", instance.text)
            if try log.eventCount(of: stream) != 3 { wrong.append("effects of \(number)") }
        }
        #expect(wrong == [])
        #expect(try directory.count == 50)
        let report = try Replay.verify(store: log, views: views)
        #expect(report.isClean)
        #expect(report.instanceCount == 50)
    }
}

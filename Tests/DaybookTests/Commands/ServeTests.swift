import DaybookTestKit
import EventModel
import Foundation
import HTTPClient
import Testing

@testable import daybook

@Suite struct ServeTests {
    @Test func drainsAtSIGTERMAndGoesOn() async throws {
        let program = try await Program.withGreeting()
        var engine = try await RunningEngine.start(program)
        let attributes = try FileManager.default.attributesOfItem(
            atPath: program.folder.file("data/engine.json")
        )
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let run = try await program.run(
            "workflow",
            "run",
            "greeting",
            "--input",
            #"{"name":"Ana"}"#
        )
        #expect(run.status == 0, "\(run.errors)")
        let instance = run.output.trimmingCharacters(in: .whitespacesAndNewlines)
        let shown = try await program.run("instance", "show", instance, "--json")
        #expect(shown.json?[path: "output", "text"] == "Hello Ana")
        let stopped = try await engine.stop()
        #expect(stopped.status == 0)
        #expect(stopped.errors.contains("draining"))
        #expect(!stopped.errors.contains("ERROR"), "\(stopped.errors)")
        let endpoint = program.folder.file("data/engine.json")
        #expect(!FileManager.default.fileExists(atPath: endpoint))

        engine = try await RunningEngine.start(program)
        let list = try await program.run("instance", "list", "--json")
        #expect(list.json?.listValue?.map { $0["instance"] } == [.string(instance)])
        let replayed = try await program.run("replay", "--all")
        #expect(replayed.output.hasPrefix("1 instances"))
        _ = try await engine.stop()
    }

    @Test func commandsWorkOnARunningEngine() async throws {
        let program = try await Program.withGreeting()
        let engine = try await RunningEngine.start(program)
        let bad = try await program.run("workflow", "run", "greeting")
        #expect(bad.status == 65)
        #expect(bad.errors.contains("'name'"))
        let unknown = try await program.run("workflow", "run", "greating")
        #expect(unknown.status == 1)
        #expect(unknown.errors.contains("did you mean 'greeting'?"))
        try program.write("workflow: x\nstep: []\n", to: "bad.yaml")
        let deployed = try await program.run("workflow", "deploy", "bad.yaml")
        #expect(deployed.status == 65)
        #expect(deployed.errors.hasPrefix("bad.yaml:"))
        let rebuilt = try await program.run("projection", "rebuild", "tasks")
        #expect(rebuilt.output == "tasks is rebuilt: 0 added, 0 changed, 0 removed\n")
        let sync = try await program.run("sync")
        #expect(sync.status == 1)
        #expect(sync.errors.contains("no record source is configured"))
        let stranger = "0123456789abcdef0123456789abcdef"
        let cancelled = try await program.run("instance", "cancel", stranger, "--reason", "x")
        #expect(cancelled.status == 1)
        let doctor = try await program.run("doctor")
        #expect(doctor.output.contains("an engine runs on it: process \(engine.process.processID)"))
        #expect(try await engine.stop().status == 0)
    }

    @Test func oneEngineWritesAFolder() async throws {
        let program = try await Program.withGreeting()
        let engine = try await RunningEngine.start(program)
        let second = try await program.run("serve")
        #expect(second.status == 74)
        #expect(second.errors.contains("process \(engine.process.processID)"))
        // The loser must not take the winner's address away.
        #expect(EngineEndpoint.find(program.folder.file("data")) == engine.endpoint)
        _ = try await engine.stop()
    }

    @Test func portThatIsTakenEndsTheProgram() async throws {
        let program = try await Program.withGreeting()
        let engine = try await RunningEngine.start(program)
        let port = engine.endpoint.url.split(separator: ":").last ?? ""
        try program.write("data: other\nhttp: {port: \(port)}\n", to: "other.yaml")
        let second = try await program.run("serve", "--config", "other.yaml")
        #expect(second.status == 69)
        #expect(second.errors.contains("cannot listen on 127.0.0.1:\(port)"))
        _ = try await engine.stop()
    }

    @Test func logLinesCanBeJSON() async throws {
        let program = try Program()
        try program.write("http: {port: 0}\nlog: {format: json}\n", to: "daybook.yaml")
        let engine = try await RunningEngine.start(program)
        let result = try await engine.stop()
        let lines = result.errors.split(separator: "\n")
        #expect(!lines.isEmpty)
        let broken = lines.filter { line in
            let value = try? JSON.parse(bytes: Array(line.utf8))
            return value?["message"]?.stringValue == nil || value?["level"] == nil
        }
        #expect(broken.isEmpty, "\(broken)")
    }

    @Test func configuredWorkflowsMustBeInOrder() async throws {
        let program = try Program()
        try program.write("workflow: x\nstep: []\n", to: "bad.yaml")
        try program.write("http: {port: 0}\nworkflows: [bad.yaml]\n", to: "daybook.yaml")
        let bad = try await program.run("serve")
        #expect(bad.status == 65)
        try program.write("http: {port: 0}\nworkflows: [nowhere]\n", to: "daybook.yaml")
        let missing = try await program.run("serve")
        #expect(missing.status == 78)
        #expect(missing.errors.contains("'workflows' names nowhere"))
    }
}

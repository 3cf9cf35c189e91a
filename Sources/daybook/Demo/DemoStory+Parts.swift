import Connectors
import EventModel
import Foundation
import HTTPClient

/// A running engine of the demo.
struct DemoEngine {
    var process: ChildProcess
    var url: String
}

extension DemoStory {
    func startSandbox(_ home: URL) async throws -> (ChildProcess, SandboxWatcher, smtp: String) {
        let process = try ChildProcess(
            "sandbox",
            arguments: [
                "sandbox", "--port", "0", "--smtp-port", "0", "--json",
                "--requests-per-minute", "100000",
            ],
            environment: ["DAYBOOK_HOME": home.path],
            workingFolder: folder,
            errorFile: folder.appendingPathComponent("sandbox.log")
        )
        guard let line = await process.firstLine(),
            let value = try? JSON.parse(bytes: Array(line.utf8)),
            let url = value["url"]?.stringValue, let smtp = value["smtp_url"]?.stringValue,
            let token = value["token"]?.stringValue
        else {
            process.killIfRunning()
            throw CommandFailure(
                "the sandbox did not start; see \(folder.path)/sandbox.log",
                ExitStatus.unavailable
            )
        }
        Terminal.out("   sandbox at \(url), mail at \(smtp)")
        return (process, SandboxWatcher(url: url, token: token, client: client), smtp)
    }

    func startPostgres() async throws -> (private: PrivatePostgres?, url: String?) {
        switch postgres {
        case .none: return (nil, nil)
        case .existing(let url): return (nil, url)
        case .private:
            let server = try await PrivatePostgres.start(in: folder.path)
            Terminal.out("   a private PostgreSQL in \(folder.path)/postgres")
            return (server, server.url)
        }
    }

    func writeConfiguration(
        sandbox: SandboxWatcher,
        smtp: String,
        postgres: String?,
        home: URL
    ) throws {
        var text = """
            # Written by 'daybook demo'. Everything here points at this machine.
            data: data
            http: {host: 127.0.0.1, port: 0}
            notion:
              url: \(sandbox.url)
              token: \(sandbox.token)
              requests_per_minute: 100000
              poll: 1s
            webhooks:
              booking_system: {scheme: standard-webhooks, secret: "\(Self.secret)"}
            mail: {server: "\(smtp)", sender: "desk@the7space.example.org", tls: false}
            sms: {url: "\(sandbox.url)/sms/messages", sender: "The 7 Space"}
            slack: {bookings: "\(sandbox.url)/slack/webhook/bookings"}
            workflows: ["\(home.path)/Workflows/the_7_space"]

            """
        if let postgres { text += "postgres: {url: \"\(postgres)\"}\n" }
        try Data(text.utf8).write(to: folder.appendingPathComponent("daybook.yaml"))
    }

    func startEngine(_ home: URL) async throws -> DemoEngine {
        EngineEndpoint.remove(dataFolder)
        let process = try ChildProcess(
            "engine",
            arguments: ["serve", "--config", "daybook.yaml"],
            environment: ["DAYBOOK_HOME": home.path],
            workingFolder: folder,
            errorFile: folder.appendingPathComponent("engine.log")
        )
        let isReady = try await wait(seconds: 30) {
            guard process.isRunning else { return true }
            guard let endpoint = EngineEndpoint.find(dataFolder) else { return false }
            let request = HTTPRequest(url: endpoint.url + "/readyz", timeout: .seconds(2))
            return (try? await client.send(request))?.status == 200
        }
        guard isReady, process.isRunning, let endpoint = EngineEndpoint.find(dataFolder) else {
            process.killIfRunning()
            throw CommandFailure(
                "the engine did not get ready; see \(folder.path)/engine.log",
                ExitStatus.unavailable
            )
        }
        return DemoEngine(process: process, url: endpoint.url)
    }

    mutating func checkDuplicate(
        _ bookings: DemoBookings,
        _ desk: BookingDesk,
        first: BookingDesk.Answer
    ) async throws {
        let again = try await desk.post(bookings.known)
        Terminal.out("   the same delivery again: the same answer, no second instance")
        checks.expectEqual(again, first, "a delivery that comes twice gets the same answer")
    }

    mutating func checkForgery(_ bookings: DemoBookings, _ desk: BookingDesk) async throws {
        let status = try await desk.postForged(bookings.forged)
        Terminal.out("   a wrong signature: \(status)")
        checks.expectEqual(status, 401, "a wrong signature is answered with 401")
    }

    /// Posts a booking and kills the engine while a text message of it is on its way.
    mutating func killDuring(
        _ booking: DemoBookings.Booking,
        engine: inout DemoEngine,
        _ watcher: SandboxWatcher,
        _ desk: BookingDesk,
        _ home: URL
    ) async throws -> BookingDesk.Answer {
        // The first booking's own message must not take the fault that is meant for the second.
        _ = try await wait(seconds: 10) { try await !watcher.texts().isEmpty }
        let before = try await watcher.requests("/sms").count
        // The gateway takes the message but answers late: the worst moment to die.
        try await watcher.addFault([
            "method": "POST", "path_prefix": "/sms/messages", "times": 1,
            "delay_milliseconds": 4000, "after_commit": true,
        ])
        let answer = try await desk.post(booking)
        let isOnItsWay = try await wait(seconds: 15) {
            try await watcher.requests("/sms").count > before
        }
        engine.process.killNow()
        Terminal.out("   the text message was taken by the gateway, its answer still out: SIGKILL")
        checks.expect(isOnItsWay, "the engine was killed while a call was on its way")
        engine = try await startEngine(home)
        Terminal.out("   started again at \(engine.url)")
        let desk = BookingDesk(client: client, url: engine.url, secret: Self.secret)
        let repeated = try await desk.post(booking)
        checks.expectEqual(
            repeated,
            answer,
            "after the crash a repeated delivery still has its answer"
        )
        return answer
    }

    /// Waits until nothing is left to do but to wait for the reminders.
    func settle(_ instances: [DemoInstance], _ watcher: SandboxWatcher) async throws {
        _ = try await wait(seconds: 20) {
            let rows = try await watcher.rows("workflow_instances")
            let tasks = try await watcher.rows("master_tasks")
            let known = Set(rows.compactMap { $0["daybook_id"]?.stringValue })
            let hasTask = tasks.contains { $0["daybook_id"]?.stringValue?.isEmpty == false }
            let texts = try await watcher.texts()
            return instances.allSatisfy { known.contains($0.id) } && hasTask && texts.count >= 2
        }
        _ = try await wait(seconds: 10) {
            try await DemoLog(dataFolder).hasSettled(instances.map(\.id))
        }
    }

    /// Changes a row as a member of staff would, and waits for the event.
    mutating func editInNotion(_ bookings: DemoBookings, _ watcher: SandboxWatcher) async throws {
        let rows = try await watcher.rows("contacts_profiles")
        guard
            let row = rows.first(where: { $0["email"]?.stringValue == bookings.known.email }),
            let page = row["id"]?.stringValue
        else {
            checks.expect(false, "the known client stands in the sandbox's contacts")
            return
        }
        let note = "Prefers the quiet room"
        _ = try await watcher.notion(
            "PATCH",
            "/v1/pages/\(page)",
            body: ["properties": ["Notes": ["rich_text": [["text": ["content": .string(note)]]]]]]
        )
        let isEvent = try await wait(seconds: 10) {
            try await DemoLog(dataFolder).hasRecordChange(of: page, field: "notes")
        }
        Terminal.out("\n   a row edited in Notion by hand is an event in the log: \(isEvent)")
        checks.expect(isEvent, "a row edited in Notion is an event within one poll")
    }

    mutating func finish(_ engine: ChildProcess, _ report: DemoReport) async throws {
        if !keepsRunning {
            let status = await engine.terminate()
            checks.expectEqual(status, 0, "SIGTERM drains the engine, which exits with 0")
        }
        heading("6", "Checked")
        checks.print()
        let verdict =
            checks.allHold
            ? Terminal.styled("All of it holds.", .green)
            : Terminal.styled("Not all of it holds.", .red)
        Terminal.out("\n  \(verdict) The files are in \(folder.path)")
        if checks.allHold { report.tellWhatNext() }
    }

    func stay(_ watcher: SandboxWatcher) async {
        Terminal.out(
            "\n  Engine and sandbox stay up; the sandbox is at \(watcher.url). Ctrl-C ends both."
        )
        await Signals.first(of: [SIGINT, SIGTERM])
    }
}

extension ChildProcess {
    func killIfRunning() { if isRunning { killNow() } }
}

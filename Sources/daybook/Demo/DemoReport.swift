import Connectors
import EventModel
import Foundation

/// What the demo prints at its end, and the checks that go with it.
struct DemoReport {
    let story: DemoStory
    let instances: [DemoInstance]
    let watcher: SandboxWatcher
    let postgresURL: String?
    private(set) var checks: Checks

    init(
        story: DemoStory,
        instances: [DemoInstance],
        watcher: SandboxWatcher,
        postgresURL: String?
    ) {
        self.story = story
        self.instances = instances
        self.watcher = watcher
        self.postgresURL = postgresURL
        checks = story.checks
    }

    mutating func tell() async throws {
        let log = try await DemoLog(story.dataFolder)
        for instance in instances { try timeline(instance, log) }
        try await rowsInNotion()
        try await messages()
        try reminders(log)
        try history(instances[2], log)
        try await outside(log)
        try refusals(log)
        if let postgresURL { try await rowsInPostgres(postgresURL) }
        try verdicts()
    }

    private func title(_ text: String) { Terminal.out("\n   " + Terminal.styled(text, .bold)) }

    private mutating func timeline(_ instance: DemoInstance, _ log: DemoLog) throws {
        let events = try log.history(instance.id)
        title("Timeline: \(instance.name) (\(instance.id))")
        guard let first = events.first else {
            checks.expect(false, "the \(instance.name) has an instance")
            return
        }
        for event in events where Self.isMilestone(event) {
            let (seconds, attoseconds) = (event.recordedAt - first.recordedAt).components
            let time = Double(seconds) + Double(attoseconds) / 1e18
            let offset = Terminal.styled(String(format: "%8.3f s", time), .dim)
            Terminal.out("   \(offset)  \(event.type.padding(18)) \(EventPrinter.summary(event))")
        }
    }

    private static let milestones: Set<String> = [
        "InstanceStarted", "StepCompleted", "StepFailed", "FallbackEntered", "TimerSet",
        "InstanceCompleted", "InstanceFailed", "InstancePaused",
    ]

    // Time limits stand beside every step; what is waited for tells the story.
    private static func isMilestone(_ event: Event) -> Bool {
        milestones.contains(event.type) && event.data["purpose"] != "timeout"
    }

    private mutating func rowsInNotion() async throws {
        title("Workflow Instances, now in Notion")
        let rows = try await watcher.rows("workflow_instances")
            .filter { row in instances.contains { $0.id == row["daybook_id"]?.stringValue } }
        var table = Table(["instance", "name", "type", "status"])
        for row in rows {
            table.add(
                ["instance_id", "instance_name", "workflow_type", "status"].map { row.text($0) }
            )
        }
        table.print(indentation: "   ")
        checks.expectEqual(rows.count, 3, "three rows stand in Notion's Workflow Instances")
        let ended = rows.first { $0["daybook_id"]?.stringValue == instances[2].id }
        checks.expectEqual(
            ended?.text("status") ?? "",
            "Completed",
            "the booking that nobody could take has ended in order"
        )
        title("Master Tasks, now in Notion")
        let tasks = try await watcher.rows("master_tasks").filter { !$0.text("daybook_id").isEmpty }
        // Other workflows of the library may have made tasks of their own.
        let forHelp = tasks.filter { $0.text("task_name").contains("booking") }
        var taskTable = Table(["task", "title", "status", "priority"])
        for row in tasks {
            taskTable.add(["task_id", "task_name", "status", "priority"].map { row.text($0) })
        }
        taskTable.print(indentation: "   ")
        checks.expectEqual(forHelp.count, 1, "one task asks a person for help")
    }

    private mutating func messages() async throws {
        let mails = try await watcher.mails()
        title("Mails caught")
        var table = Table(["to", "subject"])
        for mail in mails {
            let to = mail["to"]?.listValue?.compactMap(\.stringValue).joined(separator: ", ")
            table.add([to ?? mail.text("to"), mail.text("subject")])
        }
        table.print(indentation: "   ")
        let texts = try await watcher.texts()
        title("Text messages caught")
        var textTable = Table(["to", "text"])
        for text in texts { textTable.add([text.text("to"), text.text("text").cut(90)]) }
        textTable.print(indentation: "   ")
        for instance in instances {
            let own = mails.filter { mail in
                let to = mail["to"]?.listValue?.compactMap(\.stringValue) ?? [mail.text("to")]
                return to.contains { $0.contains(instance.booking.email) }
            }
            checks.expectEqual(own.count, 1, "\(instance.booking.client) got one mail")
        }
        checks.expectEqual(texts.count, 2, "two clients got one text message each")
    }

    private mutating func reminders(_ log: DemoLog) throws {
        title("Reminders waiting as durable timers")
        var table = Table(["client", "due", "before", "timer"])
        for instance in instances.prefix(2) {
            let events = try log.history(instance.id)
            let ended = Set(
                events.filter { $0.type == "TimerFired" || $0.type == "TimerCancelled" }
                    .compactMap { $0.data["timer"]?.stringValue }
            )
            let waiting = events.filter {
                $0.type == "TimerSet" && $0.data["purpose"] == "wait"
                    && !ended.contains($0.data["timer"]?.stringValue ?? "")
            }
            var hours: [Int64] = []
            for event in waiting {
                guard let due = event.data["due"]?.timestampValue else { continue }
                let before = (instance.booking.startsAt - due).components.seconds / 3600
                hours.append(before)
                table.add([
                    instance.booking.client, due.rfc3339, "\(before) h", event.data.text("timer"),
                ])
            }
            checks.expectEqual(
                hours.sorted(),
                [2, 24],
                "\(instance.booking.client)'s reminders wait, 24 h and 2 h before"
            )
        }
        table.print(indentation: "   ")
    }

    private func history(_ instance: DemoInstance, _ log: DemoLog) throws {
        title("All events of one instance: \(instance.name)")
        let printer = EventPrinter(format: .text, isVerbose: false)
        for event in try log.history(instance.id) { printer.print(event) }
    }

    /// What the outside saw of the crash.
    private mutating func outside(_ log: DemoLog) async throws {
        let twice = try log.stepsDoneTwice(instances.map(\.id))
        checks.expect(
            twice.isEmpty,
            "no step was done twice in the log",
            twice.joined(separator: ", ")
        )
        let calls = try await watcher.requests("/sms")
        var countByKey: [String: Int] = [:]
        for call in calls { countByKey[call.text("idempotency_key"), default: 0] += 1 }
        let repeated = countByKey.filter { $0.value > 1 }
        title("The call that the crash repeated")
        for (key, count) in repeated {
            Terminal.out("   \(count) text message calls with one idempotency key \(key)")
        }
        checks.expect(
            repeated.count == 1 && countByKey[""] == nil,
            "the call that was repeated outside carried the same idempotency key",
            repeated.count == 1 ? "" : "repeated keys: \(repeated.keys.sorted())"
        )
    }

    private mutating func refusals(_ log: DemoLog) throws {
        let refused = try log.all().filter { $0.type == "WebhookRefused" }
        checks.expectEqual(refused.count, 1, "the refused delivery is an event")
        let received = try log.all().filter { $0.type == "WebhookReceived" }
        checks.expectEqual(received.count, 3, "three deliveries were taken, the repeated ones once")
        let payments = received.map { $0.data[path: "payload", "payment_info"]?.stringValue ?? "" }
        checks.expect(
            payments.allSatisfy { $0.hasPrefix("secret://") },
            "payment details are references in the log, never values"
        )
        let started = try log.all().filter { event in
            event.type == "InstanceStarted"
                && event.data["workflow"]?.stringValue == "wellness_booking_automation"
        }
        checks.expectEqual(started.count, 3, "three bookings made three instances")
    }

    private mutating func rowsInPostgres(_ url: String) async throws {
        let client = PostgresClient(
            PostgresClient.Configuration(connectionString: url, connectionsMax: 1)
        )
        title("Workflow Instances, now in PostgreSQL")
        var rows: [[Value]] = []
        _ = try await story.wait(seconds: 10) {
            let result = try await client.query(
                "SELECT key, status, position FROM daybook.workflow_instances ORDER BY position",
                []
            )
            rows = result.rows
            return rows.count >= 3
        }
        await client.close()
        var table = Table(["key", "status", "position"])
        for row in rows { table.add(row.map(\.plainText)) }
        table.print(indentation: "   ")
        checks.expectEqual(rows.count, 3, "three rows stand in PostgreSQL's workflow_instances")
    }

    /// Runs the two commands that an auditor would run.
    private mutating func verdicts() throws {
        for arguments in [["replay", "--all"], ["log", "verify"]] {
            title("daybook \(arguments.joined(separator: " "))")
            let (status, output) = try Self.run(arguments + ["--data", story.dataFolder])
            for line in output.split(separator: "\n") { Terminal.out("   \(line)") }
            let promise =
                arguments[0] == "replay"
                ? "replay: every instance re-folded from the log equals its live state"
                : "log verify: every record is what was written"
            checks.expectEqual(status, 0, promise)
        }
    }

    static func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL =
            Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0])
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    func tellWhatNext() {
        let program = CommandLine.arguments[0]
        let data = "--data \(story.dataFolder)"
        Terminal.out("\n  What to try next:")
        for command in [
            "instance list \(data)",
            "instance history \(instances[1].id) \(data)",
            "projection show tasks \(data)",
            "actions show booking.reserve",
            story.keepsRunning
                ? "doctor --config \(story.folder.path)/daybook.yaml \(data)" : "demo --keep",
        ] {
            Terminal.out("    \(program) \(command)")
        }
        Terminal.out("  docs/workflows.md tells how to write a workflow of your own.")
    }
}

extension Value {
    /// The member as a text for people; empty if there is none.
    func text(_ key: String) -> String { self[key]?.plainText ?? "" }

    /// This value as a text for people.
    var plainText: String {
        switch self {
        case .null: ""
        case .string(let text): text
        case .timestamp(let time): time.rfc3339
        case .bool, .int, .uint, .double, .bytes, .duration, .list, .map:
            (try? JSON.text(self)) ?? ""
        }
    }
}

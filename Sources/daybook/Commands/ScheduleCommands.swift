import ArgumentParser
import EventLog
import EventModel
import HTTPClient
import Runtime
import Schedules

/// `daybook schedule`: when workflows start by themselves, and what became of each time.
struct ScheduleCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedule",
        abstract: "List, show, preview, pause, resume, trigger and backfill schedules.",
        discussion: """
            A schedule belongs to a deployed workflow, which says when it is due; docs/workflows.md \
            has the words. It is known as the workflow, or as workflow.name if it has a name. Every \
            tick that is due has an event that says what became of it, and why.

            EXAMPLES:
              daybook schedule list
              daybook schedule show weekly_report
              daybook schedule preview weekly_report --count 10
              daybook schedule preview --cron "0 9 * * MON" --time-zone Europe/Berlin
              daybook schedule pause weekly_report --reason "holidays"
              daybook schedule resume weekly_report
              daybook schedule trigger weekly_report
              daybook schedule backfill weekly_report --from 2026-11-01T00:00:00Z
              daybook schedule backfill weekly_report --from 7d --missed --yes
            """,
        subcommands: [
            List.self, Show.self, Preview.self, Pause.self, Resume.self, Trigger.self,
            Backfill.self,
        ]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List schedules with their next tick and what became of the last one."
        )

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions
        @Flag(help: "Those too that later versions of their workflows do not have any more.")
        var removed = false

        func run() async throws {
            let entries = try ScheduleCommands.entries(try DataFolder(options))
                .filter { removed || !$0.state.isRemoved }
            if output.json {
                Terminal.out(try JSON.text(.list(entries.map(\.value))))
                return
            }
            guard !entries.isEmpty else {
                Terminal.out(
                    "No schedule yet; a workflow with 'schedule' or 'every' under 'triggers' "
                        + "makes one when it is deployed."
                )
                return
            }
            var table = Table([
                "schedule", "due", "status", "next (UTC)", "last (UTC)", "it was",
            ])
            for entry in entries {
                table.add([
                    entry.id, entry.state.definition?.summary ?? "", entry.status,
                    entry.next?.runs.shown ?? "never", entry.state.last?.due.shown ?? "",
                    entry.state.last?.decision.rawValue ?? "",
                ])
            }
            table.print()
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a schedule and what became of its last ticks, and why."
        )

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var reading: ReadingOptions
        @Argument(help: "The schedule.")
        var id: String
        @Option(help: "How many ticks at the most.")
        var limit = 20

        func validate() throws {
            guard limit > 0 else { throw ValidationError("--limit must be at least 1") }
        }

        func run() async throws {
            let store = try await DataFolder(options).openStore(reading)
            let reader = ScheduleReader(store: store)
            let (state, ticks) = try ScheduleCommands.failing { () throws(ScheduleError) in
                (try reader.state(of: id), try reader.decisions(of: id, limit: limit))
            }
            let entry = ScheduleDirectory.Entry(id: id, state: state)
            if output.json {
                var map = entry.value.mapValue ?? ValueMap()
                map["decisions"] = .list(ticks.map { ScheduleEvent.tickDecided($0).data })
                Terminal.out(try JSON.text(.map(map)))
                return
            }
            for (name, text) in entry.facts { Terminal.out("\(name.padding(12))  \(text)") }
            guard !ticks.isEmpty else { return }
            Terminal.out()
            var table = Table(["due (UTC)", "decision", "instance", "why"])
            for tick in ticks {
                table.add([
                    tick.due.shown, tick.decision.rawValue, tick.start?.instance.text ?? "",
                    tick.reason,
                ])
            }
            table.print()
        }
    }

    struct Preview: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show when a schedule, or any cron expression, is due next."
        )

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "The schedule; leave it out with --cron.")
        var id: String?
        @Option(help: "A cron expression in place of a schedule.")
        var cron: String?
        @Option(help: "The time zone of --cron.")
        var timeZone = "UTC"
        @Option(help: "How many ticks.")
        var count = 10
        @Option(help: "Ticks after this time; without it after now.")
        var from: String?

        func validate() throws {
            guard (id == nil) != (cron == nil) else {
                throw ValidationError("name a schedule, or give --cron")
            }
            guard (1...ScheduleLimits.listedMax).contains(count) else {
                throw ValidationError("--count must be 1 to \(ScheduleLimits.listedMax)")
            }
        }

        func run() async throws {
            let start = try from.map { try TimeBound.parse($0, "--from", now: SystemTime().now) }
            let definition = try await definition()
            guard let zone = ScheduleZone(definition.timeZone, rules: SystemTimeZones()) else {
                throw CommandFailure(
                    "there is no time zone '\(definition.timeZone)'; write its IANA name, such as "
                        + "Europe/Berlin",
                    ExitStatus.badInput
                )
            }
            let ticks = definition.ticks(
                after: start ?? SystemTime().now,
                through: Timestamp(seconds: .max),
                limit: count,
                in: zone
            )
            if output.json {
                Terminal.out(try JSON.text(.list(ticks.map { $0.value(in: zone) })))
                return
            }
            guard !ticks.isEmpty else {
                Terminal.out("It is not due any more.")
                return
            }
            var table = Table(["due (UTC)", "in \(zone.name)", "note"])
            for tick in ticks { table.add(tick.cells(in: zone)) }
            table.print()
        }

        private func definition() async throws -> ScheduleDefinition {
            if let cron {
                do throws(CronError) {
                    return ScheduleDefinition(.cron(try CronExpression(cron)), timeZone: timeZone)
                } catch {
                    throw CommandFailure("'\(cron)': \(error)", ExitStatus.badInput)
                }
            }
            let reader = ScheduleReader(store: try await DataFolder(options).openStore())
            let name = id ?? ""
            let state = try ScheduleCommands.failing { () throws(ScheduleError) in
                try reader.state(of: name)
            }
            guard let definition = state.definition, !state.isRemoved else {
                throw CommandFailure("the schedule '\(name)' was removed, and is not due any more")
            }
            return definition
        }
    }
}

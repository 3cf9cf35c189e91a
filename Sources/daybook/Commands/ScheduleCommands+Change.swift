import ArgumentParser
import EventModel
import HTTPClient
import Runtime
import Schedules

extension ScheduleCommands {
    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Let a schedule's ticks pass, each decided as skipped; needs a running engine."
        )

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "The schedule.")
        var id: String
        @Option(help: "Why; it is kept in the log.")
        var reason: String

        func run() async throws {
            let body: ValueMap = ["reason": .string(reason)]
            let answer = try await ScheduleCommands.post("pause", id, body, options)
            Terminal.out(output.json ? try JSON.text(answer) : "\(id) is paused")
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a paused schedule go on; needs a running engine."
        )

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "The schedule.")
        var id: String

        func run() async throws {
            let answer = try await ScheduleCommands.post("resume", id, ValueMap(), options)
            Terminal.out(output.json ? try JSON.text(answer) : "\(id) goes on")
        }
    }

    struct Trigger: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Start an instance of a schedule now, beside its ticks; needs a running engine."
        )

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "The schedule.")
        var id: String

        func run() async throws {
            let answer = try await ScheduleCommands.post("trigger", id, ValueMap(), options)
            Terminal.out(output.json ? try JSON.text(answer) : answer.text("instance"))
        }
    }

    struct Backfill: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run the ticks of a stretch of time that never ran; needs a running engine.",
            discussion: """
                Shows what would run; nothing happens without --yes. What has run before never runs \
                again. Where the schedule's overlap is not 'allow', the ticks run one after the other.
                """
        )

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "The schedule.")
        var id: String
        @Option(help: "The stretch's first instant, or how long ago it was.")
        var from: String
        @Option(help: "Its last instant, or how long ago it was; without it now.")
        var to: String?
        @Flag(help: "Also the ticks that were decided as missed or skipped.")
        var missed = false
        @Flag(help: "Run them.")
        var yes = false

        func run() async throws {
            let now = SystemTime().now
            let first = try TimeBound.parse(from, "--from", now: now)
            let last = try to.map { try TimeBound.parse($0, "--to", now: now) } ?? now
            let body: ValueMap = [
                "from": .string(first.rfc3339), "to": .string(last.rfc3339),
                "missed": .bool(missed), "dry_run": .bool(!yes),
            ]
            let answer = try await ScheduleCommands.post("backfill", id, body, options)
            if output.json {
                Terminal.out(try JSON.text(answer))
                return
            }
            func count(_ key: String) -> Int { answer[key]?.listValue?.count ?? 0 }
            if yes {
                let verb = count("ticks") == 1 ? "tick runs" : "ticks run"
                Terminal.out("\(count("ticks")) \(verb); 'daybook schedule show \(id)' shows them")
                return
            }
            for tick in answer["runs"]?.listValue ?? [] {
                Terminal.out(tick.stringValue?.replacing("T", with: " ") ?? "")
            }
            Terminal.out(
                "\(count("runs")) would run: \(count("undecided")) were never decided"
                    + (missed ? ", \(count("not_run")) did not run" : "")
            )
            if !missed, count("not_run") > 0 {
                Terminal.out("\(count("not_run")) were missed or skipped; --missed runs them, too")
            }
            if count("waiting") > 0 { Terminal.out("\(count("waiting")) wait for their turn") }
            if count("ran") > 0 { Terminal.out("\(count("ran")) ran before") }
            if count("runs") > 0 { Terminal.out("Nothing has happened yet; --yes runs them.") }
        }
    }

    static func post(
        _ verb: String,
        _ id: String,
        _ members: ValueMap,
        _ options: ConfigurationOptions
    ) async throws -> Value {
        guard id.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x2F && $0 != 0x25 }) else {
            throw CommandFailure(
                "'\(id)' is no schedule; 'daybook schedule list' shows them",
                ExitStatus.badInput
            )
        }
        var body = members
        body["actor"] = .string(Control.actor)
        let endpoint = try DataFolder(options).endpoint()
        let client = HTTPClient()
        let path = "/api/schedules/\(id)/\(verb)"
        do throws(CommandFailure) {
            let answer = try await endpoint.call("POST", path, body: .map(body), client: client)
            await client.shutdown()
            return answer
        } catch {
            await client.shutdown()
            throw error
        }
    }
}

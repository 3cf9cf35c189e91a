import ArgumentParser
import EventModel
import Logging
import Runtime
import WorkflowEngine

/// `daybook backtest`: what a candidate workflow would have done.
struct BacktestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backtest",
        abstract: "Show what a candidate workflow would have done on the recorded triggers.",
        discussion: """
            Every recorded trigger is compared with the candidate's triggers; every instance that \
            it would have started is imagined with what instances of the same trigger recorded, as \
            'daybook what-if' does. A trigger is 'same', 'different', 'new' (only the candidate \
            starts), 'gone' (only the record did) or 'refused'. Nothing is appended, and nothing \
            outside is called.

            EXAMPLES:
              daybook backtest edited.yaml --since 90d
              daybook backtest edited.yaml --since 2026-11-01T00:00:00Z --until 7d
              daybook backtest edited.yaml --since 90d --json

            \(ExitStatus.help)
            """
    )

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var reading: ReadingOptions
    @Argument(help: "The candidate.")
    var file: String
    @Option(help: "Triggers since: 2026-11-24T12:00:00Z, or 90d for 90 days ago.")
    var since = "90d"
    @Option(help: "Triggers until: a time, or how long ago; without it up to now.")
    var until: String?
    @Option(help: "How many of the triggers that are not the same to show.")
    var limit = 50

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit must be at least 1") }
    }

    func run() async throws {
        let now = SystemTime().now
        let begin = try TimeBound.parse(since, "--since", now: now)
        let end = try until.map { text in try TimeBound.parse(text, "--until", now: now) } ?? now
        let candidate = try WorkflowFiles().parse(try Library.read(file), file: file)
        let past = try await Past.open(options, reading)
        let bar = ProgressBar("imagining")
        let result = try Past.failing { () throws(TravelError) in
            try Backtest(
                candidate,
                store: past.store,
                since: begin,
                until: end,
                logger: Logger(label: "backtest")
            ) { done, total in
                bar.update(done: done, total: total)
            }
        }
        bar.finish()
        if output.json {
            Terminal.out(try JSON.text(result.value))
        } else {
            result.lines(file: file, limit: limit).forEach(Terminal.out)
        }
    }
}

extension Backtest {
    /// What came out, the triggers that are not the same, and the calls by action.
    func lines(file: String, limit: Int) -> [String] {
        var lines = [
            Terminal.styled("\(candidate.name) of \(file)", .bold)
                + "  \(since.shown) to \(until.shown)",
            "\(eventCount) events looked at, \(items.count) triggers: "
                + Verdict.allCases.map { "\(count($0)) \($0.rawValue)" }.joined(separator: ", "),
        ]
        guard !items.isEmpty else {
            return lines + ["nothing that was recorded in that time starts it"]
        }
        var outcomes = Table(["outcome", "imagined", "recorded"])
        for word in Set(items.map(\.imaginedWord) + items.map(\.recordedWord)).sorted() {
            outcomes.add([
                word, String(items.count { $0.imaginedWord == word }),
                String(items.count { $0.recordedWord == word }),
            ])
        }
        lines += [""] + outcomes.lines()
        var actions = Table(["calls it would have made", "calls", "without a record"])
        let calls = items.flatMap(\.calls)
        for action in Set(calls.map(\.call.action)).sorted() {
            let same = calls.filter { $0.call.action == action }
            actions.add([
                action, String(same.count), String(same.count { $0.found == nil }),
            ])
        }
        lines += [""] + (actions.isEmpty ? ["it would have made no call"] : actions.lines())
        let other = items.filter { $0.verdict != .same }
        for item in other.prefix(limit) { lines += [""] + item.lines }
        if other.count > limit {
            lines += ["", "and \(other.count - limit) more; --limit shows more, --json all"]
        }
        return lines + ["", "nothing was appended and nothing was called"]
    }

    /// For programs.
    var value: Value {
        [
            "workflow": .string(candidate.name),
            "definition": .string(candidate.hash.hexadecimal),
            "since": .timestamp(since), "until": .timestamp(until),
            "events": .int(Int64(eventCount)), "triggers": .int(Int64(items.count)),
            "verdicts": .map(
                ValueMap(Verdict.allCases.map { ($0.rawValue, .int(Int64(count($0)))) })
            ),
            "items": .list(items.map(\.value)),
        ]
    }
}

extension Backtest.Item {
    var imaginedWord: String {
        guard let imagined else { return "not started" }
        if verdict == .same { return recordedWord }
        return standstill.isEmpty ? imagined.word ?? imagined.status.rawValue : "stops"
    }

    var recordedWord: String {
        recorded.map { $0.word ?? $0.status.rawValue } ?? "not started"
    }

    var lines: [String] {
        var lines = [
            Terminal.styled(verdict.rawValue, .yellow) + "  @\(position) \(at.shown)  started "
                + trigger + (instance.map { "  \($0)" } ?? "")
        ]
        if let difference {
            for (name, entry) in [
                ("recorded", difference.recorded), ("imagined", difference.imagined),
            ] {
                let text = entry.map {
                    "#\($0.number) \(EventSentence.text(type: $0.event.type, data: $0.event.data))"
                }
                lines.append("  \(name)  \(text ?? "nothing that the other lacks")")
            }
            lines += difference.memberLines(limit: 3).map { "    " + $0 }
        }
        lines += (standstill + problems).map { "  it stops: \($0)" }
        lines.append("  outcome   \(imaginedWord); recorded: \(recordedWord)")
        return lines
    }

    var value: Value {
        [
            "position": .uint(position.value), "time": .timestamp(at),
            "trigger": .string(trigger), "verdict": .string(verdict.rawValue),
            "instance": instance.map { .string($0.text) } ?? .null,
            "recorded": recorded?.value ?? .null, "imagined": imagined?.value ?? .null,
            "first_difference": difference?.value ?? .null,
            "standstill": .list(standstill.map(Value.string)),
            "problems": .list(problems.map(Value.string)),
            "calls": .list(calls.map(\.value)),
        ]
    }
}

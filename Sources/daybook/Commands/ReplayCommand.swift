import ArgumentParser
import EventModel
import Runtime

/// `daybook replay`: fold instances again and compare.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Fold instances again from the log, to compare with their state or walk along.",
        discussion: """
            The log is the truth; the live state is a table that followers keep. This command folds \
            every instance from its first event and checks that both agree, so that what people see is \
            what the log says. With --step it walks along one instance, forward and back: in a \
            terminal by single keys (n and p or the arrows, j and a number, s state, e event, \
            q quit), else by lines of standard input (next, previous, jump N, state, event, quit).

            EXAMPLES:
              daybook replay --all
              daybook replay 018f…
              daybook replay 018f --step
            """
    )

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "The instance's id, or the beginning of it.")
    var id: String?
    @Flag(help: "All instances.")
    var all = false
    @Flag(help: "Walk along its events, forward and back.")
    var step = false

    func validate() throws {
        if all == (id != nil) { throw ValidationError("give an instance's id, or --all") }
        if step, all { throw ValidationError("--step takes one instance, not --all") }
        if step, output.json { throw ValidationError("--step is for people; leave out --json") }
    }

    func run() async throws {
        let folder = try DataFolder(options)
        let log = try await folder.openStore()
        if step, let id { return try walk(along: id, Past(store: log)) }
        guard let views = try folder.openViews() else {
            throw CommandFailure(
                "there are no views in \(folder.path); no engine has run on it yet"
            )
        }
        let report: Replay.Report
        if let id {
            let past = Past(store: log)
            let instance = try past.instance(id)
            _ = try past.snapshot(of: instance, at: "latest")
            report = try Replay.verify(
                instance: instance,
                store: log,
                views: views
            )
        } else {
            let bar = ProgressBar("replaying")
            let total = UInt64(try InstanceDirectory(views: views).count)
            report = try Replay.verify(store: log, views: views) { done in
                bar.update(done: UInt64(done), total: total)
            }
            bar.finish()
        }
        if output.json {
            Terminal.out(try JSON.text(report.value))
        } else {
            write(report)
        }
        guard report.isClean else { throw ExitStatus.checkFailed }
    }

    private func walk(along id: String, _ past: Past) throws {
        let instance = try past.instance(id)
        var walk = StepWalk(instance: instance, events: try past.history(of: instance))
        walk.greeting.forEach(Terminal.out)
        let input = KeyInput()
        defer { input.close() }
        while let line = input.next() {
            let answer = try walk.take(line)
            answer.lines.forEach(Terminal.out)
            if answer.isOver { return }
        }
    }

    private func write(_ report: Replay.Report) {
        for mismatch in report.mismatches {
            Terminal.out(Terminal.styled("\(mismatch.instance): \(mismatch.reason)", .red))
        }
        for instance in report.missing {
            Terminal.out(Terminal.styled("\(instance): in the log and not in the views", .red))
        }
        let wrong = report.mismatches.count + report.missing.count
        let verdict =
            report.isClean
            ? Terminal.styled("all equal their live state", .green)
            : Terminal.styled("\(wrong) differ", .red)
        Terminal.out(
            "\(report.instanceCount) instances, \(report.eventCount) events folded again: \(verdict)"
        )
    }
}

extension Replay.Report {
    var value: Value {
        [
            "instances": .int(Int64(instanceCount)), "events": .uint(eventCount),
            "position": .uint(position.value), "clean": .bool(isClean),
            "mismatches": .list(
                mismatches.map {
                    ["instance": .string($0.instance.description), "reason": .string($0.reason)]
                }
            ),
            "missing": .list(missing.map { .string($0.description) }),
        ]
    }
}

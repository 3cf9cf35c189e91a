import ArgumentParser
import EventModel
import Runtime

/// `daybook replay`: fold instances again and compare.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Fold instances again from the log and compare with their live state.",
        discussion: """
            The log is the truth; the live state is a table that followers keep. This command folds \
            every instance from its first event and checks that both agree, so that what people see is \
            what the log says.

            EXAMPLES:
              daybook replay --all
              daybook replay 018f…
            """
    )

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "The instance's id.")
    var id: String?
    @Flag(help: "All instances.")
    var all = false

    func validate() throws {
        if all == (id != nil) { throw ValidationError("give an instance's id, or --all") }
    }

    func run() async throws {
        let folder = try DataFolder(options)
        let log = try folder.openLog()
        guard let views = try folder.openViews() else {
            throw CommandFailure("there are no views in \(folder.path); no engine has run on it yet")
        }
        let instance = try id.map(DataFolder.identifier)
        var bar = ProgressBar("replaying")
        let report = try Replay.verify(store: log, views: views, instance: instance) { done, total in
            bar.update(done: done, total: total)
        }
        bar.finish()
        if output.json {
            Terminal.out(try JSON.text(report.value))
        } else {
            for difference in report.differences { Terminal.out(Terminal.styled(difference, .red)) }
            Terminal.out(
                "\(report.instanceCount) instances, \(report.eventCount) events folded again: "
                    + (report.differences.isEmpty
                        ? Terminal.styled("all equal their live state", .green)
                        : Terminal.styled("\(report.differences.count) differ", .red))
            )
        }
        guard report.differences.isEmpty else { throw ExitStatus.checkFailed }
    }
}

import ArgumentParser
import EventModel
import Runtime
import WorkflowEngine

extension InstanceCommands {
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show where an instance stands, or stood at any moment.",
            discussion: """
                The state is folded from the log. A moment is a number of the instance's events, \
                a position of the log (@5310), a time, or 'latest'.

                EXAMPLES:
                  daybook instance show 018f…
                  daybook instance show 018f --at 12
                  daybook instance show 018f --at @5310 --json
                  daybook instance show 018f --at 2026-11-24T12:00:00Z
                """
        )

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var reading: ReadingOptions
        @Argument(help: "The instance's id, or the beginning of it.")
        var id: String
        @Option(
            help: ArgumentHelp(
                "As it was after so many of its events, at @POSITION of the log, or at a time.",
                valueName: "moment"
            )
        )
        var at: String?

        func run() async throws {
            let past = try await Past.open(options, reading)
            let instance = try past.instance(id)
            let snapshot = try past.snapshot(of: instance, at: at ?? "latest")
            if output.json {
                Terminal.out(try JSON.text(snapshot.state.value))
            } else {
                InstanceText(snapshot).lines.forEach(Terminal.out)
            }
        }
    }
}

/// A log with what looks into its past.
struct Past {
    let store: SealingEventStore
    var travel: InstanceTravel { InstanceTravel(store: store) }

    /// Opens the log of a data folder for reading.
    static func open(
        _ options: ConfigurationOptions,
        _ reading: ReadingOptions
    ) async throws -> Past {
        Past(store: try await DataFolder(options).openStore(reading))
    }

    /// The instance of an id or of the beginning of one.
    func instance(_ text: String) throws(CommandFailure) -> EventID {
        try Self.failing { () throws(TravelError) in
            try InstanceFinder(store: store).find(text)
        }
    }

    func snapshot(
        of instance: EventID,
        at moment: String
    ) throws(CommandFailure) -> InstanceTravel.Snapshot {
        try Self.failing { () throws(TravelError) in
            try travel.snapshot(of: instance, at: InstanceMoment(moment))
        }
    }

    func history(of instance: EventID) throws(CommandFailure) -> [Event] {
        try Self.failing { () throws(TravelError) in try travel.history(of: instance) }
    }

    /// Turns what is wrong into the end of the command.
    static func failing<Result>(
        _ body: () throws(TravelError) -> Result
    ) throws(CommandFailure) -> Result {
        do {
            return try body()
        } catch {
            let status =
                switch error.code {
                case .unknown: ExitStatus.checkFailed
                case .ambiguous, .outOfRange, .unreadableArgument, .refused: ExitStatus.badInput
                case .unreadable, .log: ExitStatus.inputOutput
                }
            throw CommandFailure(error.message, status)
        }
    }
}

import ArgumentParser
import EventModel
import Runtime
import WorkflowEngine

extension InstanceCommands {
    struct Diff: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what changed in an instance's state between two moments.",
            discussion: """
                A moment is a number of the instance's events, a position of the log (@5310), a \
                time, or 'latest'. With --with the other state is that of another instance. \
                The number of events and the time of the last one are not compared.

                EXAMPLES:
                  daybook instance diff 018f 4 9
                  daybook instance diff 018f @5310 latest --json
                  daybook instance diff 018f --with 0190
                  daybook instance diff 018f 6 6 --with 0190
                """
        )

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var reading: ReadingOptions
        @Argument(help: "The instance's id, or the beginning of it.")
        var id: String
        @Argument(help: "One moment; without it the latest.")
        var first: String?
        @Argument(help: "The other moment; without it the latest.")
        var second: String?
        @Option(
            name: .customLong("with"),
            help: ArgumentHelp("The instance of the second state.", valueName: "id")
        )
        var other: String?

        func validate() throws {
            if other == nil, first == nil {
                throw ValidationError("give two moments, or another instance with --with")
            }
        }

        func run() async throws {
            let past = try await Past.open(options, reading)
            let instance = try past.instance(id)
            let before = try past.snapshot(of: instance, at: first ?? "latest")
            let otherInstance = try other.map(past.instance) ?? instance
            let after = try past.snapshot(of: otherInstance, at: second ?? "latest")
            let changes = ValueDifference.between(
                before.state.value,
                after.state.value,
                ignoring: ["event_count", "updated_at"]
            )
            if output.json {
                let value: Value = [
                    "before": Self.side(before), "after": Self.side(after),
                    "changes": .list(changes.map(\.value)),
                ]
                Terminal.out(try JSON.text(value))
                return
            }
            Terminal.out("from \(Self.title(before))")
            Terminal.out("to   \(Self.title(after))")
            Terminal.out()
            if changes.isEmpty { Terminal.out("nothing differs") }
            changes.flatMap(\.lines).forEach(Terminal.out)
        }

        private static func title(_ side: InstanceTravel.Snapshot) -> String {
            "\(side.instance) after \(side.state.eventCount) of \(side.eventCountToday) events, "
                + side.lastEvent.recordedAt.shown
        }

        private static func side(_ side: InstanceTravel.Snapshot) -> Value {
            [
                "instance": .string(side.instance.text),
                "events": .uint(side.state.eventCount),
                "position": .uint(side.lastEvent.position.value),
                "time": .timestamp(side.lastEvent.recordedAt),
            ]
        }
    }
}

extension ValueDifference {
    private static let width = 120

    /// `+` for what is new, `-` for what is gone, both for what is other.
    var lines: [String] {
        func text(_ value: Value) -> String { EventSentence.shown(value).cut(Self.width) }
        return switch (before, after) {
        case (let before?, let after?):
            ["~ \(path): \(text(before)) → \(text(after))"]
                .map { Terminal.styled($0, .yellow) }
        case (nil, let after?): [Terminal.styled("+ \(path): \(text(after))", .green)]
        case (let before?, nil): [Terminal.styled("- \(path): \(text(before))", .red)]
        case (nil, nil): []
        }
    }

    /// For programs; what is not there has no member.
    var value: Value {
        var map: ValueMap = ["path": .string(path)]
        if let before { map["before"] = before }
        if let after { map["after"] = after }
        return .map(map)
    }
}

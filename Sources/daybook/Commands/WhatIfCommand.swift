import ArgumentParser
import EventModel
import Runtime
import WorkflowEngine

/// `daybook what-if`: imagine a recorded instance with another workflow or input.
struct WhatIfCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "what-if",
        abstract: "Imagine a recorded instance with another workflow or another input.",
        discussion: """
            Recorded results stand in for the world: a call is answered by what was recorded for \
            the same attempt of the step of that name, else by what another step got from the same \
            action with the same input. Where nothing in the record answers a call, the imagined \
            instance ends with that sentence. Waits take no time. Nothing is appended, and nothing \
            outside is called.

            EXAMPLES:
              daybook what-if 018f --workflow edited.yaml
              daybook what-if 018f --set input.duration_minutes=90
              daybook what-if 018f --workflow edited.yaml --set 'input.client.name="Ana"' --json

            \(ExitStatus.help)
            """
    )

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var reading: ReadingOptions
    @Argument(help: "The instance's id, or the beginning of it.")
    var id: String
    @Option(
        help: ArgumentHelp(
            "The workflow to imagine it with; without it the one that it keeps to.",
            valueName: "file"
        )
    )
    var workflow: String?
    @Option(
        help: ArgumentHelp(
            "A member of the input and its value: JSON, or a text as it stands.",
            valueName: "input.path=value"
        )
    )
    var set: [String] = []

    func validate() throws {
        guard workflow != nil || !set.isEmpty else {
            throw ValidationError("give a workflow with --workflow, or an input with --set")
        }
    }

    func run() async throws {
        let changes = try set.map { text throws(CommandFailure) in try InputChange(text) }
        let past = try await Past.open(options, reading)
        let instance = try past.instance(id)
        let definition = try workflow.map { file in
            try WorkflowFiles().parse(try Library.read(file), file: file)
        }
        let result = try Past.failing { () throws(TravelError) in
            try WhatIf(instance, definition: definition, store: past.store) { input in
                changes.reduce(input) { $1.applied(to: $0) }
            }
        }
        if output.json {
            Terminal.out(try JSON.text(result.value))
        } else {
            result.lines(file: workflow).forEach(Terminal.out)
        }
    }
}

/// A member of an input that is set, as `--set` takes it.
struct InputChange {
    let path: [String]
    let value: Value

    /// Reads `input.client.name=Ana`; a value that is JSON is taken as that.
    init(_ text: String) throws(CommandFailure) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts[0].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, path.count > 1, path[0] == "input", !path.contains("") else {
            throw CommandFailure(
                "--set '\(text)' must be input.NAME=VALUE, such as input.duration_minutes=90",
                ExitStatus.badInput
            )
        }
        self.path = Array(path.dropFirst())
        let written = String(parts[1])
        value = (try? JSON.parse(written)) ?? .string(written)
    }

    /// The input with the member set; maps that are missing on the way are made.
    func applied(to input: Value) -> Value { Self.set(path[...], to: value, in: input) }

    private static func set(
        _ path: ArraySlice<String>,
        to value: Value,
        in whole: Value
    ) -> Value {
        guard let name = path.first else { return value }
        var map = whole.mapValue ?? ValueMap()
        map[name] = set(path.dropFirst(), to: value, in: map[name] ?? .null)
        return .map(map)
    }
}

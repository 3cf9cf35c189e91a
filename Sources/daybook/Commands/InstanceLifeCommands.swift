import ArgumentParser
import EventModel
import WorkflowEngine

/// What every command that changes an instance asks for.
struct InstanceOptions: ParsableArguments {
    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "The instance's id, or its beginning if no other one begins so.")
    var id: String

    /// Sends a command to the running engine and tells what came of it.
    ///
    /// - Parameter tell: makes the line for people of the engine's answer.
    func send(
        _ verb: String,
        _ body: ValueMap,
        tell: (Value) -> String
    ) async throws {
        var body = body
        body["actor"] = .string(Control.actor)
        let answer = try await InstanceCommands.post(verb, id, .map(body), options)
        Terminal.out(output.json ? try JSON.text(answer) : tell(answer))
    }
}

/// Values given on the command line as JSON, such as `--set total=12`.
enum GivenValues {
    /// - Throws: a failure that names the argument.
    static func parse(_ text: String, _ option: String) throws(CommandFailure) -> Value {
        do {
            return try JSON.parse(text)
        } catch {
            throw CommandFailure(
                "\(option) must be JSON, such as '{\"total\": 12}': \(error)",
                ExitStatus.badInput
            )
        }
    }

    /// `name=JSON` pairs; what is no JSON is taken as a text.
    static func members(_ pairs: [String], _ option: String) throws(CommandFailure) -> ValueMap {
        var map = ValueMap()
        for pair in pairs {
            guard let equals = pair.firstIndex(of: "="), equals != pair.startIndex else {
                throw CommandFailure(
                    "\(option) must be name=value, not '\(pair)'",
                    ExitStatus.badInput
                )
            }
            let text = String(pair[pair.index(after: equals)...])
            map[String(pair[..<equals])] = (try? JSON.parse(text)) ?? .string(text)
        }
        return map
    }
}

extension InstanceCommands {
    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let an instance stand still until it is resumed; needs a running engine.",
            discussion: "Calls in flight may end and their results are taken; nothing new begins."
        )

        @OptionGroup var instance: InstanceOptions
        @Option(help: "Why; it is kept in the log.")
        var reason: String

        func run() async throws {
            try await instance.send("pause", ["reason": .string(reason)]) { answer in
                "\(answer.instanceID) stands still; 'daybook instance resume' lets it go on"
            }
        }
    }

    struct Terminate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End an instance at once, undoing nothing; needs a running engine."
        )

        @OptionGroup var instance: InstanceOptions
        @Option(help: "Why; it is kept in the log.")
        var reason: String

        func run() async throws {
            try await instance.send("terminate", ["reason": .string(reason)]) { answer in
                "\(answer.instanceID) is terminated"
            }
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Try the failed step of a failed or paused instance again.",
            discussion:
                "Needs a running engine. Earlier events stay; the instance goes on from just "
                + "before its failure."
        )

        @OptionGroup var instance: InstanceOptions

        func run() async throws {
            try await instance.send("retry", [:]) { answer in "\(answer.instanceID) tries again" }
        }
    }

    struct Signal: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send a signal to an instance; needs a running engine.",
            discussion: """
                A step that waits for the signal takes it; else it is kept until one does.

                EXAMPLES:
                  daybook instance signal 018f payment_received --payload '{"amount": 120}'
                """
        )

        @OptionGroup var instance: InstanceOptions
        @Argument(help: "The signal's name.")
        var name: String
        @Option(help: "What comes with it, as JSON.")
        var payload: String?

        func run() async throws {
            var body: ValueMap = ["name": .string(name)]
            if let payload {
                body["data"] = try GivenValues.parse(payload, "--payload")
            }
            try await instance.send("signal", body) { answer in
                "\(answer.instanceID) has the signal '\(name)'"
            }
        }
    }

    struct Approve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say yes to an approval that an instance waits for; needs a running engine."
        )

        @OptionGroup var instance: InstanceOptions
        @Option(help: "The step that asks; only needed if several do.")
        var step: String?
        @Option(help: "What you want to say with it.")
        var comment: String?

        func run() async throws {
            try await InstanceCommands.answer("approve", instance, step, comment)
        }
    }

    struct Reject: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say no to an approval that an instance waits for; needs a running engine."
        )

        @OptionGroup var instance: InstanceOptions
        @Option(help: "The step that asks; only needed if several do.")
        var step: String?
        @Option(help: "What you want to say with it.")
        var comment: String?

        func run() async throws {
            try await InstanceCommands.answer("reject", instance, step, comment)
        }
    }

    static func answer(
        _ verb: String,
        _ instance: InstanceOptions,
        _ step: String?,
        _ comment: String?
    ) async throws {
        var body = ValueMap()
        if let step { body["step"] = .string(step) }
        if let comment { body["comment"] = .string(comment) }
        try await instance.send(verb, body) { answer in
            "\(answer.instanceID): \(answer["outcome"]?.stringValue ?? verb)"
        }
    }

    struct Skip: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Pass over a step that runs, waits or has failed; needs a running engine.",
            discussion: """
                EXAMPLES:
                  daybook instance skip 018f resource_booking --reason "booked by telephone" \\
                    --result '{"room": "Blue"}'
                """
        )

        @OptionGroup var instance: InstanceOptions
        @Argument(help: "The step's path, as 'daybook instance show' has it.")
        var step: String
        @Option(help: "Why; it is kept in the log.")
        var reason: String
        @Option(help: "What the step gives instead, as JSON.")
        var result: String?

        func run() async throws {
            var body: ValueMap = ["step": .string(step), "reason": .string(reason)]
            if let result { body["output"] = try GivenValues.parse(result, "--result") }
            try await instance.send("skip", body) { answer in
                "\(answer.instanceID) goes on behind '\(step)'"
            }
        }
    }
}

extension InstanceCommands {
    struct Reset: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Go back to where an instance stood after an event, by appending.",
            discussion: """
                Needs a running engine. What was called then is called again; what was done since stays
                done outside.

                EXAMPLES:
                  daybook instance reset 018f --to 12 --reason "the price was wrong" --set price=120
                """
        )

        @OptionGroup var instance: InstanceOptions
        @Option(help: "After how many of its events, as 'daybook instance history' counts them.")
        var to: UInt64
        @Option(help: "Why; it is kept in the log.")
        var reason: String
        @Option(help: "A variable to change, as name=JSON; may come several times.")
        var set: [String] = []

        func run() async throws {
            let body: ValueMap = [
                "event": .uint(to), "reason": .string(reason),
                "variables": .map(try GivenValues.members(set, "--set")),
            ]
            try await instance.send("reset", body) { answer in
                "\(answer.instanceID) is back at event \(to)"
            }
        }
    }

    struct Fork: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Start a new instance where another one stood after an event.",
            discussion: """
                Needs a running engine. The first instance is left as it is.

                EXAMPLES:
                  daybook instance fork 018f --at 12 --input '{"rating": 5}'
                """
        )

        @OptionGroup var instance: InstanceOptions
        @Option(help: "After how many of its events, as 'daybook instance history' counts them.")
        var at: UInt64
        @Option(help: "Another input, as JSON.")
        var input: String?
        @Option(help: "A variable to change, as name=JSON; may come several times.")
        var set: [String] = []

        func run() async throws {
            var body: ValueMap = [
                "event": .uint(at), "variables": .map(try GivenValues.members(set, "--set")),
            ]
            if let input { body["input"] = try GivenValues.parse(input, "--input") }
            try await instance.send("fork", body) { answer in
                "\(answer["fork"]?.stringValue ?? "") begins where \(answer.instanceID) was "
                    + "after event \(at)"
            }
        }
    }

    struct Migrate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let an instance keep to another version of its workflow.",
            discussion:
                "Needs a running engine. Refused if the version does not fit where the instance "
                + "stands."
        )

        @OptionGroup var instance: InstanceOptions
        @Option(help: "The version's hash or its beginning; the active one if not given.")
        var to: String?
        @Option(help: "Why; it is kept in the log.")
        var reason: String

        func run() async throws {
            var body: ValueMap = ["reason": .string(reason)]
            if let to { body["version"] = .string(to) }
            try await instance.send("migrate", body) { answer in
                let hash = answer["definition"]?.stringValue ?? ""
                return "\(answer.instanceID) keeps to version \(hash.prefix(12))"
            }
        }
    }
}

extension Value {
    /// The instance that an answer of the engine is about.
    fileprivate var instanceID: String { self["instance"]?.stringValue ?? "the instance" }
}

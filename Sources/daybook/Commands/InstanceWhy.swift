import ArgumentParser
import EventModel
import Runtime

extension InstanceCommands {
    struct Why: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the chain of causes of a step.",
            discussion: """
                First what happened in the step, with the conditions that were evaluated and what \
                was decided about retries; then what led to it, back to the event that started \
                the instance and what caused that.

                EXAMPLES:
                  daybook instance why 018f client_lookup
                  daybook instance why 018f nobody_free.ask_a_person --json
                """
        )

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var reading: ReadingOptions
        @Argument(help: "The instance's id, or the beginning of it.")
        var id: String
        @Argument(help: "The step's path, or its name if only one has it.")
        var step: String

        func run() async throws {
            let past = try await Past.open(options, reading)
            let instance = try past.instance(id)
            let causes = try Past.failing { () throws(TravelError) in
                try StepCauses(of: step, in: instance, store: past.store)
            }
            if output.json {
                Terminal.out(try JSON.text(causes.value))
            } else {
                causes.lines.forEach(Terminal.out)
            }
        }
    }
}

extension StepCauses {
    /// A tree: the step, what happened in it, and the causes one below the other.
    var lines: [String] {
        var lines = [
            Terminal.styled(step, .bold) + "  of \(instance)",
            "├─ what happened in it",
        ]
        for (index, event) in own.enumerated() {
            let branch = index == own.count - 1 ? "└─" : "├─"
            lines.append("│  \(branch) \(Self.line(event))")
        }
        lines.append("└─ what led to it")
        var indent = "   "
        for link in chain {
            for condition in link.conditions {
                lines.append("\(indent)├─ \(Self.line(condition))")
            }
            lines.append("\(indent)└─ \(Self.line(link.event, in: instance))")
            indent += "   "
        }
        if chain.isEmpty { lines.append("   └─ nothing that the log knows") }
        if let missing {
            lines.append("\(indent)└─ event \(missing), which is not in this log")
        }
        lines.append("story \(correlation)")
        return lines
    }

    private static func line(_ event: Event, in instance: EventID? = nil) -> String {
        let isOwn = instance.map { event.stream.identifier == $0.text } ?? true
        let place = isOwn ? "#\(event.revision + 1)" : "@\(event.position)"
        var text = EventSentence.text(type: event.type, data: event.data)
        if !isOwn { text += " in \(event.stream.text), by \(event.actor)" }
        return Terminal.styled("\(place) \(event.recordedAt.shown)", .dim) + "  " + text
    }

    /// For programs.
    var value: Value {
        func member(_ event: Event) -> Value {
            [
                "position": .uint(event.position.value), "stream": .string(event.stream.text),
                "number": .uint(event.revision + 1), "id": .string(event.id.text),
                "type": .string(event.type), "time": .timestamp(event.recordedAt),
                "actor": .string(event.actor), "correlation": .string(event.correlation.text),
                "causation": event.causation.map { .string($0.text) } ?? .null,
                "sentence": .string(EventSentence.text(type: event.type, data: event.data)),
                "data": event.data,
            ]
        }
        return [
            "instance": .string(instance.text), "step": .string(step),
            "correlation": .string(correlation.text), "own": .list(own.map(member)),
            "chain": .list(
                chain.map { link in
                    [
                        "event": member(link.event),
                        "conditions": .list(link.conditions.map(member)),
                    ]
                }
            ),
            "missing": missing.map { .string($0.text) } ?? .null,
        ]
    }
}

import ArgumentParser
import EventModel
import HTTPClient
import WorkflowEngine

/// `daybook actions`: what steps can call.
struct Actions: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "actions",
        abstract: "List the actions that workflow steps can call.",
        discussion: """
            EXAMPLES:
              daybook actions
              daybook actions show booking.reserve
            """,
        subcommands: [List.self, Show.self],
        defaultSubcommand: List.self
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List all actions."
        )

        @OptionGroup var output: OutputOptions

        func run() async throws {
            let catalogue = try ActionList.describing()
            let descriptors = catalogue.handlers.map(\.descriptor).sorted { $0.name < $1.name }
            if output.json {
                Terminal.out(try JSON.text(.list(descriptors.map(\.value))))
                return
            }
            var table = Table(["action", "effect", "what it does"])
            for descriptor in descriptors {
                table.add([descriptor.name, descriptor.effect.rawValue, descriptor.summary])
            }
            table.print()
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Show the inputs and outputs of an action."
        )

        @Argument(help: "The action's name or one of its aliases.")
        var name: String
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let catalogue = try ActionList.describing()
            guard let descriptor = catalogue[name]?.descriptor else {
                throw CommandFailure(
                    "there is no action '\(name)'; "
                        + Suggest.remedy(for: name, among: catalogue.names)
                )
            }
            if output.json {
                Terminal.out(try JSON.text(descriptor.value))
                return
            }
            Terminal.out(Terminal.styled(descriptor.name, .bold) + "  " + descriptor.summary)
            if !descriptor.aliases.isEmpty {
                Terminal.out("also: " + descriptor.aliases.joined(separator: ", "))
            }
            if !descriptor.discussion.isEmpty { Terminal.out("\n" + descriptor.discussion) }
            fields("inputs (under 'with')", descriptor.inputs)
            fields("outputs (as steps.<name>.…)", descriptor.outputs)
            Terminal.out("\noutside effect: \(descriptor.effect.rawValue)")
        }

        private func fields(_ title: String, _ fields: [ActionField]) {
            Terminal.out("\n" + Terminal.styled(title, .bold))
            var table = Table(["name", "type", "", "meaning"])
            for field in fields {
                let choices =
                    field.choices.isEmpty ? "" : " (\(field.choices.joined(separator: ", ")))"
                table.add([
                    field.name, field.kind.rawValue, field.isRequired ? "required" : "",
                    field.summary + choices,
                ])
            }
            table.print(indentation: "  ")
        }
    }
}

extension ActionDescriptor {
    /// The description as a value; inputs and outputs as JSON Schema.
    var value: Value {
        [
            "name": .string(name), "aliases": .list(aliases.map(Value.string)),
            "summary": .string(summary), "discussion": .string(discussion),
            "effect": .string(effect.rawValue), "input": Self.schema(inputs),
            "output": Self.schema(outputs),
        ]
    }

    private static func schema(_ fields: [ActionField]) -> Value {
        var properties = ValueMap()
        for field in fields {
            var property: ValueMap = ["description": .string(field.summary)]
            switch field.kind {
            case .any: break
            case .string, .integer, .number, .boolean:
                property["type"] = .string(field.kind.rawValue)
            case .timestamp:
                property["type"] = "string"
                property["format"] = "date-time"
            case .duration:
                property["type"] = "string"
                property["format"] = "duration"
            case .list: property["type"] = "array"
            case .map: property["type"] = "object"
            }
            if !field.choices.isEmpty {
                property["enum"] = .list(field.choices.map(Value.string))
            }
            properties[field.name] = .map(property)
        }
        return [
            "type": "object", "properties": .map(properties),
            "required": .list(fields.filter(\.isRequired).map { .string($0.name) }),
        ]
    }
}

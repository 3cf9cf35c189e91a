import ArgumentParser
import EventModel
import HTTPClient
import Runtime

/// `daybook agents`: workers outside the engine.
struct AgentCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agents",
        abstract: "List and show the agents that take steps over HTTP.",
        discussion: """
            docs/agents.md has the protocol and an example of an agent.

            EXAMPLES:
              daybook agents list
              daybook agents show transcriber --json
            """,
        subcommands: [List.self, Show.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List agents, what they have, and how many steps wait for one."
        )

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let value = try await AgentCommands.state(options)
            if output.json {
                Terminal.out(try JSON.text(value))
                return
            }
            let agents = value["agents"]?.listValue ?? []
            let waiting = value["waiting"]?.listValue?.count ?? 0
            guard !agents.isEmpty else {
                Terminal.out("No agent has registered; \(waiting) steps wait for one.")
                return
            }
            var table = Table(["agent", "status", "health", "steps", "done", "capabilities"])
            for agent in agents {
                let count = agent["work"]?.listValue?.count ?? 0
                table.add([
                    agent.shown("agent"), agent.shown("status"), agent.shown("health"),
                    "\(count) of \(agent["capacity"]?.intValue ?? 0)",
                    String(agent["completed_count"]?.intValue ?? 0),
                    agent.shownList("capabilities"),
                ])
            }
            table.print()
            Terminal.out("\(waiting) steps wait for an agent")
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show an agent and the steps that it has."
        )

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "The agent's name.")
        var name: String

        func run() async throws {
            let value = try await AgentCommands.state(options)
            let agents = value["agents"]?.listValue ?? []
            guard let agent = agents.first(where: { $0.shown("agent") == name }) else {
                throw CommandFailure(
                    "no agent '\(name)' has registered; "
                        + Suggest.remedy(for: name, among: agents.map { $0.shown("agent") })
                )
            }
            if output.json {
                Terminal.out(try JSON.text(agent))
                return
            }
            Terminal.out(Terminal.styled(name, .bold) + "  " + agent.shown("description"))
            let counts = ["assigned", "completed", "failed", "released"].map { word in
                "\(word) \(agent["\(word)_count"]?.intValue ?? 0)"
            }
            for (label, text) in [
                ("status", "\(agent.shown("status")), \(agent.shown("health"))"),
                ("version", agent.shown("version")), ("registered", agent.shown("registered_at")),
                ("capabilities", agent.shownList("capabilities")),
                ("entities", agent.shownList("entities")),
                ("capacity", String(agent["capacity"]?.intValue ?? 0)),
                ("steps so far", counts.joined(separator: ", ")),
            ] where !text.isEmpty {
                Terminal.out("  \(label): \(text)")
            }
            var table = Table(["work", "workflow", "step", "attempt", "turn"])
            let works = agent["work"]?.listValue ?? []
            for work in works {
                table.add([
                    work.shown("work"), work.shown("workflow"), work.shown("step"),
                    String(work["attempt"]?.intValue ?? 0), String(work["number"]?.intValue ?? 0),
                ])
            }
            if !works.isEmpty { table.print(indentation: "  ") }
        }
    }

    /// From the running engine, or else from what its views keep.
    private static func state(_ options: ConfigurationOptions) async throws -> Value {
        let folder = try DataFolder(options)
        if let endpoint = EngineEndpoint.find(folder.path) {
            let client = HTTPClient()
            let value = try await endpoint.call("GET", "/api/agents", client: client)
            await client.shutdown()
            return value
        }
        _ = try folder.openLog()
        guard let views = try folder.openViews() else {
            return ["agents": .list([]), "waiting": .list([])]
        }
        return try AgentDirectory(views: views).value()
    }
}

extension Value {
    fileprivate func shown(_ key: String) -> String {
        self[key]?.stringValue ?? self[key]?.timestampValue.map { "\($0)" } ?? ""
    }

    fileprivate func shownList(_ key: String) -> String {
        (self[key]?.listValue ?? []).compactMap(\.stringValue).joined(separator: ", ")
    }
}

import ArgumentParser
import EventModel
import HTTPClient
import Runtime

/// `daybook integrations`: which outside systems answer.
struct Integrations: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "integrations",
        abstract: "List integrations and whether calls to them pass or are held back.",
        discussion: """
            Asks the running engine, or else the log, which knows those that were ever down. \
            'circuit' in the configuration says when calls are held back.

            EXAMPLES:
              daybook integrations
              daybook integrations --json
            """
    )

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let circuits = try await circuits()
        if output.json {
            Terminal.out(try JSON.text(.list(circuits)))
            return
        }
        guard !circuits.isEmpty else {
            Terminal.out("No integration was called yet.")
            return
        }
        var table = Table(["integration", "calls", "outages", "code", "try at"])
        let words = ["closed": "pass", "open": "held back", "half_open": "one tries"]
        for circuit in circuits {
            let phase = circuit["phase"]?.stringValue ?? ""
            let until = circuit["until"]
            table.add([
                circuit["integration"]?.stringValue ?? "", words[phase] ?? phase,
                String(circuit["failures"]?.intValue ?? 0), circuit["code"]?.stringValue ?? "",
                until?.stringValue ?? until?.timestampValue.map { "\($0)" } ?? "",
            ])
        }
        table.print()
    }

    private func circuits() async throws -> [Value] {
        let folder = try DataFolder(options)
        if let endpoint = EngineEndpoint.find(folder.path) {
            let client = HTTPClient()
            let status = try await endpoint.call("GET", "/api/status", client: client)
            await client.shutdown()
            return status["circuits"]?.listValue ?? []
        }
        return try CircuitReader.statuses(in: try folder.openLog()).map(\.value)
    }
}

import ArgumentParser
import Documents
import Foundation

/// Which configuration a command works with.
struct ConfigurationOptions: ParsableArguments {
    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "The configuration file; without it ./daybook.yaml if that exists, else the environment.",
            valueName: "file"
        )
    )
    var config: String?

    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "The data folder; goes before the configuration's 'data'.",
            valueName: "folder"
        )
    )
    var data: String?

    /// Reads and checks the configuration.
    func load() throws(CommandFailure) -> Configuration {
        let file = config ?? "daybook.yaml"
        var text: String?
        do {
            text = try String(contentsOfFile: file, encoding: .utf8)
        } catch {
            if config != nil {
                throw CommandFailure(
                    "cannot read \(file): \(error.localizedDescription)",
                    ExitStatus.badConfiguration
                )
            }
        }
        do throws(Problems) {
            var configuration = try ConfigurationReader.read(
                text,
                file: file,
                environment: ProcessInfo.processInfo.environment
            )
            if let data { configuration.dataFolder = data }
            return configuration
        } catch {
            throw CommandFailure(error, ExitStatus.badConfiguration)
        }
    }
}

/// How a listing is written.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Write JSON, for programs.")
    var json = false
}

/// How new what a command reads must be.
struct ReadingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Wait until the log has come as far as this position, up to 30 seconds.",
            valueName: "position"
        )
    )
    var atLeast: UInt64?
}

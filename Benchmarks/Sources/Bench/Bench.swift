import EventModel
import Foundation

/// What to measure, from the command line.
struct Options {
    var writesJSON = false
    var batches = 200
    var rounds = 3
    var parent = FileManager.default.currentDirectoryPath

    /// Reads the arguments; nil if they make no sense.
    ///
    /// Of a name that comes twice the last counts, so that a script's own choice
    /// can be overruled.
    init?(_ arguments: [String]) {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            switch name {
            case "--json":
                writesJSON = true
            case "--batches", "--rounds":
                guard let number = rest.popFirst().flatMap({ Int($0) }), number > 0 else {
                    return nil
                }
                if name == "--batches" { batches = number } else { rounds = number }
            case "--folder":
                guard let folder = rest.popFirst() else { return nil }
                parent = folder
            default:
                return nil
            }
        }
    }
}

@main struct Bench {
    static func main() async {
        guard let options = Options(Array(CommandLine.arguments.dropFirst())) else {
            complain("usage: bench [--json] [--batches 200] [--rounds 3] [--folder PATH]")
            exit(2)
        }
        let name = "daybook-bench-\(ProcessInfo.processInfo.processIdentifier)"
        let folder = URL(fileURLWithPath: options.parent).appendingPathComponent(name)
        do {
            defer { try? FileManager.default.removeItem(at: folder) }
            let log = LogBenchmark(
                folder: folder,
                rounds: options.rounds,
                batchCount: options.batches
            )
            let measurements =
                try await log.run() + CodecBenchmark.run(rounds: options.rounds)
                + ExpressionBenchmark.run(rounds: options.rounds)
            for measurement in measurements {
                print(options.writesJSON ? try JSON.text(measurement.json) : measurement.text)
            }
        } catch {
            complain("bench: \(error)")
            exit(1)
        }
    }

    private static func complain(_ message: String) {
        FileHandle.standardError.write(Data((message + "\n").utf8))
    }
}

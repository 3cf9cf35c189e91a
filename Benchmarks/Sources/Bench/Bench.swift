import EventModel
import Foundation

/// What to measure, from the command line.
struct Options {
    static let usage = """
        usage: bench [--json] [--only NAME[,NAME]] [--rounds 5] [--batches 1000] [--events 10000000] [--asleep 1000000]
                     [--folder PATH]
          --only     what to measure, by the beginnings of names: append.batch1000, append.steady5m,
                     append.single, append.clients64, read, scale, codec, cel, timers.asleep1m
          --rounds   how often the short ones are measured; the median counts
          --batches  how many commits of a thousand events a round has
          --events   how large the log of 'scale' is
          --asleep   how many instances sleep in 'timers.asleep1m'
          --folder   decides which disk is measured
        """

    var writesJSON = false
    var only: [String] = []
    var batches = 1000
    var rounds = 5
    var events = 10_000_000
    var asleep = 1_000_000
    var parent = FileManager.default.currentDirectoryPath
    /// Set in the process that 'scale' starts and kills.
    var childFolder: String?
    /// Set in the process that 'timers.asleep1m' starts.
    var timersFolder: String?

    /// Reads the arguments; nil if they make no sense.
    ///
    /// Of a name that comes twice the last counts, so that a script's own choice can be overruled.
    init?(_ arguments: [String]) {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            if name == "--json" {
                writesJSON = true
                continue
            }
            guard let text = rest.popFirst() else { return nil }
            switch name {
            case "--only": only = text.split(separator: ",").map(String.init)
            case "--folder": parent = text
            case "--child": childFolder = text
            case "--timers-child": timersFolder = text
            case "--batches", "--rounds", "--events", "--asleep":
                guard let number = Int(text), number > 0 else { return nil }
                if name == "--batches" { batches = number }
                if name == "--rounds" { rounds = number }
                if name == "--events" { events = number }
                if name == "--asleep" { asleep = number }
            default: return nil
            }
        }
    }

    func isWanted(_ name: String) -> Bool {
        only.isEmpty || only.contains { name.hasPrefix($0) }
    }
}

@main struct Bench {
    static func main() async {
        guard let options = Options(Array(CommandLine.arguments.dropFirst())) else {
            complain(Options.usage)
            exit(2)
        }
        do {
            if let folder = options.childFolder {
                try await ScaleBenchmark.child(folder, eventCount: options.events)
                return
            }
            if let folder = options.timersFolder {
                try await TimerBenchmark.child(folder)
                return
            }
            try await run(options)
        } catch {
            complain("bench: \(error)")
            exit(1)
        }
    }

    private static func run(_ options: Options) async throws {
        let name = "daybook-bench-\(ProcessInfo.processInfo.processIdentifier)"
        let folder = URL(fileURLWithPath: options.parent).appendingPathComponent(name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let append = AppendBenchmark(
            folder: folder,
            rounds: options.rounds,
            batches: options.batches
        )
        let read = ReadBenchmark(
            folder: folder,
            rounds: options.rounds,
            eventCount: options.batches * 1000
        )
        let scale = ScaleBenchmark(folder: folder, eventCount: options.events)
        let all: [(String, () async throws -> [Measurement])] = [
            ("append.batch1000", append.batch1000),
            ("append.batch1000_alone", append.batchAlone),
            ("append.clients64", append.clients64),
            ("append.single", append.single),
            ("append.steady5m", append.steady),
            ("read", read.run),
            ("scale", scale.run),
            ("codec", { try CodecBenchmark.run(rounds: options.rounds) }),
            ("cel", { try ExpressionBenchmark.run(rounds: options.rounds) }),
            (
                "timers.asleep1m",
                TimerBenchmark(folder: folder, instanceCount: options.asleep).run
            ),
        ]
        for (name, measure) in all where options.isWanted(name) {
            for measurement in try await measure() {
                let line = options.writesJSON ? try JSON.text(measurement.json) : measurement.text
                FileHandle.standardOutput.write(Data((line + "\n").utf8))
            }
        }
    }

    private static func complain(_ message: String) {
        FileHandle.standardError.write(Data((message + "\n").utf8))
    }
}

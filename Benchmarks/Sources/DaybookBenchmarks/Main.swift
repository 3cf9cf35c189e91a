import EventLog
import EventModel
import Foundation
import LMDBReference

/// Measures Daybook beside raw LMDB. Arguments: `--json`, `--runs N`, `--events N`.
@main
struct Main {
    static func main() async throws {
        let arguments = CommandLine.arguments
        let isJSON = arguments.contains("--json")
        let runs = number(after: "--runs", in: arguments) ?? 5
        let events = number(after: "--events", in: arguments) ?? 200_000
        let bench = LogBenchmark(runs: runs, eventCount: events)
        for figure in try await bench.figures() { print(isJSON ? figure.json : figure.text) }
    }

    private static func number(after name: String, in arguments: [String]) -> Int? {
        guard let index = arguments.firstIndex(of: name), index + 1 < arguments.count else { return nil }
        return Int(arguments[index + 1])
    }
}

import EventLog
import EventModel
import Foundation

/// The first page of each kind of query that an auditor asks.
struct QueryBenchmark {
    private static let pageEvents = 50
    private static let queriesEach = 200
    private static let target = 10.0

    let log: EventLog

    func run() throws -> [Measurement] {
        let sample = try samples()
        return try [
            measure("type") { EventFilter(types: [sample[$0].type]) },
            measure("entity") { EventFilter(entities: [sample[$0].entity ?? "the_7_space"]) },
            measure("actor") { EventFilter(actors: [sample[$0].actor]) },
            measure("correlation") { EventFilter(correlation: sample[$0].correlation) },
            measure("record") { EventFilter(records: [sample[$0].recordName]) },
            measure("time") { number in
                let from = sample[number].recordedAt
                return EventFilter(
                    since: from,
                    until: Timestamp(
                        microseconds: from.microseconds + 1_000_000
                    )
                )
            },
            measure("actor_and_type") {
                EventFilter(types: [sample[$0].type], actors: [sample[$0].actor])
            },
        ]
    }

    /// Events from all over the log, so that queries ask for what is there.
    private func samples() throws -> [Event] {
        var random = SmallRandom(99)
        return try (0..<QueryBenchmark.queriesEach).compactMap { _ in
            let position = Position(1 + random.next() % log.head.value)
            return try log.read(from: position, direction: .forward, limit: 1, filter: .all).first
        }
    }

    private func measure(
        _ name: String,
        _ filter: (Int) -> EventFilter
    ) throws -> Measurement {
        var latencies: [Double] = []
        var found = 0
        for number in 0..<QueryBenchmark.queriesEach {
            let filter = filter(number)
            let direction: ReadDirection = number.isMultiple(of: 2) ? .forward : .backward
            latencies.append(
                try Stopwatch.seconds {
                    found += try log.read(
                        from: nil,
                        direction: direction,
                        limit: QueryBenchmark.pageEvents,
                        filter: filter
                    ).count
                }
            )
        }
        guard found > 0 else { throw BenchmarkError("no query by \(name) found anything") }
        return Measurement(
            name: "query.\(name).p99",
            value: Stopwatch.percentile(latencies, 0.99) * 1000,
            unit: "ms",
            aim: .less,
            reference: QueryBenchmark.target,
            target: 1,
            settings: [
                "events": .uint(log.head.value), "page": .int(Int64(QueryBenchmark.pageEvents)),
                "queries": .int(Int64(latencies.count)), "found": .int(Int64(found)),
                "p50_ms": .double(Stopwatch.median(latencies) * 1000),
                "reference": "the target, 10 ms",
            ]
        )
    }
}

extension Event {
    /// The record that the event is about; a name that no record has for those about none.
    fileprivate var recordName: String {
        stream.category == "record" ? stream.identifier : "contacts_profiles/4"
    }
}

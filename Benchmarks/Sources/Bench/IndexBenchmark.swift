import EventLog
import EventModel
import Foundation

/// Making the index anew, and the first page of questions that it answers.
///
/// Values are per second; a question's is one over the time that 99 of 100 stay below, and the
/// times themselves are in the settings, in microseconds.
struct IndexBenchmark {
    let folder: URL
    let eventCount: Int
    private let pageEvents = 50
    private let roundsMax = 200

    func run() async throws -> [Measurement] {
        var log = try EventLog.open(at: folder.path)
        let filled = try await seconds { try await fill(log) }
        await log.close()
        try FileManager.default.removeItem(at: folder.appendingPathComponent("index"))
        let start = ContinuousClock.now
        log = try EventLog.open(at: folder.path)
        let built = (ContinuousClock.now - start) / .seconds(1)
        var measurements = [
            measurement("index.fill", Double(eventCount) / filled, "events per second"),
            measurement("index.build", Double(eventCount) / built, "events per second"),
        ]
        for question in IndexQuestion.all(eventCount: eventCount) {
            measurements.append(try measure(question, log))
        }
        await log.close()
        let reopening = ContinuousClock.now
        log = try EventLog.open(at: folder.path)
        let opened = (ContinuousClock.now - reopening) / .seconds(1)
        measurements.append(measurement("index.open", 1 / opened, "opens per second"))
        await log.close()
        return measurements
    }

    private func seconds(_ work: () async throws -> Void) async rethrows -> Double {
        let start = ContinuousClock.now
        try await work()
        return (ContinuousClock.now - start) / .seconds(1)
    }

    private func measure(_ question: IndexQuestion, _ log: EventLog) throws -> Measurement {
        var times: [Double] = []
        var found = 0
        for round in 0..<roundsMax {
            let start = ContinuousClock.now
            found += try question.ask(log, round, pageEvents)
            times.append((ContinuousClock.now - start) / .microseconds(1))
        }
        times.sort()
        let (middle, high) = (times[times.count / 2], times[times.count * 99 / 100])
        return measurement(
            "query.\(question.name)",
            1_000_000 / high,
            "first pages per second at p99",
            [
                "p50_us": .double(middle.rounded()), "p99_us": .double(high.rounded()),
                "max_us": .double((times.last ?? 0).rounded()),
                "events_per_page": .double(Double(found) / Double(roundsMax)),
            ]
        )
    }

    private func measurement(
        _ name: String,
        _ value: Double,
        _ unit: String,
        _ more: ValueMap = [:]
    ) -> Measurement {
        let settings: ValueMap = [
            "events": .int(Int64(eventCount)), "folder": .string(folder.path),
        ]
        return Measurement(
            name: name,
            value: value,
            unit: unit,
            reference: nil,
            settings: settings.merging(more)
        )
    }

    /// Appends in batches of 1,000; every hundredth event is in one of a few streams of 100 events,
    /// the others are in streams of ten.
    private func fill(_ log: EventLog) async throws {
        for first in stride(from: 0, to: eventCount, by: 1000) {
            let writes = (first..<min(first + 1000, eventCount)).map { number in
                StreamWrite(
                    stream: IndexSample.stream(number, eventCount),
                    expected: .any,
                    events: [IndexSample.proposal(number)]
                )
            }
            _ = try await log.append(writes)
        }
    }
}

/// The events of the benchmark, spread so that rare and common values exist.
enum IndexSample {
    static func mix(_ number: Int) -> UInt64 {
        var word = UInt64(number) &* 0x9E37_79B9_7F4A_7C15
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        return word ^ word >> 27
    }

    static func stream(_ number: Int, _ eventCount: Int) -> StreamName {
        number % 100 == 99
            ? StreamName(category: "task", "\(number / 100 % max(eventCount / 10_000, 1))")
            : StreamName(category: "instance", "\(mix(number) % UInt64(max(eventCount / 10, 1)))")
    }

    static func proposal(_ number: Int) -> ProposedEvent {
        let random = mix(number)
        let id = id(number)
        var metadata: ValueMap = [
            "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        ]
        if random % 10 == 0 { metadata["record"] = .string("contacts/\(random >> 8 & 0xFFFF)") }
        let type =
            number % 50_000 == 7
            ? "RareThing" : ["StepCompleted", "StepStarted", "TimerFired"][Int(random % 3)]
        return ProposedEvent(
            id: id,
            type: type,
            entity: ["the_7_space", "inner_group", "one"][Int(random >> 20 % 3)],
            actor: number % 70_000 == 11 ? "user:rare" : "user:\(random >> 12 & 0x3FF)",
            correlation: self.id(number / 5 * 5),
            data: Sample.data(number),
            metadata: metadata
        )
    }

    static func id(_ number: Int) -> EventID {
        let milliseconds = 1_790_000_000_000 + Int64(number / 100)
        return .build(unixMilliseconds: milliseconds, randA: 0, randB: mix(number))
    }
}

/// One kind of question; the round chooses its value.
struct IndexQuestion {
    var name: String
    var ask: (EventLog, Int, Int) throws -> Int

    private static func filtered(
        _ name: String,
        _ make: @escaping (Int) -> EventFilter
    ) -> IndexQuestion {
        IndexQuestion(name: name) { log, round, limit in
            try log.read(
                from: nil,
                direction: round % 2 == 0 ? .backward : .forward,
                limit: limit,
                filter: make(round)
            ).count
        }
    }

    static func all(eventCount: Int) -> [IndexQuestion] {
        func number(_ round: Int) -> Int { Int(IndexSample.mix(round) % UInt64(eventCount)) }
        func time(_ log: EventLog, _ round: Int) throws -> Timestamp? {
            let position = Position(UInt64(number(round)) + 1)
            return try log.read(from: position, direction: .forward, limit: 1, filter: .all)
                .first?.recordedAt
        }
        return [
            filtered("type.rare") { _ in EventFilter(types: ["RareThing"]) },
            filtered("type") { _ in EventFilter(types: ["StepStarted"]) },
            filtered("entity") { _ in EventFilter(entities: ["inner_group"]) },
            filtered("category") { _ in EventFilter(categories: ["task"]) },
            filtered("actor") { EventFilter(actors: ["user:\($0 % 1024)"]) },
            filtered("correlation") {
                EventFilter(correlation: IndexSample.id(number($0) / 5 * 5))
            },
            filtered("record") { EventFilter(records: ["contacts/\(number($0) & 0xFFFF)"]) },
            filtered("actor.rare+type") { _ in
                EventFilter(types: ["StepStarted"], actors: ["user:rare"])
            },
            filtered("actor+type") {
                EventFilter(types: ["StepStarted"], actors: ["user:\($0 % 1024)"])
            },
            filtered("type+category") { _ in
                EventFilter(categories: ["task"], types: ["RareThing"])
            },
            filtered("record+entity") {
                EventFilter(entities: ["one"], records: ["contacts/\(number($0) & 0xFFFF)"])
            },
            filtered("nothing") { EventFilter(actors: ["user:nobody\($0)"]) },
            IndexQuestion(name: "time") { log, round, limit in
                let since = try time(log, round)
                let filter = EventFilter(since: since)
                return try log.read(from: nil, direction: .forward, limit: limit, filter: filter)
                    .count
            },
            IndexQuestion(name: "stream100") { log, round, _ in
                let last = max(eventCount / 10_000, 1)
                let stream = StreamName(category: "task", "\(round % last)")
                return try log.readStream(stream, from: nil, direction: .forward, limit: 100).count
            },
            IndexQuestion(name: "stream") { log, round, _ in
                let stream = IndexSample.stream(number(round), eventCount)
                return try log.readStream(stream, from: nil, direction: .forward, limit: 100).count
            },
        ]
    }
}

import DaybookTestKit
import EventModel
import Testing

@testable import EventLog

/// Random events and random questions; the answers are compared with a look at every event.
@Suite struct IndexModelTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func answersLikeALookAtEveryEvent(_ seed: UInt64) async throws {
        var random = SplitMix(seed: seed)
        let configuration = EventLogConfiguration(
            now: VariedEvents.clock(),
            indexBatchEventsMax: [3, 7, 16, 40][Int(seed % 4)],
            indexMergeFactor: 2 + Int(seed % 3),
            indexSegmentEventsMax: 200
        )
        var number = 0
        for round in 0..<4 {
            let log = try EventLog.open(at: folder.path, configuration: configuration)
            for _ in 0..<40 {
                let writes = VariedEvents.writes(from: number, using: &random)
                number += writes.reduce(0) { $0 + $1.events.count }
                _ = try await log.append(writes)
            }
            if round % 2 == 0 { try await log.flushIndex() }
            try VariedEvents.compare(log, questionCount: 60, using: &random)
            await log.close()
            try await compareInAReader(configuration, using: &random)
        }
        let log = try EventLog.open(at: folder.path, configuration: configuration)
        let report = try await log.verify()
        #expect(report.isGood, "\(report.problems)")
        #expect(try log.information().streamCount == report.streamCount)
        await log.close()
    }

    private func compareInAReader(
        _ configuration: EventLogConfiguration,
        using random: inout SplitMix
    ) async throws {
        var configuration = configuration
        configuration.mode = .readOnly
        let reader = try EventLog.open(at: folder.path, configuration: configuration)
        try VariedEvents.compare(reader, questionCount: 20, using: &random)
        await reader.close()
    }

    @Test func followsASelectiveFilterFromFarBehind() async throws {
        let configuration = EventLogConfiguration(indexBatchEventsMax: 1000)
        let log = try EventLog.open(at: folder.path, configuration: configuration)
        let rare = SampleEvents.stream("rare")
        for number in 0..<10 {
            let first = number * 1000
            try await log.append(first..<first + 999, to: SampleEvents.stream("s"))
            try await log.append(first + 999..<first + 1000, to: rare)
        }
        var seen: [UInt64] = []
        var last: Position = 0
        for try await batch in log.subscribe(after: 5, filter: EventFilter(streams: [rare])) {
            seen += batch.events.map(\.position.value)
            #expect(batch.position > last)
            last = batch.position
            if last == 10_000 { break }
        }
        #expect(seen == (1...10).map { UInt64($0 * 1000) })
        await log.close()
    }

    @Test func checksAConditionFromFarBehind() async throws {
        let configuration = EventLogConfiguration(indexBatchEventsMax: 500)
        let log = try EventLog.open(at: folder.path, configuration: configuration)
        let rare = SampleEvents.stream("rare")
        try await log.append(0..<1000, to: SampleEvents.stream("s"))
        try await log.append(1000..<1001, to: rare)
        try await log.append(1001..<3000, to: SampleEvents.stream("s"))
        func refusal(after: Position, _ number: Int) async -> EventLogError? {
            let condition = AppendCondition(filter: EventFilter(streams: [rare]), after: after)
            let events = SampleEvents.proposed(number..<number + 1)
            let write = StreamWrite(stream: rare, expected: .any, events: events)
            return await asyncFailure { try await log.append([write], unless: condition) }
        }
        let refused = await refusal(after: 0, 5000)
        #expect(refused?.code == .conditionFailed)
        #expect(refused?.message.hasPrefix("event 1001, ") == true, "\(refused?.message ?? "")")
        #expect(await refusal(after: 1000, 5001)?.code == .conditionFailed)
        #expect(await refusal(after: 1001, 5002) == nil)
        #expect(await refusal(after: 1001, 5003)?.message.hasPrefix("event 3001, ") == true)
        await log.close()
    }

    /// Readers ask while generations are written and merged.
    @Test func answersWhileSegmentsAreWrittenAndMerged() async throws {
        let configuration = EventLogConfiguration(
            now: VariedEvents.clock(),
            notice: { notice in Issue.record("behind the scenes: \(notice)") },
            indexBatchEventsMax: 16,
            indexMergeFactor: 2,
            indexSegmentEventsMax: 512
        )
        let log = try EventLog.open(at: folder.path, configuration: configuration)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                var random = SplitMix(seed: 42)
                var number = 0
                for _ in 0..<400 {
                    let writes = VariedEvents.writes(from: number, using: &random)
                    number += writes.reduce(0) { $0 + $1.events.count }
                    _ = try await log.append(writes)
                }
            }
            for reader in 0..<3 {
                group.addTask {
                    var random = SplitMix(seed: UInt64(reader))
                    for _ in 0..<20 {
                        try VariedEvents.compare(log, questionCount: 3, using: &random)
                        await Task.yield()
                    }
                }
            }
            try await group.waitForAll()
        }
        let report = try await log.verify()
        #expect(report.isGood, "\(report.problems)")
        await log.close()
    }
}

/// Events whose fields take few values, so that every question has answers.
enum VariedEvents {
    static let types = ["NoteTaken", "TaskCreated", "StepFailed"]
    static let actors = ["system", "user:ana", "user:bor", "agent:x"]
    static let entities = ["the_7_space", "inner_group"]
    static let records = ["contacts/1", "contacts/2", "tasks/9"]

    static func streams() -> [StreamName] {
        (0..<5).map { SampleEvents.stream("s\($0)") }
            + (0..<3).map { StreamName(category: "task", "\($0)") }
            + records.map { StreamName(category: "record", $0) }
    }

    /// A clock that goes on by a millisecond a look, and stands still now and then.
    static func clock() -> @Sendable () -> Timestamp {
        let ticks = Monitor(0)
        return {
            let tick = ticks.withLock { tick in
                tick += 1
                return tick
            }
            return Timestamp(milliseconds: 1_790_000_000_000 + Int64(tick / 3 * 3))
        }
    }

    static func writes(from number: Int, using random: inout SplitMix) -> [StreamWrite] {
        var number = number
        return (0..<Int.random(in: 1...3, using: &random)).map { _ in
            let count = Int.random(in: 1...4, using: &random)
            defer { number += count }
            let stream = streams().randomElement(using: &random) ?? SampleEvents.stream("s")
            let events = (number..<number + count).map { event($0, using: &random) }
            return StreamWrite(stream: stream, expected: .any, events: events)
        }
    }

    private static func event(_ number: Int, using random: inout SplitMix) -> ProposedEvent {
        var event = SampleEvents.proposed(
            number,
            type: types.randomElement(using: &random) ?? "NoteTaken",
            entity: Bool.random(using: &random) ? entities.randomElement(using: &random) : nil
        )
        event.actor = actors.randomElement(using: &random) ?? "system"
        if Bool.random(using: &random), number > 0 {
            event.correlation = SampleEvents.id(Int.random(in: 0..<number, using: &random) / 8)
        }
        if Int.random(in: 0..<4, using: &random) == 0 {
            let record = records.randomElement(using: &random) ?? ""
            event.metadata = ["record": .string(record), "source": "test"]
        }
        return event
    }

    private static func randomFilter(_ all: [Event], using random: inout SplitMix) -> EventFilter {
        var filter = EventFilter()
        func some(_ texts: [String], _ random: inout SplitMix) -> Set<String> {
            guard Int.random(in: 0..<4, using: &random) == 0 else { return [] }
            return Set(texts.shuffled(using: &random).prefix(Int.random(in: 1...2, using: &random)))
        }
        filter.types = some(types, &random)
        filter.actors = some(actors + ["user:nobody"], &random)
        filter.entities = some(entities, &random)
        filter.records = some(records, &random)
        filter.categories = some(["note", "task", "record", "none"], &random)
        if Int.random(in: 0..<5, using: &random) == 0 {
            filter.streams = Set(streams().shuffled(using: &random).prefix(2))
        }
        if Int.random(in: 0..<8, using: &random) == 0 {
            filter.correlation = all.randomElement(using: &random)?.correlation
        }
        if Int.random(in: 0..<6, using: &random) == 0 {
            filter.since = all.randomElement(using: &random)?.recordedAt
        }
        if Int.random(in: 0..<6, using: &random) == 0 {
            filter.until = all.randomElement(using: &random)?.recordedAt
        }
        return filter
    }

    /// Asks a log about the events that it had when this began.
    static func compare(
        _ log: EventLog,
        questionCount: Int,
        using random: inout SplitMix
    ) throws {
        let all = try log.read(from: nil, direction: .forward, limit: .max, filter: .all)
        guard let last = all.last?.position else { return }
        for _ in 0..<questionCount {
            let filter = randomFilter(all, using: &random)
            let isForward = Bool.random(using: &random)
            let limit = [1, 3, 1000].randomElement(using: &random) ?? 1
            let from = Position(UInt64.random(in: 1...last.value, using: &random))
            let stretch = all.filter { isForward ? $0.position >= from : $0.position <= from }
            let wanted = stretch.filter(filter.matches)
            let ordered = isForward ? wanted : wanted.reversed()
            let found = try log.read(
                from: from,
                direction: isForward ? .forward : .backward,
                limit: limit,
                filter: filter
            ).filter { $0.position <= last }
            // Forward, later events may have come between the two looks; they are not counted.
            guard found == Array(ordered.prefix(found.count)),
                found.count == min(limit, ordered.count)
            else {
                Issue.record("\(filter) from \(from): \(found.count) of \(ordered.count)")
                return
            }
        }
        for stream in streams() {
            let own = all.filter { $0.stream == stream }
            let found = try log.readStream(stream, from: nil, direction: .forward, limit: .max)
                .filter { $0.position <= last }
            guard found == own else {
                Issue.record("stream \(stream): \(found.count) events of \(own.count)")
                return
            }
        }
    }
}

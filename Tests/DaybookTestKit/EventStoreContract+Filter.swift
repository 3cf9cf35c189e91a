import EventLog
import EventModel

extension EventStoreContract {
    /// Events that differ in every field a filter can ask for; their numbers are their order.
    private static let varied: [(stream: StreamName, event: ProposedEvent)] = {
        let task = StreamName(category: "task", "1")
        let contact = StreamName(category: "record", "contacts_profiles/2b4c")
        var changed = SampleEvents.proposed(5)
        changed.actor = "notion:ana"
        var about = SampleEvents.proposed(6)
        about.metadata = ["record": "contacts_profiles/2b4c", "source": "test"]
        var wrong = SampleEvents.proposed(7)
        wrong.metadata = ["record": 7]
        var other = SampleEvents.proposed(8)
        other.actor = "user:zo\u{EB}"
        other.correlation = SampleEvents.id(3)
        return [
            (ana, SampleEvents.proposed(0)), (ana, SampleEvents.proposed(1)),
            (task, SampleEvents.proposed(2, type: "TaskCreated", entity: "the_7_space")),
            (ana, SampleEvents.proposed(3)), (bor, SampleEvents.proposed(4)),
            (contact, changed), (ana, about), (bor, wrong), (bor, other),
        ]
    }()
    private static let ana = SampleEvents.stream("ana")
    private static let bor = SampleEvents.stream("bor")

    static func readsWhatAFilterWants(_ store: any EventStore) async throws {
        for (stream, event) in varied {
            let write = StreamWrite(stream: stream, expected: .any, events: [event])
            _ = try await store.append([write])
        }
        let all = try store.read(from: nil, direction: .forward, limit: 99, filter: .all)
        let task = StreamName(category: "task", "1")
        let record = "contacts_profiles/2b4c"
        let times = all.map(\.recordedAt)
        let cases: [(EventFilter, [Int])] = [
            (.all, Array(0..<9)), (EventFilter(categories: ["task"]), [2]),
            (EventFilter(types: ["NoteTaken"]), [0, 1, 3, 4, 5, 6, 7, 8]),
            (EventFilter(types: ["NoteTaken", "TaskCreated"]), Array(0..<9)),
            (EventFilter(entities: ["the_7_space"]), [2]),
            (EventFilter(entities: ["nothing"]), []),
            (EventFilter(correlation: SampleEvents.id(3)), [3, 8]),
            (EventFilter(categories: ["note"], types: ["TaskCreated"]), []),
            (EventFilter(streams: [bor]), [4, 7, 8]),
            (EventFilter(streams: [bor, task]), [2, 4, 7, 8]),
            (EventFilter(types: ["TaskCreated"], streams: [bor]), []),
            (EventFilter(actors: ["notion:ana"]), [5]),
            (EventFilter(actors: ["notion:ana", "nobody"]), [5]),
            (EventFilter(actors: ["user:zo\u{EB}"]), [8]),
            // The same letters in other bytes.
            (EventFilter(actors: ["user:zoe\u{308}"]), []),
            (EventFilter(records: [record]), [5, 6]),
            (EventFilter(categories: ["note"], records: [record]), [6]),
            (EventFilter(actors: ["user:ana"], records: [record]), [6]),
            (EventFilter(records: ["7"]), []), (EventFilter(records: ["1"]), []),
        ]
        for (filter, wanted) in cases { try check(store, filter, wanted) }
        for index in all.indices {
            let since = times.indices.filter { times[$0] >= times[index] }
            let until = times.indices.filter { times[$0] < times[index] }
            try check(store, EventFilter(since: times[index]), since)
            try check(store, EventFilter(until: times[index]), until)
            let both = EventFilter(streams: [bor], since: times[index], until: times.last)
            let isBor = { (number: Int) in [4, 7, 8].contains(number) && times[number] < times[8] }
            try check(store, both, since.filter(isBor))
        }
        let ever = EventFilter(
            since: Timestamp(microseconds: .min),
            until: Timestamp(microseconds: .max)
        )
        try check(store, ever, Array(0..<9))
    }

    private static func check(
        _ store: any EventStore,
        _ filter: EventFilter,
        _ wanted: [Int]
    ) throws {
        let forward = try store.read(from: nil, direction: .forward, limit: 99, filter: filter)
        try requireEqual(store.numbers(forward), wanted, "\(filter)")
        let backward = try store.read(from: nil, direction: .backward, limit: 2, filter: filter)
        let last = Array(wanted.reversed().prefix(2))
        try requireEqual(store.numbers(backward), last, "backward \(filter)")
        let later = try store.read(from: 4, direction: .forward, limit: 2, filter: filter)
        let next = Array(wanted.filter { $0 >= 3 }.prefix(2))
        try requireEqual(store.numbers(later), next, "from 4 \(filter)")
    }
}

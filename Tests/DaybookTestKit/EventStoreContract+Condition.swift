import EventLog
import EventModel

extension EventStoreContract {
    private static let ana = SampleEvents.stream("ana")
    private static let bor = SampleEvents.stream("bor")

    private static func write(_ numbers: Range<Int>) -> [StreamWrite] {
        [StreamWrite(stream: ana, expected: .any, events: SampleEvents.proposed(numbers))]
    }

    static let conditionCases = [
        EventStoreContract("refusesAnAppendThatAnEventStandsAgainst") { store in
            let task = StreamName(category: "task", "1")
            let other = SampleEvents.proposed(2, type: "TaskCreated", entity: "the_7_space")
            try await store.append(0..<2, to: bor)
            _ = try await store.append([StreamWrite(stream: task, expected: .any, events: [other])])
            try await store.append(3..<4, to: bor)
            let refused: [(EventFilter, Position)] = [
                (.all, 0), (.all, 3), (EventFilter(types: ["TaskCreated"]), 2),
                (EventFilter(categories: ["task"]), 0),
                (EventFilter(entities: ["the_7_space"]), 1),
                (EventFilter(correlation: SampleEvents.id(3)), 3),
            ]
            for (filter, after) in refused {
                let condition = AppendCondition(filter: filter, after: after)
                try await requireFailure(.conditionFailed) { () throws(EventLogError) in
                    try await store.append(write(50..<52), unless: condition)
                }
            }
            try requireEqual(store.head, 4, "head")
            try requireEqual(try store.eventCount(of: ana), 0, "count")
            let accepted: [(EventFilter, Position)] = [
                (.all, 4), (EventFilter(types: ["TaskCreated"]), 3),
                (EventFilter(categories: ["nothing"]), 0),
                (EventFilter(categories: ["note"], types: ["TaskCreated"]), 0),
                (EventFilter(correlation: SampleEvents.id(9)), 0),
                (EventFilter(types: ["TaskCreated"]), Position(.max)),
            ]
            for (index, (filter, after)) in accepted.enumerated() {
                let condition = AppendCondition(filter: filter, after: after)
                _ = try await store.append(write(60 + index..<61 + index), unless: condition)
            }
            try requireEqual(store.head, 10, "head")
        },
        EventStoreContract("doesNotHoldAnAppendsOwnEventsAgainstIt") { store in
            let condition = AppendCondition(filter: .all, after: .start)
            let first = try await store.append(write(0..<2), unless: condition)
            let again = try await store.append(write(0..<2), unless: condition)
            try requireEqual(again.places, first.places, "a repeat")
            try require(again.isRepeat, "isRepeat")
        },
        EventStoreContract("letsOneOfManyRivalsThrough") { store in
            try await store.append(0..<1, to: bor)
            let filter = EventFilter(types: ["RoomTaken"])
            let condition = AppendCondition(filter: filter, after: store.head)
            let winners = await withTaskGroup(of: Bool.self) { group in
                for number in 1..<33 {
                    group.addTask {
                        let event = SampleEvents.proposed(number, type: "RoomTaken")
                        let stream = SampleEvents.stream("rival\(number)")
                        let write = StreamWrite(stream: stream, expected: .none, events: [event])
                        do throws(EventLogError) {
                            _ = try await store.append([write], unless: condition)
                            return true
                        } catch {
                            return error.code != .conditionFailed
                        }
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            try requireEqual(winners, 1, "appends that went through")
            try requireEqual(store.head, 2, "head")
        },
    ]
}

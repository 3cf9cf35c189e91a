public import EventLog
public import EventModel

/// What every ``EventLog/EventStore`` must do, as cases that a parametrised test runs on a fresh
/// store.
public struct EventStoreContract: Sendable, CustomStringConvertible {
    /// What was not as it must be.
    public struct Violation: Error, CustomStringConvertible {
        public let description: String
    }

    /// The case's name.
    public let description: String
    /// Runs the case on an empty store.
    public let run: @Sendable (any EventStore) async throws -> Void

    init(_ name: String, _ run: @escaping @Sendable (any EventStore) async throws -> Void) {
        description = name
        self.run = run
    }

    /// All cases.
    public static let cases =
        appendCases + expectationCases + conditionCases + identityCases + readCases + followCases

    static func require(_ condition: Bool, _ message: @autoclosure () -> String) throws {
        guard condition else { throw Violation(description: message()) }
    }

    static func requireEqual<T: Equatable>(_ found: T, _ wanted: T, _ what: String) throws {
        try require(found == wanted, "\(what): found \(found), wanted \(wanted)")
    }

    static func requireFailure(
        _ code: EventLogError.Code,
        _ body: () async throws(EventLogError) -> AppendResult
    ) async throws {
        let result: AppendResult
        do throws(EventLogError) {
            result = try await body()
        } catch {
            try requireEqual(error.code, code, "the error '\(error.message)'")
            return
        }
        throw Violation(description: "no error \(code), but \(result)")
    }
}

extension EventStore {
    /// Appends sample events to one stream.
    @discardableResult
    public func append(
        _ numbers: Range<Int>,
        to stream: StreamName,
        expected: ExpectedRevision = .any
    ) async throws(EventLogError) -> AppendResult {
        let events = SampleEvents.proposed(numbers)
        return try await append([StreamWrite(stream: stream, expected: expected, events: events)])
    }

    /// The numbers of sample events, as far as they are some.
    public func numbers(_ events: [Event]) -> [Int] {
        events.map { $0.data["number"]?.intValue.map { Int($0) } ?? -1 }
    }
}

extension EventStoreContract {
    private static let ana = SampleEvents.stream("ana")
    private static let bor = SampleEvents.stream("bor")

    static let appendCases = [
        EventStoreContract("givesPlacesInOrder") { store in
            let first = try await store.append(0..<2, to: ana)
            let second = try await store.append([
                StreamWrite(stream: bor, expected: .any, events: SampleEvents.proposed(2..<3)),
                StreamWrite(stream: ana, expected: .any, events: SampleEvents.proposed(3..<4)),
            ])
            let places = (first.places + second.places).map {
                [$0.position.value, $0.revision]
            }
            try requireEqual(places, [[1, 0], [2, 1], [3, 0], [4, 2]], "places")
            try requireEqual([first.isRepeat, second.isRepeat], [false, false], "isRepeat")
            try requireEqual(store.head, 4, "head")
        },
        EventStoreContract("keepsEveryField") { store in
            let proposed = ProposedEvent(
                id: SampleEvents.id(1),
                type: "NoteTaken",
                schema: 7,
                entity: "the_7_space",
                actor: "agent:scribe",
                correlation: SampleEvents.id(8),
                causation: SampleEvents.id(9),
                data: [
                    "list": [nil, true, -1, 2.5, "ž", .bytes([0, 255])],
                    "at": .timestamp(Timestamp(seconds: 5, nanoseconds: 1000)),
                    "for": .duration(.milliseconds(1500)),
                ],
                metadata: ["traceparent": "00-01"]
            )
            let write = StreamWrite(stream: ana, expected: .none, events: [proposed])
            _ = try await store.append([write])
            let found = try store.read(from: nil, direction: .forward, limit: 9, filter: .all)
            try requireEqual(found.count, 1, "count")
            guard let event = found.first else { return }
            try requireEqual(event.id, proposed.id, "id")
            try requireEqual(event.stream, ana, "stream")
            try requireEqual(event.revision, 0, "revision")
            try requireEqual(event.position, 1, "position")
            try requireEqual(event.type, proposed.type, "type")
            try requireEqual(event.schema, 7, "schema")
            try requireEqual(event.entity, proposed.entity, "entity")
            try requireEqual(event.actor, proposed.actor, "actor")
            try requireEqual(event.correlation, SampleEvents.id(8), "correlation")
            try requireEqual(event.causation, SampleEvents.id(9), "causation")
            try requireEqual(event.data, proposed.data, "data")
            try requireEqual(event.metadata, proposed.metadata, "metadata")
        },
        EventStoreContract("beginsAStoryWithItself") { store in
            try await store.append(5..<6, to: ana)
            let event = try store.readStream(ana, from: nil, direction: .forward, limit: 1).first
            try requireEqual(event?.correlation, SampleEvents.id(5), "correlation")
            try requireEqual(event?.causation, nil, "causation")
        },
        EventStoreContract("addsNothingForNothing") { store in
            let result = try await store.append([])
            try requireEqual(result, AppendResult(places: [], isRepeat: false), "result")
            try requireEqual(result.lastPosition, .start, "lastPosition")
            try requireEqual(store.head, .start, "head")
        },
    ]

    static let expectationCases = [
        EventStoreContract("refusesAWrongExpectation") { store in
            try await store.append(0..<2, to: ana)
            let refused: [(StreamName, ExpectedRevision)] = [
                (ana, .none), (ana, .exact(0)), (ana, .exact(2)), (bor, .exists), (bor, .exact(0)),
            ]
            for (index, (stream, expected)) in refused.enumerated() {
                try await requireFailure(.wrongExpectedRevision) { () throws(EventLogError) in
                    try await store.append(10 + index..<11 + index, to: stream, expected: expected)
                }
            }
            try requireEqual(store.head, 2, "head")
        },
        EventStoreContract("acceptsARightExpectation") { store in
            try await store.append(0..<1, to: ana, expected: .none)
            try await store.append(1..<2, to: ana, expected: .exact(0))
            try await store.append(2..<3, to: ana, expected: .exists)
            try await store.append(3..<4, to: ana, expected: .any)
            try requireEqual(try store.eventCount(of: ana), 4, "count")
        },
        EventStoreContract("addsAllOrNone") { store in
            try await requireFailure(.wrongExpectedRevision) { () throws(EventLogError) in
                try await store.append([
                    StreamWrite(stream: ana, expected: .any, events: SampleEvents.proposed(0..<3)),
                    StreamWrite(
                        stream: bor,
                        expected: .exists,
                        events: SampleEvents.proposed(3..<4)
                    ),
                ])
            }
            try requireEqual(store.head, .start, "head")
            try requireEqual(try store.eventCount(of: ana), 0, "count")
        },
        EventStoreContract("checksEveryExpectationBeforeTheAppend") { store in
            let result = try await store.append([
                StreamWrite(stream: ana, expected: .none, events: SampleEvents.proposed(0..<2)),
                StreamWrite(stream: bor, expected: .none, events: SampleEvents.proposed(3..<4)),
                StreamWrite(stream: ana, expected: .none, events: SampleEvents.proposed(2..<3)),
                StreamWrite(stream: ana, expected: .none, events: SampleEvents.proposed(4..<6)),
                StreamWrite(stream: bor, expected: .none, events: SampleEvents.proposed(6..<7)),
            ])
            try requireEqual(result.places.map(\.revision), [0, 1, 0, 2, 3, 4, 1], "revisions")
        },
    ]

    static let identityCases = [
        EventStoreContract("answersARepeatWithTheFirstAnswer") { store in
            let first = try await store.append(0..<3, to: ana, expected: .none)
            try await store.append(7..<9, to: ana)
            let second = try await store.append(0..<3, to: ana, expected: .none)
            try requireEqual(second.places, first.places, "places")
            try require(second.isRepeat, "isRepeat")
            try requireEqual(store.head, 5, "head")
        },
        EventStoreContract("refusesAHalfRepeat") { store in
            try await store.append(0..<2, to: ana)
            try await requireFailure(.identityConflict) { () throws(EventLogError) in
                try await store.append(1..<3, to: ana)
            }
            try requireEqual(store.head, 2, "head")
        },
        EventStoreContract("refusesARepeatInAnotherStream") { store in
            try await store.append(0..<2, to: ana)
            try await requireFailure(.identityConflict) { () throws(EventLogError) in
                try await store.append(0..<2, to: bor)
            }
            try requireEqual(store.head, 2, "head")
        },
    ]

    static let readCases = [
        EventStoreContract("readsAStreamInBothDirections") { store in
            for number in 0..<10 {
                try await store.append(number..<number + 1, to: number % 2 == 0 ? ana : bor)
            }
            let cases: [(Revision?, ReadDirection, Int, [Int])] = [
                (nil, .forward, 99, [0, 2, 4, 6, 8]), (2, .forward, 2, [4, 6]),
                (5, .forward, 9, []), (4, .forward, 9, [8]), (nil, .forward, 0, []),
                (nil, .backward, 99, [8, 6, 4, 2, 0]), (2, .backward, 2, [4, 2]),
                (9, .backward, 1, [8]), (0, .backward, 9, [0]), (nil, .backward, 0, []),
            ]
            for (revision, direction, limit, wanted) in cases {
                let found = try store.readStream(
                    ana,
                    from: revision,
                    direction: direction,
                    limit: limit
                )
                let name = "from \(revision.map(String.init) ?? "nil") \(direction) \(limit)"
                try requireEqual(store.numbers(found), wanted, name)
            }
            let none = SampleEvents.stream("nobody")
            for direction in [ReadDirection.forward, .backward] {
                let found = try store.readStream(none, from: nil, direction: direction, limit: 9)
                try requireEqual(found.count, 0, "a stream that is not there")
            }
        },
        EventStoreContract("readsTheLogInBothDirections") { store in
            try await store.append(1..<7, to: ana)
            let cases: [(Position?, ReadDirection, Int, [Int])] = [
                (nil, .forward, 99, [1, 2, 3, 4, 5, 6]), (0, .forward, 1, [1]),
                (5, .forward, 9, [5, 6]), (7, .forward, 9, []), (3, .forward, 0, []),
                (nil, .backward, 3, [6, 5, 4]), (2, .backward, 9, [2, 1]),
                (99, .backward, 1, [6]), (0, .backward, 9, []),
            ]
            for (position, direction, limit, wanted) in cases {
                let found = try store.read(
                    from: position,
                    direction: direction,
                    limit: limit,
                    filter: .all
                )
                let name = "from \(position.map { "\($0)" } ?? "nil") \(direction) \(limit)"
                try requireEqual(store.numbers(found), wanted, name)
            }
        },
        EventStoreContract("readsWhatAFilterWants") { try await readsWhatAFilterWants($0) },
    ]

    static let followCases = [
        EventStoreContract("catchesUpAndGoesOn") { store in
            try await store.append(1..<1001, to: ana)
            var iterator = store.subscribe(after: 10, filter: .all).makeAsyncIterator()
            var seen: [Int] = []
            while seen.count < 990, let batch = try await iterator.next() {
                seen += store.numbers(batch.events)
            }
            try requireEqual(seen, Array(11...1000), "caught up")
            try await store.append(1001..<1003, to: bor)
            while seen.count < 992, let batch = try await iterator.next() {
                seen += store.numbers(batch.events)
                try require(batch.position <= store.head, "position beyond the head")
            }
            try requireEqual(Array(seen.suffix(2)), [1001, 1002], "went on")
        },
        EventStoreContract("movesItsCursorOverUnwantedEvents") { store in
            try await store.append(1..<100, to: ana)
            let filter = EventFilter(categories: ["task"])
            var iterator = store.subscribe(after: .start, filter: filter).makeAsyncIterator()
            var position = Position.start
            while position < 99, let batch = try await iterator.next() {
                try requireEqual(batch.events.count, 0, "events")
                try require(batch.position > position, "the cursor stands still")
                position = batch.position
            }
            try requireEqual(position, 99, "position")
        },
        EventStoreContract("waitsUntilAPositionIsVisible") { store in
            try await store.waitUntilVisible(.start)
            let waiting = Task {
                try await store.waitUntilVisible(2)
                return try store.eventCount(of: ana)
            }
            try await store.append(0..<1, to: ana)
            try await store.append(1..<2, to: ana)
            try requireEqual(try await waiting.value, 2, "events")
            let isThere = try await store.waitUntilVisible(2, atMost: .zero)
            let isToCome = try await store.waitUntilVisible(3, atMost: .zero)
            try requireEqual([isThere, isToCome], [true, false], "in time")
            let cancelled = Task { try await store.waitUntilVisible(99) }
            cancelled.cancel()
            let result = await cancelled.result
            do {
                try result.get()
            } catch is CancellationError {
                return
            }
            throw Violation(description: "a wait that was cancelled ended well")
        },
        EventStoreContract("wakesAWaitingFollower") { store in
            let follower = Task {
                var iterator = store.subscribe(after: .start, filter: .all).makeAsyncIterator()
                return try await iterator.next()?.events.count
            }
            try await store.append(0..<1, to: ana)
            try requireEqual(try await follower.value, 1, "events")
        },
        EventStoreContract("endsAFollowerThatIsCancelled") { store in
            let follower = Task {
                for try await _ in store.subscribe(after: .start, filter: .all) {}
            }
            follower.cancel()
            do {
                try await follower.value
            } catch is CancellationError {
                return
            }
            throw Violation(description: "no CancellationError")
        },
        EventStoreContract("missesNothingAndRepeatsNothingUnderLoad") { store in
            let follower = Task {
                var positions: [UInt64] = []
                for try await batch in store.subscribe(after: .start, filter: .all) {
                    positions += batch.events.map(\.position.value)
                    if positions.count >= 400 { break }
                }
                return positions
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        let stream = SampleEvents.stream("s\(number % 7)")
                        try await store.append(number * 2..<number * 2 + 2, to: stream)
                    }
                }
                try await group.waitForAll()
            }
            try requireEqual(try await follower.value, Array(1...400), "positions")
        },
    ]
}

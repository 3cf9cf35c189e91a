import DaybookTestKit
import EventModel
import Runtime
import Testing

@testable import Schedules

/// A schedule that is driven by hand.
struct ScheduleDrive {
    let id = "report"
    var now: Timestamp
    var state = ScheduleState.initial
    var running: Set<EventID> = []
    private(set) var events: [ScheduleEvent] = []

    init(_ definition: ScheduleDefinition, at text: String) throws {
        now = try Timestamp(rfc3339: text)
        try send(
            .deploy(
                ScheduleEvent.Deployed(
                    workflow: "report",
                    definition: definition,
                    deployment: 1,
                    from: now
                )
            )
        )
    }

    @discardableResult
    mutating func send(_ command: ScheduleCommand) throws -> [ScheduleEvent] {
        let name = state.definition?.timeZone ?? "UTC"
        let decider = ScheduleDecider(id: id, zone: try zone(name))
        let decided = try decider.decide(command, state: state, at: now)
        for event in decided {
            // What is in the log must lead to the same state as what was decided.
            let read = try ScheduleEvent(
                type: event.type,
                data: Value(canonicalBytes: event.data.canonicalBytes)
            )
            #expect(read == event)
            state.evolve(read, at: Position(UInt64(events.count + 1)))
            events.append(read)
            if let start = event.start { running.insert(start.instance) }
            if case .tickDecided(let tick) = event { running.subtract(tick.cancels) }
        }
        #expect(try ScheduleState(state.value) == state)
        return decided
    }

    /// Time goes on to an instant, and everything that is due is decided: `9-01 fired`.
    @discardableResult
    mutating func advance(to text: String) throws -> [String] {
        now = try Timestamp(rfc3339: text)
        var lines: [String] = []
        while true {
            let decided = try send(.advance(through: now, running: running))
            if decided.isEmpty { return lines }
            lines += decided.map(ScheduleDrive.line)
        }
    }

    static func line(_ event: ScheduleEvent) -> String {
        switch event {
        case .tickDecided(let tick):
            "\(tick.due.description.dropFirst(5).dropLast(4)) \(tick.decision.rawValue)"
        case .tickReleased(let tick):
            "\(tick.due.description.dropFirst(5).dropLast(4)) released"
        case .created, .changed, .removed, .paused, .resumed, .triggered: event.type
        }
    }

    /// All instances that were started; each but once.
    var started: [EventID] { events.compactMap(\.start?.instance) }
}

@Suite struct ScheduleDecideTests {
    private func daily(
        _ expression: String = "0 9 * * *",
        zone: String = "UTC"
    ) throws -> ScheduleDefinition {
        ScheduleDefinition(.cron(try CronExpression(expression)), timeZone: zone)
    }

    @Test func decidesEachTickOnce() throws {
        var drive = try ScheduleDrive(daily(), at: "2026-06-01T08:00:00Z")
        #expect(try drive.advance(to: "2026-06-01T08:59:59Z") == [])
        #expect(try drive.advance(to: "2026-06-01T09:00:00Z") == ["06-01T09:00 fired"])
        #expect(try drive.advance(to: "2026-06-01T09:00:01Z") == [])
        drive.running = []
        #expect(try drive.advance(to: "2026-06-02T09:00:30Z") == ["06-02T09:00 fired"])
        #expect(Set(drive.started).count == 2)
    }

    /// Down for a week, once for each policy.
    @Test(arguments: [
        (
            ScheduleDefinition.CatchUp(.none),
            ["missed", "missed", "missed", "missed", "missed", "missed", "missed"]
        ),
        (
            ScheduleDefinition.CatchUp(.last),
            ["missed", "missed", "missed", "missed", "missed", "missed", "caught_up"]
        ),
        (
            ScheduleDefinition.CatchUp(.all),
            [
                "caught_up", "caught_up", "caught_up", "caught_up", "caught_up", "caught_up",
                "caught_up",
            ]
        ),
        (
            ScheduleDefinition.CatchUp(.all, limit: 2),
            ["missed", "missed", "missed", "missed", "missed", "caught_up", "caught_up"]
        ),
        (
            ScheduleDefinition.CatchUp(.all, window: .seconds(3 * 86_400)),
            ["missed", "missed", "missed", "missed", "caught_up", "caught_up", "caught_up"]
        ),
        (
            ScheduleDefinition.CatchUp(.last, window: .seconds(3600)),
            ["missed", "missed", "missed", "missed", "missed", "missed", "missed"]
        ),
    ])
    func decidesEveryTickOfAWeek(
        _ catchUp: ScheduleDefinition.CatchUp,
        _ decisions: [String]
    ) throws {
        var definition = try daily()
        definition.catchUp = catchUp
        definition.overlap = .allow
        var drive = try ScheduleDrive(definition, at: "2026-06-01T10:00:00Z")
        let lines = try drive.advance(to: "2026-06-08T12:00:00Z")
        #expect(lines.map { String($0.split(separator: " ")[1]) } == decisions)
        let days = (2...8).map { "06-0\($0)T09:00" }
        #expect(lines.map { String($0.split(separator: " ")[0]) } == days)
        #expect(Set(drive.started).count == drive.started.count)
        #expect(try drive.advance(to: "2026-06-08T12:00:01Z") == [])
    }

    @Test func aTickInTimeTakesTheLastMissedOnesPlace() throws {
        var drive = try ScheduleDrive(daily(), at: "2026-06-01T10:00:00Z")
        let lines = try drive.advance(to: "2026-06-04T09:00:10Z")
        #expect(lines == ["06-02T09:00 missed", "06-03T09:00 missed", "06-04T09:00 fired"])
    }

    @Test func decidesMoreTicksThanOneDecisionHolds() throws {
        var definition = ScheduleDefinition(.every(.seconds(60)), overlap: .allow)
        definition.catchUp = .init(.all, limit: 3)
        var drive = try ScheduleDrive(definition, at: "2026-06-01T00:00:00Z")
        let lines = try drive.advance(to: "2026-06-01T12:30:00Z")
        #expect(lines.count == 750)
        // The tick at 12:30 is in time, and one of the newest three.
        let ran = lines.filter { !$0.hasSuffix("missed") }
        #expect(ran == ["06-01T12:28 caught_up", "06-01T12:29 fired", "06-01T12:30 fired"])
        definition.catchUp = .init(.last)
        var last = try ScheduleDrive(definition, at: "2026-06-01T00:00:30Z")
        let lastLines = try last.advance(to: "2026-06-01T12:29:59Z")
        #expect(lastLines.filter { !$0.hasSuffix("missed") } == ["06-01T12:29 fired"])
    }

    @Test func aClockThatIsSetBackFiresNothingAgain() throws {
        var drive = try ScheduleDrive(daily(), at: "2026-06-01T08:00:00Z")
        #expect(try drive.advance(to: "2026-06-02T09:00:00Z").count == 2)
        #expect(try drive.advance(to: "2026-06-01T08:00:00Z") == [])
        #expect(try drive.advance(to: "2026-06-01T09:00:00Z") == [])
        #expect(try drive.advance(to: "2026-06-02T09:00:00Z") == [])
        drive.running = []
        #expect(try drive.advance(to: "2026-06-03T09:00:00Z") == ["06-03T09:00 fired"])
    }

    @Test(arguments: [
        (ScheduleDefinition.Overlap.skip, ["06-02T09:00 skipped", "06-03T09:00 skipped"]),
        (.queue, ["06-02T09:00 queued", "06-03T09:00 queued"]),
        (.allow, ["06-02T09:00 fired", "06-03T09:00 fired"]),
        (.cancel, ["06-02T09:00 fired", "06-03T09:00 fired"]),
    ])
    func overlapDecides(_ overlap: ScheduleDefinition.Overlap, _ expected: [String]) throws {
        var definition = try daily()
        definition.overlap = overlap
        var drive = try ScheduleDrive(definition, at: "2026-06-01T08:00:00Z")
        #expect(try drive.advance(to: "2026-06-01T09:00:00Z") == ["06-01T09:00 fired"])
        var lines = try drive.advance(to: "2026-06-02T09:00:00Z")
        lines += try drive.advance(to: "2026-06-03T09:00:00Z")
        #expect(lines == expected)
        #expect(drive.running.count == (overlap == .allow ? 3 : 1))
        if overlap == .queue {
            drive.running = []
            #expect(try drive.advance(to: "2026-06-03T09:30:00Z") == ["06-02T09:00 released"])
            drive.running = []
            #expect(try drive.advance(to: "2026-06-03T09:31:00Z") == ["06-03T09:00 released"])
            #expect(Set(drive.started).count == 3)
        }
    }

    @Test func changesOfTheClocksAreLogged() throws {
        let berlin = try daily("30 2 * * *", zone: "Europe/Berlin")
        var drive = try ScheduleDrive(berlin, at: "2026-03-28T12:00:00Z")
        #expect(try drive.advance(to: "2026-03-29T01:00:00Z") == ["03-29T01:00 shifted"])
        guard case .tickDecided(let tick)? = drive.events.last else {
            Issue.record("no decision")
            return
        }
        #expect(tick.skippedReading == "2026-03-29T02:30:00")
        #expect(tick.reason.contains("2026-03-29T02:30:00"))
        var left = berlin
        left.daylightSaving.skipped = .skip
        var other = try ScheduleDrive(left, at: "2026-03-28T12:00:00Z")
        #expect(try other.advance(to: "2026-03-29T01:00:00Z") == ["03-29T01:00 skipped"])
        let newYork = try daily("30 1 * * *", zone: "America/New_York")
        var autumn = try ScheduleDrive(newYork, at: "2026-10-31T12:00:00Z")
        #expect(try autumn.advance(to: "2026-11-01T05:30:00Z") == ["11-01T05:30 fired"])
        #expect(try autumn.advance(to: "2026-11-01T06:30:00Z") == [])
    }

    @Test func aPausedScheduleDecidesItsTicksAsSkipped() throws {
        var drive = try ScheduleDrive(daily(), at: "2026-06-01T08:00:00Z")
        try drive.send(.pause(reason: "holidays"))
        #expect(throws: ScheduleRejection.self) { try drive.send(.pause(reason: "again")) }
        #expect(try drive.advance(to: "2026-06-01T09:00:00Z") == ["06-01T09:00 skipped"])
        #expect(drive.state.last?.reason == "the schedule is paused: holidays")
        try drive.send(.resume)
        #expect(throws: ScheduleRejection.self) { try drive.send(.resume) }
        #expect(try drive.advance(to: "2026-06-02T09:00:00Z") == ["06-02T09:00 fired"])
    }

    @Test func jitterPutsATickOffAndKeepsTheOrder() throws {
        var definition = try daily()
        definition.jitter = .seconds(600)
        var drive = try ScheduleDrive(definition, at: "2026-06-01T08:00:00Z")
        let due = try Timestamp(rfc3339: "2026-06-01T09:00:00Z")
        let delay = definition.delay(of: due, schedule: "report")
        try #require(delay > .seconds(1))
        #expect(try drive.advance(to: (due + delay - .seconds(1)).description) == [])
        #expect(try drive.advance(to: (due + delay).description) == ["06-01T09:00 fired"])
    }

    @Test func laterVersionsChangeAndRemoveIt() throws {
        var drive = try ScheduleDrive(daily(), at: "2026-06-01T08:00:00Z")
        let ten = ScheduleEvent.Deployed(
            workflow: "report",
            definition: try daily("0 10 * * *"),
            deployment: 5,
            from: try Timestamp(rfc3339: "2026-06-01T08:30:00Z")
        )
        #expect(try drive.send(.deploy(ten)).map(\.type) == ["ScheduleChanged"])
        #expect(try drive.send(.deploy(ten)) == [])
        #expect(try drive.advance(to: "2026-06-01T10:00:00Z") == ["06-01T10:00 fired"])
        // An older deployment that is seen again says nothing.
        var old = ten
        old.deployment = 1
        old.definition = try daily()
        #expect(try drive.send(.deploy(old)) == [])
        #expect(try drive.send(.remove(deployment: 9)).map(\.type) == ["ScheduleRemoved"])
        #expect(try drive.send(.remove(deployment: 9)) == [])
        #expect(try drive.advance(to: "2026-06-02T10:00:00Z") == [])
        #expect(throws: ScheduleRejection.self) { try drive.send(.resume) }
        var again = ten
        again.deployment = 12
        again.from = try Timestamp(rfc3339: "2026-06-02T11:00:00Z")
        #expect(try drive.send(.deploy(again)).map(\.type) == ["ScheduleCreated"])
        drive.running = []
        #expect(try drive.advance(to: "2026-06-03T10:00:00Z") == ["06-03T10:00 fired"])
    }

    @Test func backfillTakesTurnsAndNeverStartsATickTwice() throws {
        var drive = try ScheduleDrive(daily(), at: "2026-06-01T08:00:00Z")
        try drive.advance(to: "2026-06-01T09:00:00Z")
        let ticks = try ["2026-05-30T09:00:00Z", "2026-05-31T09:00:00Z"].map {
            try Timestamp(rfc3339: $0)
        }
        drive.running = []
        let decided = try drive.send(.backfill(ticks: ticks, running: []))
        #expect(
            decided.map(ScheduleDrive.line) == ["05-30T09:00 backfilled", "05-31T09:00 queued"]
        )
        let through = drive.state.decidedThrough
        #expect(through == (try Timestamp(rfc3339: "2026-06-01T09:00:00Z")))
        drive.running = []
        #expect(try drive.advance(to: "2026-06-01T09:05:00Z") == ["05-31T09:00 released"])
        #expect(Set(drive.started).count == 3)
        let future = try Timestamp(rfc3339: "2027-06-01T09:00:00Z")
        #expect(throws: ScheduleRejection.self) {
            try drive.send(.backfill(ticks: [future], running: []))
        }
        let many = (0...ScheduleLimits.queuedMax).map { Timestamp(seconds: Int64($0)) }
        #expect(throws: ScheduleRejection.self) {
            try drive.send(.backfill(ticks: many, running: []))
        }
    }

    @Test func startsByHand() throws {
        var drive = try ScheduleDrive(daily(), at: "2026-06-01T08:00:00Z")
        try drive.send(.trigger(key: "1", running: []))
        try drive.send(.trigger(key: "2", running: drive.running))
        #expect(Set(drive.started).count == 2)
        #expect(try drive.advance(to: "2026-06-01T09:00:00Z") == ["06-01T09:00 skipped"])
    }

    @Test func aFullQueueSkips() throws {
        var definition = ScheduleDefinition(.every(.seconds(1)), overlap: .queue)
        definition.catchUp = .init(.all, limit: ScheduleLimits.caughtUpMax)
        var drive = try ScheduleDrive(definition, at: "2026-06-01T00:00:00Z")
        for minute in 1...18 {
            let start = try Timestamp(rfc3339: "2026-06-01T00:00:00Z")
            try drive.advance(to: (start + .seconds(minute * 60)).description)
        }
        #expect(drive.state.queue.count == ScheduleLimits.queuedMax)
        #expect(drive.state.last?.decision == .skipped)
    }
}

import DaybookTestKit
import EventModel
import Runtime
import Testing
import WorkflowEngine

@Suite struct InstanceTravelTests {
    @Test func everyMomentIsTheFoldOfItsEvents() async throws {
        let past = try await BookedPast.make()
        let instance = try #require(past.instances.first)
        let travel = InstanceTravel(store: past.store)
        let events = try travel.history(of: instance)
        let reader = InstanceReader(store: past.store)
        for count in 1...events.count {
            let snapshot = try travel.snapshot(of: instance, at: .afterEvents(UInt64(count)))
            let expected = try reader.state(of: instance, afterEvents: UInt64(count))
            let event = events[count - 1]
            let byPosition = try travel.snapshot(of: instance, at: .position(event.position))
            let isSame =
                snapshot.state == expected && snapshot.lastEvent == event
                && byPosition == snapshot
                && Set(snapshot.stepOrder) == Set(snapshot.state.steps.keys)
            if !isSame { Issue.record("after \(count) events") }
        }
        let latest = try travel.snapshot(of: instance)
        #expect(latest.state.status == .completed)
        #expect(latest.eventCountToday == UInt64(events.count))
        let first = events.compactMap { $0.data["step"]?.stringValue }.first
        #expect(latest.stepOrder.first == first)
        let early = try travel.snapshot(of: instance, at: .time(BookedPast.begin + .seconds(60)))
        #expect(early.state.status == .running)
    }

    @Test func whatIsNotThereIsSaid() async throws {
        let past = try await BookedPast.make()
        let instance = try #require(past.instances.first)
        let travel = InstanceTravel(store: past.store)
        let stranger = EventID(high: 1, low: 1)
        let cases: [(EventID, InstanceMoment, TravelError.Code)] = [
            (stranger, .latest, .unknown), (instance, .afterEvents(0), .outOfRange),
            (instance, .afterEvents(100_000), .outOfRange),
            (instance, .position(.start), .outOfRange),
            (instance, .time(Timestamp(seconds: 0)), .outOfRange),
        ]
        for (instance, moment, expected) in cases {
            #expect(code(of: { try travel.snapshot(of: instance, at: moment) }) == expected)
        }
        #expect(code(of: { try travel.history(of: stranger) }) == .unknown)
    }

    @Test(arguments: [
        ("12", InstanceMoment.afterEvents(12)), ("@5310", .position(5310)), ("latest", .latest),
        ("2026-11-24T12:00:00Z", .time(Timestamp(seconds: 1_795_521_600))),
    ])
    func momentsAreRead(text: String, moment: InstanceMoment) throws {
        #expect(try InstanceMoment(text) == moment)
    }

    @Test(arguments: ["", "x", "-1", "@", "@x", "yesterday", "99999999999999999999"])
    func otherMomentsAreRefused(text: String) {
        #expect(code(of: { try InstanceMoment(text) }) == .unreadableArgument)
    }

    @Test func idsAreFoundByTheirBeginnings() async throws {
        let past = try await BookedPast.make(["msg_1", "msg_2"])
        let finder = InstanceFinder(store: past.store)
        for instance in past.instances {
            #expect(try finder.find(instance.text) == instance)
            #expect(try finder.find(instance.text.filter { $0 != "-" }.uppercased()) == instance)
            #expect(try finder.find(String(instance.text.dropLast(2))) == instance)
        }
        let shared = zip(past.instances[0].text, past.instances[1].text).prefix { $0 == $1 }
        let beginning = String(shared.map(\.0))
        if !beginning.isEmpty {
            #expect(code(of: { try finder.find(beginning) }) == .ambiguous)
        }
        #expect(code(of: { try finder.find("ffffffff") }) == .unknown)
        for text in ["", "-", "xyz", String(repeating: "0", count: 33)] {
            #expect(code(of: { try finder.find(text) }) == .unreadableArgument)
        }
        let empty = InstanceFinder(store: InMemoryEventStore { BookedPast.begin })
        #expect(code(of: { try empty.find("01") }) == .unknown)
    }

    @Test(
        arguments: [
            (["a": 1], ["a": 1], []), (["a": 1], ["a": 2], ["a"]),
            (["a": ["b.c": 1, "d": 2]], ["a": ["b.c": 3]], ["a[\"b.c\"]", "a.d"]),
            (["a": [1, 2]], ["a": [1, 3, 4]], ["a[1]", "a[2]"]), (["x": 1], ["x": 2], []),
            ([:], ["a": nil], ["a"]), (["a": 1], ["a": ["b": 1]], ["a"]),
        ] as [(Value, Value, [String])]
    )
    func differencesHavePaths(before: Value, after: Value, paths: [String]) {
        let found = ValueDifference.between(before, after, ignoring: ["x"])
        #expect(found.map(\.path) == paths)
    }

    private func code(of body: () throws -> some Any) -> TravelError.Code? {
        do {
            _ = try body()
            return nil
        } catch {
            return (error as? TravelError)?.code
        }
    }
}

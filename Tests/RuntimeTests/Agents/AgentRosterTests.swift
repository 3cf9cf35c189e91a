import Documents
import EventModel
import Foundation
import Testing

@testable import Runtime

/// Which agent gets a step: a table of agents and of who is chosen.
@Suite struct AgentRosterTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var agents: [AgentState]
        var chosen: String?
        var triedBy: [String] = []
    }

    private static let now = Timestamp(seconds: 1_795_161_600)
    private static let work = EventID.build(unixMilliseconds: 1, randA: 0, randB: 1)

    private static func agent(
        _ name: String,
        _ capabilities: [String] = ["counting"],
        capacity: Int = 2,
        entities: [String] = [],
        status: AgentState.Status = .live,
        health: AgentState.Health = .healthy,
        load: Double = 0,
        assignedCount: Int = 0
    ) -> AgentState {
        AgentState(
            registration: AgentState.Registration(
                agent: name,
                session: "s-\(name)",
                capabilities: capabilities,
                capacity: capacity,
                entities: entities,
                version: nil,
                description: nil,
                leaseSeconds: 30
            ),
            status: status,
            health: health,
            load: load,
            registeredAt: now,
            checkedAt: now,
            assignedCount: assignedCount
        )
    }

    static let cases = [
        Case(testDescription: "the only one", agents: [agent("a")], chosen: "a"),
        Case(testDescription: "nobody can", agents: [agent("a", ["other"])], chosen: nil),
        Case(
            testDescription: "works for another entity",
            agents: [agent("a", entities: ["am_consulting"])],
            chosen: nil
        ),
        Case(
            testDescription: "works for this entity",
            agents: [
                agent("a", entities: ["am_consulting"]), agent("b", entities: ["the_7_space"]),
            ],
            chosen: "b"
        ),
        Case(
            testDescription: "the less loaded",
            agents: [agent("a", load: 0.5), agent("b", load: 0.25)],
            chosen: "b"
        ),
        Case(
            testDescription: "a full one gets none",
            agents: [agent("a", load: 1)],
            chosen: nil
        ),
        Case(
            testDescription: "healthy before degraded, whatever the load",
            agents: [agent("a", health: .degraded), agent("b", load: 0.9)],
            chosen: "b"
        ),
        Case(
            testDescription: "degraded is better than none",
            agents: [agent("a", health: .degraded), agent("b", health: .unhealthy)],
            chosen: "a"
        ),
        Case(
            testDescription: "the lost and the gone get none",
            agents: [agent("a", status: .lost), agent("b", status: .left)],
            chosen: nil
        ),
        Case(
            testDescription: "not the one that has tried it",
            agents: [agent("a"), agent("b", load: 0.9)],
            chosen: "b",
            triedBy: ["a"]
        ),
        Case(
            testDescription: "the one that has tried it, if there is no other",
            agents: [agent("a")],
            chosen: "a",
            triedBy: ["a"]
        ),
        Case(
            testDescription: "by turns",
            agents: [agent("a", assignedCount: 3), agent("b", assignedCount: 2)],
            chosen: "b"
        ),
        Case(testDescription: "else by name", agents: [agent("b"), agent("a")], chosen: "a"),
    ]

    private static func offer(max: Int = 3) -> AgentWork.Offer {
        AgentWork.Offer(
            work: work,
            instance: work,
            workflow: "sample",
            step: "count",
            attempt: 1,
            capability: "counting",
            entity: "the_7_space",
            correlation: work,
            causation: work,
            startBefore: nil,
            finishWithin: nil,
            assignmentsMax: max
        )
    }

    @Test(arguments: cases) func chooses(_ row: Case) {
        var roster = AgentRoster()
        for agent in row.agents { roster.agents[agent.name] = agent }
        roster.evolve(.offered(Self.offer()), at: Self.now)
        roster.works[Self.work]?.triedBy = row.triedBy
        let asking = Dictionary(row.agents.map { ($0.name, 1) }) { first, _ in first }
        let given = roster.match(asking: asking, except: [])
        #expect(given == (row.chosen.map { [$0: [Self.work]] } ?? [:]))
        #expect(roster.match(asking: asking, except: [Self.work]).isEmpty)
    }

    /// Members that the catalogue does not declare for the event, or that are missing.
    private static func undeclared(_ event: AgentEvent) throws -> Set<String> {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let file = root.appendingPathComponent("Schemas/events/\(event.type).yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        let data = try YAML.parse(text, file: event.type).value["data"]
        let members = Set(event.data.mapValue?.stringKeys ?? [])
        let known = Set(data?["properties"]?.mapValue?.stringKeys ?? [])
        let required = Set(data?["required"]?.listValue?.compactMap(\.stringValue) ?? [])
        return members.subtracting(known).union(required.subtracting(members))
    }

    @Test func givesNothingThatWasTriedOftenEnough() {
        var roster = AgentRoster()
        roster.agents["a"] = Self.agent("a")
        roster.evolve(.offered(Self.offer(max: 1)), at: Self.now)
        let turn = AgentWork.Assignment(work: Self.work, agent: "a", session: "s-a", number: 1)
        roster.evolve(.assigned(turn), at: Self.now)
        roster.evolve(.released(turn, reason: .tooSlow), at: Self.now)
        #expect(roster.match(asking: ["a": 1], except: []).isEmpty)
        #expect(roster.agents["a"]?.releasedCount == 1)
    }

    @Test func everyEventAndRowIsReadBackAsItWas() throws {
        let turn = AgentWork.Assignment(
            work: Self.work,
            agent: "a",
            session: "s",
            number: 2,
            finishBefore: Self.now
        )
        var offer = Self.offer()
        offer.finishWithin = .seconds(5)
        offer.startBefore = Self.now
        let events: [AgentEvent] = [
            .registered(Self.agent("a", entities: ["the_7_space"]).registration),
            .healthReported(agent: "a", session: "s", health: .degraded, load: 0.5),
            .lost(agent: "a", session: "s"), .left(agent: "a", session: "s"), .offered(offer),
            .assigned(turn), .released(turn, reason: .agentLost),
            .closed(turn, outcome: .failed, code: "timeout"), .refused(turn, reason: "late"),
        ]
        for event in events {
            #expect(AgentEvent(type: event.type, data: event.data) == event)
            #expect(try Self.undeclared(event).isEmpty)
        }
        #expect(Set(events.map(\.type)) == Set(AgentEvent.declarations.map(\.type)))
        let agent = Self.agent("a", load: 0.5, assignedCount: 3)
        #expect(AgentState(agent.value) == agent)
        var work = AgentWork(offer: offer, assignment: turn, number: 2, offeredAt: Self.now)
        work.triedBy = ["b"]
        #expect(AgentWork(work.value) == work)
    }
}

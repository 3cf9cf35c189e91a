import EventModel
import Testing
import WorkflowEngine

@testable import daybook

@Suite struct StepWalkTests {
    private let instance = EventID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0001)

    /// An instance with as many timers as wanted.
    private func walk(_ timers: Int) throws -> StepWalk {
        let digest = Value.null.digest
        var events: [InstanceEvent] = [
            .instanceStarted(
                .init(
                    workflow: "a",
                    definition: digest,
                    input: ["n": 1],
                    trigger: ["kind": "manual"]
                )
            )
        ]
        for number in 0..<timers {
            events.append(
                .timerSet(
                    .init(
                        timer: "t\(number)",
                        step: "s",
                        purpose: .wait,
                        due: Timestamp(seconds: 10)
                    )
                )
            )
        }
        let recorded = events.enumerated().map { index, event in
            Event(
                position: Position(UInt64(index) + 10),
                id: .derived(from: instance, "\(index)"),
                stream: StreamName(category: "instance", instance.text),
                revision: UInt64(index),
                type: event.type,
                schema: 1,
                recordedAt: Timestamp(seconds: Int64(index)),
                entity: nil,
                actor: "system",
                correlation: instance,
                causation: nil,
                data: event.data,
                metadata: ValueMap()
            )
        }
        return StepWalk(instance: instance, events: recorded)
    }

    @Test func goesForwardBackAndAnywhere() throws {
        var walk = try walk(250)
        let moves: [(line: String, count: Int)] = [
            ("p", 0), ("next", 1), ("", 2), ("n", 3), ("p", 2), ("jump 250", 250), ("j 101", 101),
            ("previous", 100), ("p", 99), ("251", 251), ("n", 251), ("jump 252", 251),
            ("jump -1", 251), ("jump", 251), ("nxt", 251), ("jump 0", 0),
        ]
        for (line, count) in moves {
            let answer = try walk.take(line)
            let isRight = walk.count == count && !answer.lines.isEmpty && !answer.isOver
            if !isRight { Issue.record("\(line): \(walk.count), \(answer.lines)") }
        }
        #expect(try walk.take("q").isOver)
    }

    @Test func backIsTheSameStateAsForward() throws {
        var there = try walk(150)
        var back = there
        _ = try there.take("jump 120")
        _ = try back.take("jump 151")
        _ = try back.take("jump 120")
        #expect(try there.take("state").lines == back.take("state").lines)
        #expect(try there.take("event").lines.contains { $0.contains("TimerSet") })
    }

    @Test func changesAreShownUpToALimit() throws {
        var walk = try walk(40)
        #expect(try walk.take("state").lines == ["there is no state before the first event"])
        #expect(try walk.take("event").lines == ["there is no event before the first one"])
        _ = try walk.take("next")
        let lines = try walk.take("jump 41").lines
        #expect(lines.contains { $0.contains("+ timers.t0") })
        #expect(lines.last?.contains("more; s shows the whole state") == true)
    }

    @Test func aMisspeltCommandIsSuggested() throws {
        var walk = try walk(1)
        #expect(try walk.take("nxt").lines == ["there is no command 'nxt'; did you mean 'next'?"])
        #expect(try walk.take("help").lines == StepWalk.help)
    }
}

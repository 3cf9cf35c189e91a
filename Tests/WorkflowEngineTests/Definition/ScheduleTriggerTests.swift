import DaybookTestKit
import Documents
import EventModel
import Schedules
import Testing
import WorkflowEngine

@Suite struct ScheduleTriggerTests {
    private func parse(_ triggers: String) throws -> WorkflowDefinition {
        let text = "workflow: w\ntriggers:\n\(triggers)\nsteps: [{name: a, set: {x: 1}}]"
        return try WorkflowDefinition.parse(text, file: "w.yaml", actions: nil)
    }

    @Test func readsEveryMember() throws {
        let definition = try parse(
            """
            - schedule: "0 9 * * MON"
              time_zone: Australia/Sydney
              overlap: cancel
              catch_up: {mode: all, limit: 5, window: 2d}
              daylight_saving: {skipped: skip, repeated: both}
              jitter: 5m
              start: "2026-01-01T00:00:00+01:00"
              end: "2027-01-01T00:00:00Z"
              paused: true
              input: {city: Sydney}
            - every: 90s
              name: often
            """
        )
        let triggers = definition.scheduleTriggers
        #expect(triggers.map { $0.id(in: "w") } == ["w", "w.often"])
        let first = try #require(triggers.first?.definition)
        #expect(first.summary == "0 9 * * MON in Australia/Sydney")
        #expect(first.overlap == .cancel)
        #expect(first.catchUp == .init(.all, limit: 5, window: .seconds(2 * 86_400)))
        #expect(first.daylightSaving == DaylightSaving(skipped: .skip, repeated: .both))
        #expect(first.jitter == .seconds(300))
        #expect(first.start == (try Timestamp(rfc3339: "2025-12-31T23:00:00Z")))
        #expect(first.isPaused)
        #expect(first.input == ["city": "Sydney"])
        #expect(triggers.last?.definition == ScheduleDefinition(.every(.seconds(90))))
    }

    @Test(arguments: [
        ("[{every: 1m}]", ScheduleDefinition.Overlap.skip),
        ("[{every: 1m, catch_up: all}]", .queue),
        ("[{every: 1m, catch_up: all, overlap: skip}]", .skip),
    ])
    func missedTicksThatAllRunTakeTurns(
        triggers: String,
        overlap: ScheduleDefinition.Overlap
    ) throws {
        #expect(try parse("  " + triggers).scheduleTriggers.first?.definition.overlap == overlap)
    }

    @Test(arguments: [
        ("{schedule: '61 * * * *'}", "3:16", "minute, character 1: 61 is not from 0 to 59"),
        ("{schedule: '@every 5m'}", "3:16", "write 'every: 5m'"),
        ("{schedule: '0 0 31 2 *'}", "3:16", "never comes"),
        ("{every: 1.5s}", "3:13", "whole seconds"),
        ("{every: 1m, overlap: skp}", "3:26", "'skp' is no overlap; did you mean 'skip'"),
        ("{every: 1m, catch_up: lst}", "3:27", "'lst' is no catch_up; did you mean 'last'"),
        ("{every: 1m, catch_up: {limit: 0}}", "3:35", "'limit' must be 1 to 1000"),
        ("{every: 1m, jitter: 2d}", "3:25", "at most a day"),
        ("{every: 1m, start: tomorrow}", "3:24", "must be an instant"),
        ("{every: 1m, webhook: x}", "3:5", "one kind"),
        (
            "{every: 1m, start: '2027-01-01T00:00:00Z', end: '2026-01-01T00:00:00Z'}", "3:5",
            "ends before it starts"
        ),
        ("{every: 1m}\n  - {every: 2m}", "4:5", "two schedules of the workflow have no name"),
    ])
    func namesEachMistake(trigger: String, place: String, words: String) throws {
        let error = #expect(throws: Problems.self) { _ = try parse("  - \(trigger)") }
        let problem = try #require(error?.list.first)
        #expect("\(problem.place.line):\(problem.place.column)" == place, "\(problem)")
        #expect(problem.description.contains(words), "\(problem)")
    }

    @Test func zonesAndInputsAreCheckedBeforeDeployment() throws {
        let text = """
            workflow: w
            triggers:
            - {every: 1h, time_zone: Mars/Olympus}
            input: {city: {type: string, required: true}}
            steps: [{name: a, set: {x: 1}}]
            """
        let definition = try WorkflowDefinition.parse(text, file: "w.yaml", actions: nil)
        let problems = definition.scheduleProblems(zones: OnlyUTC())
        #expect(problems.map { "\($0.place.line):\($0.place.column)" } == ["3:26", "3:3"])
        #expect(problems.first?.message.contains("Mars/Olympus") == true)
        #expect(problems.last?.message.contains("city") == true)
    }

    private struct OnlyUTC: TimeZoneRules {
        func secondsAheadOfUTC(zone: String, at instant: Timestamp) -> Int? {
            zone == "UTC" ? 0 : nil
        }
    }
}

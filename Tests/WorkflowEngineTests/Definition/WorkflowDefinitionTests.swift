import EventModel
import Foundation
import Testing
import WorkflowEngine

@Suite struct WorkflowDefinitionTests {
    private func parse(_ text: String) throws -> WorkflowDefinition {
        try WorkflowDefinition.parse(text, file: "w.yaml", actions: nil)
    }

    @Test func hashIsOfTheMeaningNotOfTheText() throws {
        let plain = try parse("workflow: w\ntitle: A\nsteps:\n- {name: a, set: {x: 1, y: 2}}\n")
        let other = try parse(
            """
            # The same in other words.
            title: "A"
            workflow: w
            steps:
              - name: a
                set:
                  y: 2   # and in another order
                  x: 1
            """
        )
        let changed = try parse("workflow: w\ntitle: A\nsteps:\n- {name: a, set: {x: 1, y: 3}}\n")
        #expect(plain.hash == other.hash)
        #expect(plain.hash != changed.hash)
    }

    @Test func givesDefaultsWhereTheAuthorSaysNothing() throws {
        let definition = try parse("workflow: w\nsteps:\n- {name: a, action: x.y}\n")
        let step = try #require(definition.step(at: "a"))
        #expect(step.retry == RetryPolicy())
        #expect(step.retry.attemptsMax == 3)
        #expect(step.retry.delay == .seconds(1))
        #expect(step.retry.backoff == 2)
        #expect(step.timeout == .seconds(300))
        #expect(definition.title == "w")
    }

    @Test func namesStepsByWhatIsAroundThem() throws {
        let definition = try parse(
            """
            workflow: w
            steps:
              - name: p
                parallel:
                  - name: l
                    steps:
                      - name: c
                        if: 'true'
                        then: [{name: a, set: {x: 1}}]
                on_failure: {steps: [{name: f, set: {x: 1}}]}
            """
        )
        #expect(definition.step(at: "p.l.c.a")?.kind == "set")
        #expect(definition.step(at: "p.l.c")?.kind == "if")
        #expect(definition.step(at: "p.f")?.kind == "set")
        #expect(definition.step(at: "a") == nil)
    }

    @Test func readsAllDurationForms() throws {
        let forms = ["300ms", "10s", "5m", "2h", "1d", "PT10S", "1h30m"]
        let lengths: [Duration] = [
            .milliseconds(300), .seconds(10), .seconds(300), .seconds(7_200), .seconds(86_400),
            .seconds(10), .seconds(5_400),
        ]
        for (form, length) in zip(forms, lengths) {
            let definition = try parse(
                "workflow: w\nsteps:\n- {name: a, action: x.y, timeout: \(form)}\n"
            )
            #expect(definition.step(at: "a")?.timeout == length)
        }
    }

    @Test func recordTriggersLookAtWhatChanged() throws {
        let definition = try parse(
            """
            workflow: w
            triggers:
              - record: contacts_profiles
                on: [updated, created]
                if: record.status == 'client' && (before == null || before.status != 'client')
              - manual
            steps: [{name: a, set: {x: 1}}]
            """
        )
        let trigger = try #require(definition.recordTriggers.first)
        #expect(definition.triggers.count == 2)
        let lead: Value = ["status": "lead"]
        let client: Value = ["status": "client"]
        let changes: Value = ["status": ["before": "lead", "after": "client"]]
        #expect(try trigger.accepts(.updated, before: lead, after: client, changes: changes))
        #expect(try trigger.accepts(.created, before: .null, after: client, changes: [:]))
        #expect(try !trigger.accepts(.updated, before: client, after: client, changes: [:]))
        #expect(try !trigger.accepts(.trashed, before: client, after: .null, changes: [:]))
    }

    @Test func inputIsCheckedAgainstItsTypes() throws {
        let definition = try parse(
            """
            workflow: w
            input:
              name: {type: string, required: true, description: who}
              when: timestamp
              length: duration
              price: number
            steps: [{name: a, set: {x: 1}}]
            """
        )
        #expect(definition.inputProblems(["name": "Ana", "more": 1]).isEmpty)
        #expect(
            definition.inputProblems(["name": "Ana", "when": "2026-01-01T00:00:00Z", "price": 7])
                .isEmpty
        )
        #expect(definition.inputProblems("Ana") == ["the input of 'w' must be a map, not string"])
        #expect(
            definition.inputProblems(["when": "noon", "length": "long"]) == [
                "the input member 'name' (who) is missing",
                "the input member 'when' must be of type timestamp, not string",
                "the input member 'length' must be of type duration, not string",
            ]
        )
    }

    @Test func theGuidesExampleIsAWorkflow() throws {
        let guide = try String(contentsOfFile: "docs/workflows.md", encoding: .utf8)
        let blocks = guide.components(separatedBy: "```yaml\n").dropFirst()
        let example = try #require(blocks.first?.components(separatedBy: "```").first)
        let definition = try parse(example)
        #expect(definition.name == "low_rating_follow_up")
        #expect(definition.steps.count == 5)
    }
}

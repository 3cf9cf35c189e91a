import Documents
import EventModel
import Testing

@testable import daybook

/// Workflows of the older shapes become ours, and what they leave open is said.
@Suite struct WorkflowImportTests {
    private func imported(_ text: String) throws -> ImportedWorkflow {
        let world = try WorkflowFiles().importWorld
        let found = try WorkflowImport.convert(text, file: "old", world: world)
        return try #require(found.first)
    }

    private func document(_ text: String) throws -> Value {
        try YAML.parse(try imported(text).text, file: "new.yaml").value
    }

    @Test(arguments: OlderWorkflows.steps + OlderWorkflows.actions)
    func everyOlderWorkflowOfTheRequirementsPassesValidation(_ text: String) throws {
        let workflow = try imported(text)
        #expect(!workflow.warnings.isEmpty)
        #expect(workflow.warnings.allSatisfy { $0.place.line >= 1 && $0.place.file == "old" })
        do {
            _ = try WorkflowFiles().parse(workflow.text, file: "new.yaml")
        } catch let problems as Problems {
            Issue.record("\(problems)\n\(workflow.text)")
        }
    }

    @Test func triggersBecomeOurs() throws {
        let triggers = try (OlderWorkflows.steps + OlderWorkflows.actions).map { text in
            try document(text)["triggers"]?.listValue?.first ?? .null
        }
        #expect(
            triggers == [
                [
                    "record": "products_services", "on": ["created"],
                    "if": "record.service_type == 'exhibition'",
                ],
                ["webhook": "booking_system", "event": "new_booking", "secrets": ["payment_info"]],
                [
                    "record": "contacts_profiles", "on": ["updated"],
                    "if": "changed(record, 'status') && record.status == 'Active Client'",
                ],
                ["task": "completed", "if": "task.task_type == 'milestone'"],
                ["request": "cross_entity_request"],
                [
                    "record": "opportunities", "on": ["updated"],
                    "if": "changed(record, 'stage') && record.stage == 'Closed Won'",
                ],
                ["schedule": "0 9 * * MON", "time_zone": "Australia/Sydney"],
                ["webhook": "financial", "event": "transaction.created"],
            ]
        )
    }

    @Test func placeholdersAndFieldsFollowTheirDatabase() throws {
        let steps = try document(OlderWorkflows.actions[0])["steps"]?.listValue ?? []
        #expect(steps.first?["action"] == "records.create")
        #expect(
            steps.first?[path: "with", "record"] == [
                "name": "{{ input.name }} - Project", "area": "{{ input.area }}",
                "status": "Active", "funding": "Funded", "lead": "{{ input.primary_contact }}",
                "revenue_potential": "{{ input.amount }}",
            ]
        )
        let text = steps.last?[path: "with", "text"]?.stringValue ?? ""
        #expect(text.hasSuffix("{{ steps.step_1.record.name }} worth {{ input.amount }}"))
    }

    @Test func retriesWaitsAndConditionsAreKept() throws {
        let steps =
            try document(
                """
                {"name": "A b", "trigger": {"type": "manual"}, "steps": [
                  {"action_type": "http.absent", "config": {"a": "{{event_data.x}}"}},
                  {"action_type": "control.wait", "config": {"duration_seconds": 90}},
                  {"action_type": "slack.send_message", "config": {"channel": "c", "message": "m"},
                   "retry_config": {"max_retries": 0, "retry_delay": 250, "backoff_multiplier": 3},
                   "timeout_seconds": 20,
                   "condition": {"field": "event_data.n", "operator": "greater_than", "value": 5}},
                  {"action_type": "control.condition", "config": {
                    "conditions": [
                      {"field": "event_data.kind", "operator": "in", "value": ["a", "b"]},
                      {"field": "event_data.name", "operator": "contains", "value": "O'Neil"}],
                    "then_actions": [
                      {"action_type": "slack.send_message", "config": {"channel": "c", "message": "n"}}
                    ]}},
                  {"action_type": "slack.send_message", "config": {"channel": "c", "message": "o"},
                   "condition": {"field": "event_data.n", "operator": "resembles", "value": 5}}
                ]}
                """
            )["steps"]?.listValue ?? []
        #expect(steps.map { $0["name"] } == ["step_1", "step_2", "step_3", "step_4", "step_5"])
        // What nobody can call becomes a task for a person.
        #expect(steps.first?["action"] == "task.create")
        #expect(steps[1]["wait"] == ["for": "1m30s"])
        #expect(steps[2]["retry"] == ["attempts": 1, "delay": "250ms", "backoff": 3])
        #expect(steps[2]["timeout"] == "20s")
        #expect(steps[2]["if"] == "input.n > 5")
        let condition =
            "input.kind in ['a', 'b'] && string(input.name).contains(string('O\\'Neil'))"
        #expect(steps[3]["if"] == .string(condition))
        #expect(steps[3]["then"]?.listValue?.count == 1)
        // An operator that nobody knows must not let a step run.
        #expect(steps[4]["if"] == "false")
    }

    @Test func valuesNeverEnterTheTextOfAQuery() throws {
        let text = try imported(OlderWorkflows.actions[2]).text
        #expect(!text.contains("\n      query:"))
        #expect(text.contains("kind: human_intervention_required"))
    }

    @Test func whatIsNoOlderWorkflowIsRefused() throws {
        for (text, words) in [
            ("workflow: w\nsteps: []", "already"), ("a: 1", "no workflow of a known older shape"),
            ("[", "broken YAML"),
        ] {
            do {
                _ = try imported(text)
                Issue.record("nothing is wrong with \(text)")
            } catch let problems as Problems {
                #expect(problems.description.contains(words), "\(problems)")
            }
        }
    }

    @Test func namesAreMadeAsTheLanguageWantsThem() {
        let names = ["Opportunity Won - Project Setup", "3 days", "Čaj", "", "a__b-"]
        let wanted = ["opportunity_won_project_setup", "w_3_days", "aj", "unnamed", "a_b"]
        #expect(names.map(WorkflowNames.name) == wanted)
    }

    @Test func draftsReadBackAsTheyWere() throws {
        let values: [Value] = [
            "plain", "yes", "null", "1", "", " x ", "a: b", "a #b", "{{ x }}", "- a", "0x1", "a\nb",
            "it's", "@a", 7, 1.5, true, nil, "2026-01-01", "a:b", "é", "on", "~",
        ]
        let document = YAMLDraft.map([
            ("list", .list(values.map(YAMLDraft.init))),
            ("nested", .list([.map([("a", .scalar(1)), ("b", .list([]))]), .map([])])),
            ("long", .list(values.map { .map([("value", YAMLDraft($0))]) })),
        ])
        let read = try YAML.parse(document.document, file: "d.yaml").value
        #expect(read == document.value, "\(document.document)")
    }
}

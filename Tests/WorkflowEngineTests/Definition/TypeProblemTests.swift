import CEL
import DaybookTestKit
import Documents
import EventModel
import Testing
import WorkflowEngine

/// What types and databases show to be wrong, with its place.
@Suite struct TypeProblemTests {
    @Test(arguments: typeCases + fieldCases + triggerCases + schemaCases)
    func problems(_ example: ProblemCase) {
        let found = mistakes(example.text)
        let places = found.map { "\($0.place.line):\($0.place.column)" }
        #expect(places == example.expected.map(\.place), "\(found)")
        for (problem, expected) in zip(found, example.expected) {
            let missing = expected.words.filter { !problem.description.contains($0) }
            #expect(missing.isEmpty, "\(problem)")
        }
    }

    @Test func nothingIsCheckedWhereActionsAreUnknown() throws {
        let text = "workflow: w\ninput: {n: integer}\nsteps:\n- {name: a, if: input.n, set: {x: 1}}"
        _ = try WorkflowDefinition.parse(text, file: "w.yaml", actions: nil)
        #expect(mistakes(text).count == 1)
    }

    @Test(arguments: soundWorkflows) func soundWorkflowsPass(_ text: String) {
        #expect(mistakes(text) == [])
    }

    private func mistakes(_ text: String) -> [Problem] {
        do throws(Problems) {
            _ = try WorkflowDefinition.parse(
                text,
                file: "w.yaml",
                actions: .describedForBooking,
                databases: contacts
            )
            return []
        } catch {
            return error.list
        }
    }
}

private let contacts = DatabaseShapes([
    DatabaseShapes.Shape(
        key: "contacts",
        aliases: ["people"],
        fields: [
            .init(key: "email", type: .string, content: .text),
            .init(key: "age", type: .dyn, content: .number),
            .init(key: "status", type: .string, content: .option, options: ["Lead", "Client"]),
            .init(key: "tags", type: .list(.string), content: .options),
            .init(key: "vip", type: .bool, content: .boolean),
            .init(key: "seen", type: .timestamp, content: .nothing),
        ]
    )
])

private func workflow(_ head: String, _ steps: String...) -> String {
    "workflow: w\n\(head)\nsteps:\n" + steps.joined(separator: "\n") + "\n"
}

private let typeCases: [ProblemCase] = [
    ProblemCase(
        workflow("input: {n: integer}", "- {name: a, if: input.n + 1, set: {x: 1}}"),
        [("4:17", ["gives a int", "bool is wanted"])]
    ),
    ProblemCase(
        workflow("input: {t: string}", "- {name: a, set: {x: \"{{ input.t + 1 }}\"}}"),
        [("4:22", ["no such overload", "string"])]
    ),
    ProblemCase(
        workflow(
            "input: {t: string}",
            "- {name: a, set: {n: 7}}",
            "- {name: b, set: {x: \"{{ vars.n.size() }}\"}}"
        ),
        [("5:22", ["size(int)"])]
    ),
    ProblemCase(
        workflow(
            "input: {b: boolean}",
            "- {name: a, action: booking.reserve, with: {service: \"{{ input.b }}\", "
                + "starts_at: \"{{ now }}\", ends_at: \"{{ now + duration('1h') }}\"}}"
        ),
        [("4:54", ["'service' of 'booking.reserve'", "type string", "bool", "string(…)"])]
    ),
    ProblemCase(
        workflow("input: {b: boolean}", "- {name: a, wait: {for: \"{{ input.b }}\"}}"),
        [("4:25", ["'for' of 'wait'", "duration"])]
    ),
    ProblemCase(
        workflow("input: {b: boolean}", "- {name: a, wait: {until: \"{{ 7 }}\"}}"),
        [("4:27", ["'until' of 'wait'", "timestamp"])]
    ),
    ProblemCase(
        workflow("", "- {name: a, set: {x: \"{{ instance.started_at + 1 }}\"}}"),
        [("4:22", ["no such overload"])]
    ),
]

private let create =
    "action: records.find_or_create, with: {database: contacts, match_fields: [email]"

private let fieldCases: [ProblemCase] = [
    ProblemCase(
        workflow("", "- {name: a, \(create), record: {emial: a}}}"),
        [("4:104", ["'contacts' has no field 'emial'", "did you mean 'email'?"])]
    ),
    ProblemCase(
        workflow(
            "",
            "- {name: a, action: records.find_or_create, with: {database: contact, "
                + "match_fields: [email], record: {}}}"
        ),
        [("4:52", ["no database 'contact'", "did you mean 'contacts'?"])]
    ),
    ProblemCase(
        workflow(
            "",
            "- {name: a, action: records.find_or_create, with: {database: contacts, "
                + "match_fields: [mail], record: {}}}"
        ),
        [("4:72", ["no field 'mail'"])]
    ),
    ProblemCase(
        workflow("", "- {name: a, \(create), record: {status: Cleint, seen: x, vip: 'yes'}}}"),
        [
            ("4:104", ["'Cleint' is no option of 'status'", "did you mean 'Client'?"]),
            ("4:120", ["nobody can write 'seen'"]),
            ("4:129", ["'vip'", "true or false", "string"]),
        ]
    ),
    ProblemCase(
        workflow(
            "",
            "- {name: a, \(create), record: {}}}",
            "- {name: b, set: {x: \"{{ steps.a.record.emal }}\"}}"
        ),
        [("5:22", ["a record of contacts", "'emal'", "did you mean 'email'?"])]
    ),
    ProblemCase(
        workflow("", "- {name: a, action: calendar.sync, with: {database: people, where: {x: 1}}}"),
        [("4:69", ["no field 'x'"])]
    ),
]

private let triggerCases: [ProblemCase] = [
    ProblemCase(
        workflow(
            "triggers: [{record: contacts, on: updated, if: \"record.statsu == 'Lead'\"}]",
            "- {name: a, set: {x: \"{{ input.emial }}\"}}"
        ),
        [
            ("2:48", ["'statsu'", "did you mean 'status'?"]),
            ("4:22", ["'emial'", "did you mean 'email'?"]),
        ]
    ),
    ProblemCase(
        workflow("triggers: [{record: people, on: updated}]", "- {name: a, set: {x: 1}}"),
        [("2:21", ["no database 'people'", "'contacts'"])]
    ),
    ProblemCase(
        workflow(
            "triggers: [{record: contacts, on: updated, if: changes.status.after}]",
            "- {name: a, set: {x: \"{{ trigger.changes.agee }}\"}}"
        ),
        [("2:48", ["gives a string", "bool"]), ("4:22", ["'agee'", "did you mean 'age'?"])]
    ),
]

private let schemaCases: [ProblemCase] = [
    ProblemCase(
        workflow("input_schema: {type: objekt, requierd: [a]}", "- {name: a, set: {x: 1}}"),
        [
            ("2:16", ["no type 'objekt'", "object"]),
            ("2:30", ["no keyword 'requierd'", "did you mean 'required'?"]),
        ]
    ),
    ProblemCase(
        workflow(
            "input_schema: {type: object, properties: {n: {type: integer}}, "
                + "additionalProperties: false}",
            "- {name: a, set: {x: \"{{ input.n + 'a' }}\", y: \"{{ input.m }}\"}}"
        ),
        [("4:22", ["no such overload"]), ("4:48", ["'m'"])]
    ),
    ProblemCase(
        workflow("output_schema: {type: object, required: [total]}", "- {name: a, set: {x: 1}}")
            + "output: {totl: \"{{ vars.x }}\"}\n",
        [("5:10", ["lacks 'total'", "'output_schema'"])]
    ),
    ProblemCase(
        workflow("output_schema: {type: object}", "- {name: a, set: {x: 1}}"),
        [("2:16", ["there is no 'output'"])]
    ),
    ProblemCase(
        workflow("output_schema: {type: string}", "- {name: a, set: {x: 1}}") + "output: 7\n",
        [("2:16", ["'output'", "type string"])]
    ),
]

private let soundWorkflows = [
    workflow(
        "triggers: [{record: contacts, on: updated, if: \"changed(record, 'status', 'Client')\"}]",
        "- {name: a, if: has(input.age) && input.age > 3, set: {n: \"{{ input.age + 1 }}\"}}",
        "- {name: b, set: {n: \"{{ vars.n + 1.5 }}\", t: \"{{ input.tags.map(t, t + '!') }}\"}}",
        "- {name: c, \(create), record: {email: \"{{ input.email }}\", tags: vip, age: 3, "
            + "status: \"{{ trigger.changes.status.after }}\", vip: \"{{ true }}\"}}}",
        "- {name: d, if: steps.c.created && steps.c.record.vip, wait: {for: \"{{ '1h' }}\"}}"
    ),
    workflow(
        "input: {at: timestamp, extra: map}",
        "- {name: a, if: has(input.other) && has(input.extra.x), set: {x: null}}",
        "- {name: b, wait: {until: \"{{ timestamp(input.at) - duration('1h') }}\"}}",
        "- {name: c, set: {x: \"{{ vars.x.y }}\"}}"
    ),
]

import ArgumentParser

/// What `workflow new` begins with: a small workflow that works, and its test cases.
enum WorkflowTemplate: String, CaseIterable, ExpressibleByArgument {
    case manual, webhook, record, schedule

    /// One line for listings.
    var summary: String {
        switch self {
        case .manual: "started by hand; makes a task for a person"
        case .webhook: "started by a webhook; keeps a contact and confirms by mail"
        case .record: "started by a change of a record; asks a person to follow up"
        case .schedule: "started by the clock; reports every Monday"
        }
    }

    /// The workflow.
    func workflow(_ name: String) -> String {
        text(workflowText, name)
    }

    /// Its test cases.
    func tests(_ name: String) -> String {
        text(testText, name)
    }

    private func text(_ template: String, _ name: String) -> String {
        template.replacing("NAME", with: name) + "\n"
    }

    private var workflowText: String {
        switch self {
        case .manual: Self.manualWorkflow
        case .webhook: Self.webhookWorkflow
        case .record: Self.recordWorkflow
        case .schedule: Self.scheduleWorkflow
        }
    }

    private var testText: String {
        switch self {
        case .manual: Self.manualTests
        case .webhook: Self.webhookTests
        case .record: Self.recordTests
        case .schedule: Self.scheduleTests
        }
    }

    private static let manualWorkflow = """
        # What authors need to know is in docs/workflows.md. Check, test and deploy this with
        #   daybook workflow validate NAME.yaml
        #   daybook workflow test NAME.yaml
        #   daybook workflow deploy NAME.yaml
        workflow: NAME
        title: NAME
        triggers: [manual]
        input:
          what: {type: string, required: true, description: what is to be done}
        steps:
          - name: ask
            action: task.create
            with:
              title: "{{ input.what }}"
              due: "{{ now + duration('1d') }}"
        output:
          task: "{{ steps.ask.reference }}"
        """

    private static let manualTests = """
        # Test cases of NAME.yaml; run them with: daybook workflow test NAME.yaml
        cases:
          - name: a task is made
            input: {what: Water the plants}
            results:
              ask: {output: {task_id: t1, reference: TASK-1, title: Water the plants}}
            expect:
              outcome: completed
              steps: [ask]
              output: {task: TASK-1}
              calls:
                - {step: ask, action: task.create, with: {title: Water the plants}}
          - name: without a word about what there is no instance
            input: {}
            expect: {starts: false}
        """

    private static let webhookWorkflow = """
        # The webhook's source must be declared in the configuration, see docs/configuration.md.
        workflow: NAME
        title: NAME
        triggers:
          - webhook: website
            event: contact_form
        input_schema:
          type: object
          required: [name, email]
          properties:
            name: {type: string, minLength: 1}
            email: {type: string, format: email}
            message: {type: string}
        steps:
          - name: contact
            action: records.find_or_create
            with:
              database: contacts_profiles
              match_fields: [email]
              record:
                full_name: "{{ input.name }}"
                email: "{{ input.email }}"
                lead_source: Website
            retry: {attempts: 5, delay: 1s, backoff: 2}
          - name: welcome
            if: steps.contact.created
            action: email.send
            with:
              to: "{{ input.email }}"
              subject: "Welcome, {{ input.name }}"
              text: "We have your message and will answer within a day."
          - name: answer
            action: task.create
            with:
              title: "Answer {{ input.name }}"
              description: "{{ has(input.message) ? input.message : '' }}"
              due: "{{ now + duration('1d') }}"
              contact: "{{ steps.contact.id }}"
        output:
          contact: "{{ steps.contact.id }}"
        """

    private static let webhookTests = """
        # Test cases of NAME.yaml; run them with: daybook workflow test NAME.yaml
        cases:
          - name: a new contact is welcomed
            now: "2026-11-24T09:00:00Z"
            trigger:
              webhook: website
              event: contact_form
              payload: {name: Ana, email: ana@example.org, message: Hello}
            results:
              contact: {output: {id: c1, created: true, record: {}, also_matched: []}}
              email.send: {output: {message_id: m1, to: [ana@example.org]}}
              answer: {output: {task_id: t1, reference: TASK-1, title: Answer Ana}}
            expect:
              outcome: completed
              steps: [contact, welcome, answer]
              output: {contact: c1}
              calls:
                - {step: answer, with: {due: "2026-11-25T09:00:00Z", description: Hello}}
          - name: who is known is not welcomed again, and a failing look-up is tried again
            trigger:
              webhook: website
              event: contact_form
              payload: {name: Ana, email: ana@example.org}
            results:
              contact:
                - {fail: unavailable}
                - {output: {id: c1, created: false, record: {}, also_matched: []}}
              answer: {output: {task_id: t1, reference: TASK-1, title: Answer Ana}}
            expect:
              outcome: completed
              steps: [contact, answer]
              never: [welcome]
          - name: without an address there is no instance
            trigger: {webhook: website, event: contact_form, payload: {name: Ana}}
            expect: {starts: false}
        """

    private static let recordWorkflow = """
        # Starts when a contact becomes a client. Its input is the record as it is now.
        workflow: NAME
        title: NAME
        triggers:
          - record: contacts_profiles
            on: [updated]
            if: changed(record, 'status') && record.status == 'Active Client'
        steps:
          - name: call_them
            action: task.create
            with:
              title: "Call {{ input.full_name }}"
              contact: "{{ input.id }}"
              due: "{{ add_business_days(now, 1) }}"
          - name: wait_a_week
            wait: {for: 7d}
          - name: how_was_it
            if: has(input.email) && input.email != null
            action: email.send
            with:
              to: "{{ input.email }}"
              subject: How are you getting on?
              text: "It has been a week, {{ input.full_name }}. Tell us how it is going."
        """

    private static let recordTests = """
        # Test cases of NAME.yaml; run them with: daybook workflow test NAME.yaml
        cases:
          - name: a new client is called and asked after a week
            trigger:
              record: contacts_profiles
              on: updated
              id: c1
              before: {full_name: Ana, email: ana@example.org, status: Active Lead}
              after: {full_name: Ana, email: ana@example.org, status: Active Client}
            results:
              call_them: {output: {task_id: t1, reference: TASK-1, title: Call Ana}}
              how_was_it: {output: {message_id: m1, to: [ana@example.org]}}
            expect:
              outcome: completed
              lasts: 7d
              steps: [call_them, wait_a_week, how_was_it]
              calls:
                - {step: call_them, with: {title: Call Ana, contact: c1}}
          - name: another change starts nothing
            trigger:
              record: contacts_profiles
              on: updated
              before: {full_name: Ana, status: Active Client}
              after: {full_name: Ana Maria, status: Active Client}
            expect: {starts: false}
          - name: another status starts nothing
            trigger:
              record: contacts_profiles
              on: updated
              before: {full_name: Ana, status: Active Lead}
              after: {full_name: Ana, status: Qualified Lead}
            expect: {starts: false}
        """

    private static let scheduleWorkflow = """
        # Starts every Monday at nine, by the clock of Berlin.
        workflow: NAME
        title: NAME
        triggers:
          - schedule: "0 9 * * MON"
            time_zone: Europe/Berlin
        steps:
          - name: leads
            action: records.query
            with:
              database: contacts_profiles
              where: {status: Active Lead}
          - name: report
            if: steps.leads.count > 0
            action: email.send
            with:
              to: team@example.org
              subject: "{{ steps.leads.count }} leads are waiting"
              text: "{{ steps.leads.records.map(lead, string(lead.full_name)).join(', ') }}"
        output:
          count: "{{ steps.leads.count }}"
        """

    private static let scheduleTests = """
        # Test cases of NAME.yaml; run them with: daybook workflow test NAME.yaml
        cases:
          - name: the team reads who is waiting
            results:
              leads:
                output: {count: 2, records: [{id: a, full_name: Ana}, {id: b, full_name: Ben}]}
              report: {output: {message_id: m1, to: [team@example.org]}}
            expect:
              outcome: completed
              output: {count: 2}
              calls:
                - step: report
                  action: email.send
                  with: {subject: 2 leads are waiting, text: "Ana, Ben"}
          - name: nobody is told of nothing
            results:
              leads: {output: {count: 0, records: []}}
            expect:
              steps: [leads]
              output: {count: 0}
        """
}

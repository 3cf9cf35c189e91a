import DaybookTestKit
import EventLog
import EventModel
import Records
import Testing

@testable import Runtime

/// The marks of all databases, against what is sealed.
@Suite struct PersonalDataTests {
    private func proposed(_ event: RecordEvent) -> ProposedEvent {
        ProposedEvent(
            id: SampleEvents.id(1),
            type: event.type,
            actor: "notion:u",
            data: event.data
        )
    }

    @Test func sealsExactlyWhatTheDatabasesMark() throws {
        let catalogue = try SealedLog.databases()
        #expect(catalogue.databases.count == 18)
        let policy = PersonalData(databases: catalogue)
        var wrong: [String] = []
        for schema in catalogue.databases {
            var fields = ValueMap()
            for field in schema.fields { fields[field.key] = .string("value of \(field.key)") }
            let changes = schema.fields.map { field in
                (field.key, FieldChange(before: "old", after: ["new": 1]))
            }
            let kinds: [RecordEvent.Kind] = [
                .created(fields: fields),
                .updated(changes: Dictionary(changes) { first, _ in first }),
            ]
            for kind in kinds {
                let event = RecordEvent(
                    database: schema.key,
                    sourceID: "page",
                    kind: kind,
                    editedAt: Timestamp(seconds: 0)
                )
                let selection = try #require(
                    policy.selection(of: proposed(event), in: event.stream)
                )
                let data = Masking.take(event.data, selection.mask).data
                for field in schema.fields {
                    let member = data["fields"]?[field.key] ?? data["changes"]?[field.key]?["after"]
                    let isSealed = member == .erased
                    if isSealed != field.isPersonal { wrong.append("\(schema.key).\(field.key)") }
                }
                if selection.subject.text != "\(schema.key)/page" { wrong.append(schema.key) }
            }
        }
        #expect(wrong == [])
    }

    /// A field that holds an address or a number and is not marked would go into the log in the clear.
    @Test func everyAddressAndNumberIsMarked() throws {
        var unmarked: [String] = []
        for schema in try SealedLog.databases().databases {
            for field in schema.fields where !field.isPersonal && !field.isComputed {
                switch field.type {
                case .email, .phoneNumber: unmarked.append("\(schema.key).\(field.key)")
                case .title, .richText, .number, .select, .multiSelect, .status, .date, .people,
                    .files, .checkbox, .url, .relation, .rollup, .formula, .uniqueID,
                    .createdTime, .lastEditedTime, .createdBy, .lastEditedBy:
                    break
                }
            }
        }
        #expect(unmarked == [])
    }

    @Test func identitiesHoldNothingPersonal() throws {
        let policy = PersonalData(databases: try SealedLog.databases())
        let write = Maya.created()
        let data = policy.redacted(
            write.events[0].data,
            type: "RecordCreated",
            database: "contacts_profiles"
        )
        let text = try JSON.text(data)
        #expect(Maya.needles.allSatisfy { !text.contains($0) })
        #expect(text.contains("Active Client"))
    }

    @Test func relationsSayWhoseARecordIs() throws {
        let policy = PersonalData(databases: try SealedLog.databases())
        let fields: ValueMap = ["task_name": "Call back", "contact": [.string(Maya.page)]]
        let write = Maya.record("master_tasks", "t-1", .created(fields: fields), 5)
        let selection = try #require(policy.selection(of: write.events[0], in: write.stream))
        #expect(selection.people == [Maya.page])
        #expect(selection.subject.text == "master_tasks/t-1")
    }
}

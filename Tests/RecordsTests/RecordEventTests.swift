import Documents
import EventModel
import Foundation
import Records
import Testing

@Suite struct RecordEventTests {
    static let kinds: [RecordEvent.Kind] = [
        .created(fields: ["name": "a"]),
        .updated(changes: ["name": FieldChange(before: .null, after: "b")]),
        .trashed, .restored,
    ]

    @Test(arguments: kinds)
    func readsBackWhatItWrites(kind: RecordEvent.Kind) throws {
        let event = RecordEvent(
            database: "sample",
            sourceID: "0199-x",
            kind: kind,
            editedAt: Timestamp(seconds: 60)
        )
        #expect(try RecordEvent(type: event.type, data: event.data) == event)
        #expect(event.stream.text == "record/sample/0199-x")
    }

    @Test(arguments: kinds)
    func isDeclaredWithTheMembersItHas(kind: RecordEvent.Kind) throws {
        let event = RecordEvent(
            database: "sample",
            sourceID: "x",
            kind: kind,
            editedAt: Timestamp(seconds: 0)
        )
        let file = "Schemas/events/\(event.type).yaml"
        #expect(RecordEvent.declarations.map(\.type).contains(event.type))
        let declaration = try YAML.parse(String(contentsOfFile: file, encoding: .utf8), file: file)
        #expect(declaration["type"]?.text == event.type)
        #expect(declaration["version"]?.scalar?.intValue == Int64(RecordEvent.schemaVersion))
        #expect(declaration["category"]?.text == event.stream.category)
        let declared = declaration["data"]?["required"]?.elements?.compactMap(\.text) ?? []
        #expect(Set(declared) == Set(event.data.mapValue?.stringKeys ?? []))
        #expect(
            declaration["data"]?["properties"]?.members?.map(\.key).sorted() == declared.sorted()
        )
    }

    static let unreadable: [(String, Value, String)] = [
        ("RecordCreated", ["database": "a", "source_id": "b"], "has no 'edited_at'"),
        ("RecordTrashed", ["database": 1], "has a int as 'database'"),
        (
            "RecordMoved",
            ["database": "a", "source_id": "b", "edited_at": .timestamp(Timestamp(seconds: 0))],
            "is no event of a record"
        ),
    ]

    @Test(arguments: unreadable)
    func saysWhatItCannotRead(type: String, data: Value, reason: String) {
        let error = #expect(throws: RecordEventError.self) {
            try RecordEvent(type: type, data: data)
        }
        #expect(error?.description.contains(reason) == true)
    }
}

@Suite struct RecordStateTests {
    private func record(_ fields: ValueMap, trashed: Bool = false) -> SourceRecord {
        SourceRecord(
            sourceID: "x",
            fields: fields,
            editedAt: Timestamp(seconds: 60),
            editedBy: "notion:u",
            isTrashed: trashed
        )
    }

    private func types(_ state: RecordState?, _ record: SourceRecord) -> [String] {
        RecordState.events(from: state, to: record, in: sample).map(\.type)
    }

    @Test func followsARecordThroughItsLife() {
        var state: RecordState?
        let story: [(SourceRecord, [String])] = [
            (record(["name": "a", "total": 3]), ["RecordCreated"]),
            (record(["name": "a", "total": 9]), []),
            (record(["name": "b"]), ["RecordUpdated"]),
            (record(["name": "b"], trashed: true), ["RecordTrashed"]),
            (record(["name": "b"], trashed: true), []),
            (record(["name": "c"]), ["RecordRestored", "RecordUpdated"]),
        ]
        for (record, expected) in story {
            let events = RecordState.events(from: state, to: record, in: sample)
            #expect(events.map(\.type) == expected)
            for event in events { state = RecordState.evolve(state, event) }
        }
        #expect(state?.fields == ["name": "c"])
        #expect(state?.isTrashed == false)
    }

    @Test func createsAndTrashesWhatWasInTheTrashAtFirstSight() {
        #expect(types(nil, record([:], trashed: true)) == ["RecordCreated", "RecordTrashed"])
    }

    @Test func forgetsAFieldThatWasEmptied() {
        let before = RecordState(
            fields: ["name": "a", "count": 1],
            isTrashed: false,
            editedAt: Timestamp(seconds: 0)
        )
        let events = RecordState.events(from: before, to: record(["name": "a"]), in: sample)
        let after = events.reduce(before) { RecordState.evolve($0, $1) }
        #expect(after.fields == ["name": "a"])
    }
}

import EventModel
import Records
import Testing

@testable import Runtime

@Suite struct RecordComparisonTests {
    private static let schema = DatabaseSchema(
        key: "tasks",
        title: "Tasks",
        purpose: "",
        table: "tasks",
        environmentVariable: "",
        aliases: [],
        matchFields: [],
        fields: [
            FieldSchema(
                key: "name",
                notionName: "Name",
                type: .title,
                column: "name",
                postgresType: "text"
            ),
            FieldSchema(
                key: "instance",
                notionName: "Instance",
                type: .relation,
                column: "instance",
                postgresType: "uuid",
                relation: FieldSchema.Relation(
                    target: "instances",
                    cardinality: "many_to_one",
                    inverse: nil
                )
            ),
            FieldSchema(
                key: "history",
                notionName: "History",
                type: .richText,
                isJSON: true,
                column: "history",
                postgresType: "jsonb"
            ),
        ]
    )
    private static let then = Timestamp(seconds: 1_800_000_000)
    private static let now = then + .seconds(3600)

    /// What the source has after a push of ours, long after it settled.
    private func events(there: ValueMap, pushed: ValueMap) throws -> [RecordEvent] {
        let record = SourceRecord(
            sourceID: "page",
            fields: there,
            editedAt: Self.then,
            editedBy: "notion:bot",
            isTrashed: false
        )
        let known = RecordRow(
            state: RecordState(fields: there, isTrashed: false, editedAt: Self.then),
            fieldPositions: [:],
            count: 1,
            position: 1
        )
        let own = PushedRow(fields: pushed, position: 9, pushedAt: Self.then)
        return RecordComparison(schema: Self.schema, settling: .seconds(120))
            .events(known: known, pushed: own, record: record, now: Self.now)
    }

    @Test func ourOwnRelationIsNoNewsInTheSourcesWords() throws {
        let events = try events(
            there: ["name": "a", "instance": ["page-of-the-instance"]],
            pushed: ["name": "a", "instance": "01a1fdd2-423d-7740-a05c-645037dc5938"]
        )
        #expect(events.isEmpty)
    }

    @Test func ourOwnInstantsInJSONAreNoNewsAsTexts() throws {
        let events = try events(
            there: ["name": "a", "history": [["at": .string(Self.then.rfc3339)]]],
            pushed: ["name": "a", "history": [["at": .timestamp(Self.then)]]]
        )
        #expect(events.isEmpty)
    }

    @Test func whatSomebodyElseWroteIsNews() throws {
        let events = try events(there: ["name": "b"], pushed: ["name": "a"])
        #expect(events.count == 1)
    }
}

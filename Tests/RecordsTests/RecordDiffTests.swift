import EventModel
import Records
import Testing

/// A database with one field of each kind that comparison treats differently.
let sample = DatabaseSchema(
    key: "sample",
    title: "Sample",
    purpose: "tests",
    table: "sample",
    environmentVariable: "SAMPLE",
    aliases: [],
    matchFields: [],
    fields: [
        field("name", .title), field("count", .number), field("tags", .multiSelect),
        field("links", .relation), field("due", .date), field("done", .checkbox),
        field("extra", .richText, isJSON: true), field("total", .formula, isComputed: true),
        field("edited", .lastEditedTime), field("last_synced", .date),
    ]
)

private func field(
    _ key: String,
    _ type: FieldSchema.PropertyType,
    isJSON: Bool = false,
    isComputed: Bool = false
) -> FieldSchema {
    FieldSchema(
        key: key,
        notionName: key,
        type: type,
        isJSON: isJSON,
        column: key,
        postgresType: "text",
        isComputed: isComputed
    )
}

private func at(_ seconds: Int64) -> Value { .timestamp(Timestamp(seconds: seconds)) }

@Suite struct RecordDiffTests {
    static let same: [(ValueMap, ValueMap)] = [
        (["name": "a"], ["name": "a"]),
        (["count": 1], ["count": 1.0]),
        (["tags": ["x", "y"]], ["tags": ["y", "x", "x"]]),
        (["links": []], [:]),
        (["name": ""], ["name": nil]),
        (["due": at(125)], ["due": at(120)]),
        (["due": at(-1)], ["due": at(-60)]),
        (["due": ["start": at(120), "end": nil]], ["due": at(120)]),
        (["done": false], [:]),
        (["extra": ["b": 1, "a": [1.0]]], ["extra": ["a": [1], "b": 1, "c": nil]]),
        (["total": 1], ["total": 2]),
        (["last_synced": at(0)], ["last_synced": at(600)]),
        (["edited": at(0)], ["edited": at(600)]),
        (["unknown": 1], [:]),
    ]

    @Test(arguments: same)
    func takesTheSameForTheSame(left: ValueMap, right: ValueMap) {
        #expect(RecordDiff.changes(from: left, to: right, in: sample).isEmpty)
        #expect(RecordDiff.changes(from: right, to: left, in: sample).isEmpty)
        #expect(
            RecordDigest.digest(of: left, in: sample) == RecordDigest.digest(of: right, in: sample)
        )
    }

    static let different: [(ValueMap, ValueMap, String)] = [
        (["name": "a"], ["name": "A"], "name"),
        (["name": "a"], [:], "name"),
        (["count": 1], ["count": 1.5], "count"),
        (["count": 0], [:], "count"),
        (["tags": ["x"]], ["tags": ["x", "y"]], "tags"),
        (["due": at(120)], ["due": at(180)], "due"),
        (["due": at(120)], ["due": ["start": at(120), "end": at(180)]], "due"),
        (["done": true], ["done": false], "done"),
        (["extra": ["a", "b"]], ["extra": ["b", "a"]], "extra"),
    ]

    @Test(arguments: different)
    func namesTheFieldWithBothValues(left: ValueMap, right: ValueMap, key: String) {
        let changes = RecordDiff.changes(from: left, to: right, in: sample)
        #expect(Array(changes.keys) == [key])
        #expect(changes[key]?.before == (left[key] ?? .null))
        #expect(changes[key]?.after == (right[key] ?? .null))
        #expect(
            RecordDigest.digest(of: left, in: sample) != RecordDigest.digest(of: right, in: sample)
        )
    }
}

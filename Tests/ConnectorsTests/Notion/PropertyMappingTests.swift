import EventModel
import Records
import Testing

@testable import Connectors

@Suite struct PropertyMappingTests {
    struct Reading: CustomStringConvertible, Sendable {
        var description: String
        /// JSON of the property as Notion sends it.
        var property: String
        var isJSON = false
        var expected: Value
    }

    private static let noon = Timestamp(seconds: 1_796_126_400)  // 2026-12-01T12:00:00Z

    static let readings: [Reading] = [
        Reading(
            description: "title of several runs",
            property: #"{"type":"title","title":[{"plain_text":"Ana "},{"plain_text":"Novak"}]}"#,
            expected: "Ana Novak"
        ),
        Reading(
            description: "empty text",
            property: #"{"type":"rich_text","rich_text":[]}"#,
            expected: .null
        ),
        Reading(
            description: "JSON text",
            property: #"""
                {"type":"rich_text","rich_text":[{"plain_text":"{\"a\":"},
                {"plain_text":"[1]}"}]}
                """#,
            isJSON: true,
            expected: ["a": [1]]
        ),
        Reading(
            description: "broken JSON text",
            property: #"{"type":"rich_text","rich_text":[{"plain_text":"{\"a\":"}]}"#,
            isJSON: true,
            expected: #"{"a":"#
        ),
        Reading(
            description: "whole number",
            property: #"{"type":"number","number":80.0}"#,
            expected: 80
        ),
        Reading(
            description: "fraction",
            property: #"{"type":"number","number":1.5}"#,
            expected: 1.5
        ),
        Reading(
            description: "no number",
            property: #"{"type":"number","number":null}"#,
            expected: .null
        ),
        Reading(
            description: "select",
            property: #"{"type":"select","select":{"id":"x","name":"Lead","color":"red"}}"#,
            expected: "Lead"
        ),
        Reading(
            description: "no select",
            property: #"{"type":"select","select":null}"#,
            expected: .null
        ),
        Reading(
            description: "status",
            property: #"{"type":"status","status":{"name":"Done"}}"#,
            expected: "Done"
        ),
        Reading(
            description: "multi-select",
            property: #"{"type":"multi_select","multi_select":[{"name":"VIP"},{"name":"New"}]}"#,
            expected: ["VIP", "New"]
        ),
        Reading(
            description: "instant with offset",
            property:
                #"{"type":"date","date":{"start":"2026-12-01T13:00:00.000+01:00","end":null}}"#,
            expected: .timestamp(noon)
        ),
        Reading(
            description: "local time in a zone",
            property: #"""
                {"type":"date","date":{"start":"2026-12-01T13:00:00.000",
                "end":null,"time_zone":"Europe/Ljubljana"}}
                """#,
            expected: .timestamp(noon)
        ),
        Reading(
            description: "day",
            property: #"{"type":"date","date":{"start":"2026-12-01","end":null,"time_zone":null}}"#,
            expected: .timestamp(Timestamp(seconds: 1_796_083_200))
        ),
        Reading(
            description: "range",
            property: #"""
                {"type":"date","date":{"start":"2026-12-01T12:00:00Z",
                "end":"2026-12-01T12:01:00Z"}}
                """#,
            expected: [
                "start": .timestamp(noon), "end": .timestamp(Timestamp(seconds: 1_796_126_460)),
            ]
        ),
        Reading(
            description: "people",
            property: #"{"type":"people","people":[{"object":"user","id":"u1"},{"id":"u2"}]}"#,
            expected: ["u1", "u2"]
        ),
        Reading(
            description: "relation",
            property: #"{"type":"relation","relation":[{"id":"p1"}],"has_more":false}"#,
            expected: ["p1"]
        ),
        Reading(
            description: "files: signed addresses are left out",
            property: #"""
                {"type":"files","files":[{"name":"a.png","type":"file",
                "file":{"url":"https://s3/x?sig=1","expiry_time":"2026-12-01T12:00:00Z"}},
                {"name":"b","type":"external","external":{"url":"https://example.org/b"}}]}
                """#,
            expected: [["name": "a.png"], ["name": "b", "url": "https://example.org/b"]]
        ),
        Reading(
            description: "checkbox",
            property: #"{"type":"checkbox","checkbox":true}"#,
            expected: true
        ),
        Reading(
            description: "e-mail",
            property: #"{"type":"email","email":"ana@example.org"}"#,
            expected: "ana@example.org"
        ),
        Reading(
            description: "formula of a text",
            property: #"{"type":"formula","formula":{"type":"string","string":"Budget"}}"#,
            expected: "Budget"
        ),
        Reading(
            description: "formula that cannot be shown",
            property: #"{"type":"formula","formula":{"type":"unsupported"}}"#,
            expected: .null
        ),
        Reading(
            description: "rollup of numbers",
            property: #"{"type":"rollup","rollup":{"type":"number","number":3,"function":"sum"}}"#,
            expected: 3
        ),
        Reading(
            description: "rollup of a list",
            property: #"""
                {"type":"rollup","rollup":{"type":"array","function":"show_original",
                "array":[{"type":"select","select":{"name":"Done"}},{"type":"select",
                "select":null}]}}
                """#,
            expected: ["Done", .null]
        ),
        Reading(
            description: "unique id",
            property: #"{"type":"unique_id","unique_id":{"prefix":"TASK","number":12}}"#,
            expected: "TASK-12"
        ),
        Reading(
            description: "last edit",
            property: #"{"type":"last_edited_time","last_edited_time":"2026-12-01T12:00:00.000Z"}"#,
            expected: .timestamp(noon)
        ),
        Reading(
            description: "author",
            property: #"{"type":"created_by","created_by":{"object":"user","id":"u1"}}"#,
            expected: "u1"
        ),
        Reading(
            description: "a type that nobody knows yet",
            property: #"{"type":"hologram","hologram":{"depth":3}}"#,
            expected: ["depth": 3]
        ),
    ]

    @Test(arguments: readings) func reads(_ row: Reading) throws {
        let property = try JSON.parse(row.property)
        #expect(PropertyReader.read(property, isJSON: row.isJSON) == row.expected)
    }

    struct Writing: CustomStringConvertible, Sendable {
        var description: String
        var type: FieldSchema.PropertyType
        /// What the property is in Notion, if it is not what was declared.
        var typeInNotion: String?
        var isJSON = false
        var options: [String] = []
        var isOpen = true
        var value: Value
        /// What is read back; nil if the value must be refused.
        var readBack: Value?
    }

    static let writings: [Writing] = [
        Writing(description: "title", type: .title, value: "Ana", readBack: "Ana"),
        Writing(description: "cleared text", type: .richText, value: .null, readBack: .null),
        Writing(description: "number as text", type: .richText, value: 7, readBack: "7"),
        Writing(
            description: "long text",
            type: .richText,
            value: .string(String(repeating: "č😀", count: 3000)),
            readBack: .string(String(repeating: "č😀", count: 3000))
        ),
        Writing(
            description: "text beyond the limit",
            type: .richText,
            value: .string(String(repeating: "a", count: 200_001)),
            readBack: nil
        ),
        Writing(
            description: "JSON",
            type: .richText,
            isJSON: true,
            value: ["weekly": ["mon": [["09:00", "17:00"]]]],
            readBack: ["weekly": ["mon": [["09:00", "17:00"]]]]
        ),
        Writing(
            description: "JSON that cannot be",
            type: .richText,
            isJSON: true,
            value: ["a": .double(.infinity)],
            readBack: nil
        ),
        Writing(description: "number", type: .number, value: 80.5, readBack: 80.5),
        Writing(description: "number as word", type: .number, value: "80", readBack: nil),
        Writing(description: "not a number", type: .number, value: .double(.nan), readBack: nil),
        Writing(
            description: "option in another case",
            type: .select,
            options: ["Low", "High"],
            isOpen: false,
            value: "high",
            readBack: "High"
        ),
        Writing(
            description: "unknown option of a closed select",
            type: .select,
            options: ["Low", "High"],
            isOpen: false,
            value: "Huge",
            readBack: nil
        ),
        Writing(
            description: "new option of an open select",
            type: .select,
            options: ["Practitioner"],
            value: "Teacher",
            readBack: "Teacher"
        ),
        Writing(description: "option with a comma", type: .select, value: "a, b", readBack: nil),
        Writing(
            description: "a select that is a status in Notion",
            type: .select,
            typeInNotion: "status",
            options: ["Done"],
            value: "Done",
            readBack: "Done"
        ),
        Writing(
            description: "a status makes no options",
            type: .status,
            options: ["Done"],
            value: "Nearly",
            readBack: nil
        ),
        Writing(
            description: "options once each",
            type: .multiSelect,
            value: ["VIP", "New", "VIP"],
            readBack: ["VIP", "New"]
        ),
        Writing(description: "no options", type: .multiSelect, value: .null, readBack: []),
        Writing(
            description: "instant",
            type: .date,
            value: .timestamp(noon),
            readBack: .timestamp(noon)
        ),
        Writing(
            description: "day",
            type: .date,
            value: "2026-12-01",
            readBack: .timestamp(Timestamp(seconds: 1_796_083_200))
        ),
        Writing(
            description: "range",
            type: .date,
            value: ["start": .timestamp(noon), "end": .timestamp(noon + .seconds(60))],
            readBack: ["start": .timestamp(noon), "end": .timestamp(noon + .seconds(60))]
        ),
        Writing(description: "no date", type: .date, value: "soon", readBack: nil),
        Writing(description: "checkbox", type: .checkbox, value: true, readBack: true),
        Writing(description: "checkbox cleared", type: .checkbox, value: .null, readBack: false),
        Writing(description: "checkbox by word", type: .checkbox, value: "yes", readBack: nil),
        Writing(description: "one relation", type: .relation, value: "p1", readBack: ["p1"]),
        Writing(
            description: "relations",
            type: .relation,
            value: ["p1", "p2"],
            readBack: ["p1", "p2"]
        ),
        Writing(
            description: "too many relations",
            type: .relation,
            value: .list((0...100).map { .string("p\($0)") }),
            readBack: nil
        ),
        Writing(
            description: "e-mail",
            type: .email,
            value: "a@example.org",
            readBack: "a@example.org"
        ),
        Writing(description: "cleared e-mail", type: .email, value: "", readBack: .null),
        Writing(
            description: "e-mail beyond the limit",
            type: .email,
            value: .string(String(repeating: "a", count: 201)),
            readBack: nil
        ),
        Writing(
            description: "files",
            type: .files,
            value: [["name": "b", "url": "https://example.org/b"]],
            readBack: [["name": "b", "url": "https://example.org/b"]]
        ),
        Writing(description: "formula", type: .formula, value: "x", readBack: nil),
    ]

    @Test(arguments: writings) func writesWhatReadsBack(_ row: Writing) {
        let field = FieldSchema(
            key: "field",
            notionName: "Field",
            type: row.type,
            isJSON: row.isJSON,
            options: row.options,
            hasOpenOptions: row.isOpen,
            column: "field",
            postgresType: "text"
        )
        let type = row.typeInNotion ?? row.type.rawValue
        let config: Value = [
            "id": "f", "type": .string(type),
            type: ["options": .list(row.options.map { ["name": .string($0)] })],
        ]
        let property = NotionProperty(name: "Field", config: config)
        do throws(NotionError) {
            guard let property else { throw NotionError(.malformedAnswer, "no property") }
            let wire = try PropertyWriter.write(row.value, field: field, property: property)
            #expect(PropertyReader.read(wire, isJSON: row.isJSON) == row.readBack)
        } catch {
            #expect(row.readBack == nil)
            #expect(error.code == .invalidValue)
            #expect(error.field == "field")
        }
    }

    @Test func levelsWhatNotionDoesNotKeep() {
        let late = Value.timestamp(Self.noon + .milliseconds(59_999))
        #expect(PropertyReader.levelled(late, type: "date") == .timestamp(Self.noon))
        #expect(
            PropertyReader.levelled(["b", "a"], type: "relation")
                == PropertyReader.levelled(["a", "b"], type: "relation")
        )
        #expect(PropertyReader.levelled(["b", "a"], type: "files") == ["b", "a"])
        let before = Value.timestamp(Timestamp(seconds: -61))
        let floored = Value.timestamp(Timestamp(seconds: -120))
        #expect(PropertyReader.levelled(before, type: "date") == floored)
    }
}

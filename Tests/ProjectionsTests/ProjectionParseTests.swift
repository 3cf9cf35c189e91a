import Documents
import EventModel
import Projections
import Testing

@Suite struct ProjectionParseTests {
    private let good = """
        projection: visits
        description: Counts.
        version: 2
        source: {categories: [window, door], types: [Opened]}
        key: event.key
        on:
          Entered:
            columns: {count: row.count + 1, note: "'x'"}
        sinks:
          - {kind: notion, target: visits, fields: {count: number_of_visits}}
        """

    @Test func readsAll() throws {
        let definition = try ProjectionDefinition.parse(good, file: "v.yaml")
        #expect(definition.name == "visits" && definition.version == 2)
        #expect(definition.description == "Counts.")
        #expect(definition.categories == ["door", "window"])
        #expect(definition.types == ["Entered", "Opened"])
        #expect(definition.columns == ["count", "note"])
        let fields = [SinkBinding.FieldMapping(column: "count", field: "number_of_visits")]
        #expect(
            definition.sinks == [SinkBinding(kind: "notion", target: "visits", fields: fields)]
        )
        #expect(definition.reads(category: "door", type: "Entered"))
        #expect(!definition.reads(category: "door", type: "Left"))
        #expect(!definition.reads(category: "wall", type: "Entered"))
    }

    @Test func hashIsThatOfTheMeaning() throws {
        let hash = try ProjectionDefinition.parse(good, file: "a.yaml").hash
        func other(_ old: String, _ new: String) throws -> Digest {
            let text = good.replacing(old, with: new)
            #expect(text != good)
            return try ProjectionDefinition.parse(text, file: "b.yaml").hash
        }
        #expect(try other("Counts.", "Counts visits.  # and more") == hash)
        #expect(try other("row.count + 1", "row.count + 2") != hash)
        #expect(try other("number_of_visits", "visits") != hash)
    }

    @Test(arguments: [
        ("projection: visits", "projection: Visits", "v.yaml:1:13: 'Visits' is no name"),
        ("projection: visits", "projektion: visits", "v.yaml:1:1: the key 'projection' is missing"),
        ("version: 2", "version: 0", "v.yaml:3:10: 'version' must be 1 to 4294967295, not 0"),
        (
            "key: event.key", "key: event.keys",
            "v.yaml:5:6: an event has no 'keys'; did you mean 'key'?"
        ),
        ("key: event.key", "key: row.count", "v.yaml:5:6: nothing is called 'row' here"),
        ("key: event.key", "key: event.", "v.yaml:5:"),
        ("key: event.key", "key: [1]", "v.yaml:5:6: an expression must be a text, not a list"),
        ("row.count + 1", "row.coun + 1", "v.yaml:8:22: no column 'coun'; did you mean 'count'?"),
        ("row.count + 1", "evnt.key", "v.yaml:8:22: nothing is called 'evnt' here"),
        ("row.count + 1", "1 + nonsense(2)", "v.yaml:8:"),
        ("  Entered:", "  entered:", "v.yaml:7:3: 'entered' is no event type"),
        (
            "{count: number", "{coun: number",
            "v.yaml:10:45: no event type makes the column 'coun'; did you mean 'count'?"
        ),
        ("kind: notion, ", "", "v.yaml:10:5: the key 'kind' is missing"),
        ("[window, door]", "[]", "v.yaml:4:9: the source has no categories"),
        ("[window, door]", "[Door]", "v.yaml:4:9: 'Door' is no category"),
        ("note: \"'x'\"", "Note: \"'x'\"", "v.yaml:8:37: 'Note' is no column name"),
        (
            "    columns: {", "    find: event.key\n    key: event.key\n    columns: {",
            "v.yaml:9:10: both key and find are given"
        ),
        (
            "    columns: {", "    delete: true\n    columns: {",
            "v.yaml:8:5: a rule that deletes the row has no columns"
        ),
    ]) func mistakesHaveAPlace(old: String, new: String, message: String) {
        let text = good.replacing(old, with: new)
        do throws(Problems) {
            _ = try ProjectionDefinition.parse(text, file: "v.yaml")
            Issue.record("taken: \(text)")
        } catch {
            #expect(error.list.contains { $0.description.hasPrefix(message) }, "\(error)")
        }
    }

    @Test func allMistakesComeAtOnce() {
        let error = #expect(throws: Problems.self) {
            try ProjectionDefinition.parse("projection: a\nkey: nope\nwhere: 1 +\n", file: "v.yaml")
        }
        #expect((error?.list.count ?? 0) >= 4)
    }
}

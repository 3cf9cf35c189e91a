import Documents
import EventModel
import Testing

@Suite struct MappingReaderTests {
    private enum Colour: String, CaseIterable { case red, green }

    private func reader(_ text: String) throws -> MappingReader {
        MappingReader(try YAML.parse(text, file: "a.yaml"), what: "a thing")
    }

    @Test func givesWhatIsThereAndNothingElse() throws {
        var reader = try reader("name: x\ncount: 3\nratio: 0.5\non: true\nlist: [a, b]\none: a\n")
        #expect(reader.requiredText("name") == "x")
        #expect(reader.integer("count", in: 1...5) == 3)
        #expect(reader.number("ratio") == 0.5)
        #expect(reader.boolean("on") == true)
        #expect(reader.texts("list") == ["a", "b"])
        #expect(reader.texts("one") == ["a"])
        #expect(reader.text("missing") == nil)
        #expect(reader.finish().isEmpty)
    }

    @Test func collectsEveryMistake() throws {
        var reader = try reader(
            "name: [x]\ncount: 9\ncolour: gren\nnumber: x\nflag: maybe\nlist: {a: 1}\nextra: 1\n"
        )
        _ = reader.text("name")
        _ = reader.integer("count", in: 1...5)
        _ = reader.choice("colour", of: Colour.self)
        _ = reader.number("number")
        _ = reader.boolean("flag")
        _ = reader.texts("list")
        _ = reader.required("title")
        let messages = Problems(reader.finish()).list.map(\.description)
        #expect(
            messages == [
                "a.yaml:1:1: the key 'title' is missing",
                "a.yaml:1:7: 'name' must be a text, not a list",
                "a.yaml:2:8: 'count' must be 1 to 5, not 9",
                "a.yaml:3:9: 'gren' is no colour; did you mean 'green'?",
                "a.yaml:4:9: 'number' must be a number, not a string",
                "a.yaml:5:7: 'flag' must be true or false, not a string",
                "a.yaml:6:7: 'list' must be a list of texts, not a mapping",
                "a.yaml:7:1: unknown key 'extra'; "
                    + "there are: colour, count, flag, list, name, number, title",
            ]
        )
    }

    @Test func saysWhatAThingMustBe() throws {
        var reader = try reader("[1]")
        #expect(reader.finish().map(\.message) == ["a thing must be a mapping, not a list"])
    }
}

import Documents
import EventModel
import Testing

@Suite struct YAMLTests {
    private func parse(_ text: String) throws -> Node { try YAML.parse(text, file: "a.yaml") }

    private func problem(_ text: String) -> Problem? {
        do throws(Problem) {
            _ = try YAML.parse(text, file: "a.yaml")
            return nil
        } catch {
            return error
        }
    }

    private static let scalars: [(text: String, value: Value)] = [
        ("1", 1), ("-7", -7), ("1.5", 1.5), ("1e3", 1000.0), ("true", true), ("False", false),
        ("null", .null), ("~", .null), ("\"1\"", "1"), ("'true'", "true"), ("yes", "yes"),
        ("off", "off"), ("1.2.3", "1.2.3"), ("2026-12-01", "2026-12-01"), ("10:30", "10:30"),
        ("9223372036854775807", .int(.max)), ("0x10", "0x10"), ("1_000", "1_000"),
        ("+386 40 111 222", "+386 40 111 222"), (".5", ".5"), ("é", "é"),
        ("99999999999999999999", 1e20),
    ]

    @Test(arguments: scalars)
    func readsScalars(_ text: String, _ value: Value) throws {
        #expect(try parse("a: \(text)")["a"]?.scalar == value)
    }

    @Test func rememberPlacesFromOne() throws {
        let root = try parse("a: 1\nb:\n  - x\n  - {c: y}\n")
        #expect(root.place == Place(file: "a.yaml", line: 1, column: 1))
        #expect(root["b"]?.elements?[0].place.description == "a.yaml:3:5")
        #expect(root["b"]?.elements?[1]["c"]?.place.description == "a.yaml:4:9")
        #expect(root["b"]?.elements?[1].members?[0].keyPlace.description == "a.yaml:4:6")
    }

    @Test func keepsTheOrderAndTheTextOfKeys() throws {
        let root = try parse("on: 1\nb: 2\n1: 3\na: 4\n")
        #expect(root.members?.map(\.key) == ["on", "b", "1", "a"])
    }

    @Test func repeatsWhatAnAnchorNames() throws {
        let root = try parse("a: &x {k: 1}\nb: *x\n")
        #expect(root["b"]?.value == ["k": 1])
    }

    private static let faults: [(text: String, place: String, words: String)] = [
        ("a: [", "2:1", "broken YAML"), ("a: b: c", "1:5", "broken YAML"),
        ("a: 1\nb: 2\na: 3\n", "3:1", "'a' comes twice"),
        ("a:\n  - b: 1\n    c: {b: 2}\n    b: 3\n", "4:5", "'b' comes twice"),
        ("{a: 1, a: 2}", "1:2", "'a' comes twice"), ("", "1:1", "empty"),
        ("# only a comment\n", "1:1", "empty"), ("? [a]\n: 1\n", "1:3", "plain text"),
        ("a: 1\n---\nb: 2\n", "2:1", "single document"), ("a: *b\n", "1:4", "broken YAML"),
    ]

    @Test(arguments: faults)
    func namesThePlaceOfAMistake(_ text: String, _ place: String, _ words: String) throws {
        let found = try #require(self.problem(text))
        #expect("\(found.place.line):\(found.place.column)" == place)
        #expect(found.description.contains(words))
    }

    @Test func refusesWhatIsTooDeep() throws {
        let deep = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
        #expect(problem(deep)?.message.contains("deeper than 128") == true)
    }

    @Test func refusesAliasesThatMultiply() throws {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...8 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(aliases)]\n"
        }
        #expect(problem(text)?.message.contains("100000 parts") == true)
    }
}

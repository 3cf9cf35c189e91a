import CEL
import Testing

/// What an expression needs from outside.
@Suite struct ReferenceTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var source: String
        var references: [[String]]
        var testDescription: String { source }

        init(_ source: String, _ references: [[String]]) {
            self.source = source
            self.references = references
        }
    }

    static let rows = [
        Row("1 + 2", []), Row("steps.client.id", [["steps", "client", "id"]]),
        Row("steps['client'].id", [["steps", "client", "id"]]),
        Row("a.b == a.b && a.c", [["a", "b"], ["a", "c"]]),
        Row("a[b.c].d", [["a"], ["b", "c"]]), Row("a[0].b", [["a"]]),
        Row("has(input.email)", [["input"]]), Row("input.?email.orValue(x)", [["input"], ["x"]]),
        Row("input.name.startsWith('A')", [["input", "name"]]),
        Row("math.abs(x.y)", [["x", "y"]]), Row("optional.of(a)", [["a"]]),
        Row("input.items.all(i, i.price > limit)", [["input", "items"], ["limit"]]),
        Row("items.map(i, i.x).exists(i, i == i2)", [["items"], ["i2"]]),
        Row("i + [1].map(i, i)[0]", [["i"]]), Row("cel.bind(x, y.z, x.w)", [["y", "z"]]),
        Row("a.optMap(v, v + b)", [["a"], ["b"]]), Row("type(x) == int", [["x"]]),
        Row("{k: v, 'c': [w]}", [["k"], ["v"], ["w"]]), Row("-a.b", [["a", "b"]]),
        Row("c ? a.b : d", [["c"], ["a", "b"], ["d"]]), Row("list.sortBy(e, e.k + o)", [["o"]]),
    ]

    @Test(arguments: rows)
    func areFound(_ row: Row) throws {
        #expect(try Expression.compile(row.source).references == row.references)
    }
}

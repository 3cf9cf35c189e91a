import EventModel
import Projections
import Testing

@Suite struct ProjectionFoldTests {
    private func definition(_ rest: String) throws -> ProjectionDefinition {
        let head = "projection: visits\ndescription: Counts.\nsource: {categories: [door]}\n"
        return try ProjectionDefinition.parse(head + rest, file: "visits.yaml")
    }

    private let counting = """
        key: event.data.who
        where: event.data.who != 'nobody'
        on:
          Entered:
            columns:
              count: row.?count.orValue(0) + 1
              inside: true
              last: event.recorded_at
          Left:
            where: "!has(event.data.ghost)"
            columns: {inside: false}
          Banned: {delete: true}
        delete_when: row.?count.orValue(0) >= 3
        """

    @Test func foldsByType() throws {
        var table = ProjectionTable(try definition(counting))
        try table.take("Entered", stream: "door/1", ["who": "ana"], second: 5)
        let row = try table.take("Left", stream: "door/2", ["who": "ana"])
        #expect(
            row?.columns == [
                "count": 1, "inside": false, "last": .timestamp(Timestamp(seconds: 5)),
            ]
        )
        #expect(row?.position == 2 && row?.key == "ana")
    }

    @Test(
        arguments: [
            ("Entered", "door/1", ["who": "nobody"]),
            ("Left", "door/1", ["who": "eva", "ghost": true]),
            ("Painted", "door/1", ["who": "eva"]),
            ("Entered", "window/1", ["who": "eva"]),
            ("Entered", "door/1", ["who": nil]),
        ] as [(String, String, Value)]
    )
    func leavesOthersAlone(type: String, stream: String, data: Value) throws {
        let definition = try definition(counting)
        let event = try event(type, stream: stream, data)
        #expect(try definition.fold(event, previous: nil) == .none)
        #expect(try definition.key(of: event) == nil)
    }

    @Test func deletes() throws {
        var table = ProjectionTable(try definition(counting))
        try table.take("Entered", stream: "door/1", ["who": "ana"])
        try table.take("Entered", stream: "door/1", ["who": "eva"])
        try table.take("Banned", stream: "door/1", ["who": "ana"])
        #expect(table.rows.keys.sorted() == ["eva"])
        try table.take("Entered", stream: "door/1", ["who": "eva"])
        #expect(table.rows["eva"]?.columns["count"] == 2)
        try table.take("Entered", stream: "door/1", ["who": "eva"])
        #expect(table.rows.isEmpty)
        try table.take("Banned", stream: "door/1", ["who": "eva"])
        #expect(table.rows.isEmpty)
    }

    @Test func repeatingChangesNothing() throws {
        let definition = try definition(counting)
        let event = try event("Entered", stream: "door/1", ["who": "ana"], position: 7)
        guard case .put(let row) = try definition.fold(event, previous: nil) else {
            Issue.record("no row")
            return
        }
        #expect(try definition.fold(event, previous: row) == .none)
    }

    @Test func unchangedRowsKeepTheirPosition() throws {
        var table = ProjectionTable(try definition(counting))
        try table.take("Left", stream: "door/1", ["who": "ana"])
        let row = try table.take("Left", stream: "door/1", ["who": "ana"])
        #expect(row?.position == 1)
    }

    /// All columns see the row as it was before the event, so their order does not matter.
    @Test func columnsSeeTheRowBefore() throws {
        var table = ProjectionTable(
            try definition(
                """
                key: "'x'"
                columns: {a: "row.?b.orValue(1)", b: "row.?a.orValue(2)"}
                """
            )
        )
        try table.take("Any", stream: "door/1", [:])
        let row = try table.take("Thing", stream: "door/1", [:])
        #expect(row?.columns == ["a": 2, "b": 1])
    }

    @Test func allMembersOfAnEventAreSeen() throws {
        var table = ProjectionTable(
            try definition("key: event.key\ncolumns: {all: event}\n")
        )
        let row = try table.take("Any", stream: "door/7/b", 5, entity: "the_7_space", second: 9)
        let id = "00000000-2328-7000-8000-000000000001"
        #expect(
            row?.columns["all"] == [
                "type": "Any", "id": .string(id), "position": 1, "stream": "door/7/b",
                "category": "door", "key": "7/b", "revision": 0,
                "recorded_at": .timestamp(Timestamp(seconds: 9)), "entity": "the_7_space",
                "actor": "user:ana", "correlation": .string(id), "causation": nil, "data": 5,
            ]
        )
    }

    @Test(arguments: [
        ("key: event.key\ncolumns: {a: event.data.missing}", "column 'a'"),
        ("key: 5 + event.position\ncolumns: {a: 1}", "key"),
        ("key: \"''\"\ncolumns: {a: 1}", "key"),
        ("key: event.key\nwhere: event.key\ncolumns: {a: 1}", "where"),
        ("key: event.key\ncolumns: {a: 1}\ndelete_when: row.a", "delete_when"),
        ("key: event.key\non: {Any: {find: event.position, columns: {a: 1}}}", "find"),
    ]) func errorsNameEventAndPart(text: String, part: String) throws {
        let definition = try definition(text)
        let event = try event("Any", stream: "door/1", [:], position: 12)
        let error = #expect(throws: ProjectionError.self) {
            try definition.fold(event, previous: nil)
        }
        #expect(error?.part == part)
        #expect(
            error?.description.hasPrefix("projection visits, event 12 (Any), \(part): ") == true
        )
    }

    @Test(
        arguments: [
            ("member(event.data, 'a.b')", 7), ("member(event.data, 'a.c')", nil),
            ("member(event.data, 'x.y.z')", nil), ("member(event.data, 't.u')", nil),
            ("member(null, 'a')", nil), ("append(null, 1, 2)", [1]),
            ("append([1, 2], 3, 2)", [2, 3]),
            ("short_code('a')", "ObhidonG"), ("size(short_code(event.id))", 8),
        ] as [(String, Value)]
    ) func functionsAnswer(expression: String, wanted: Value) throws {
        var table = ProjectionTable(
            try definition("key: event.key\ncolumns: {a: \"\(expression)\"}")
        )
        let row = try table.take("Any", stream: "door/1", ["a": ["b": 7], "t": "text"])
        #expect(row?.columns["a"] == wanted)
    }
}

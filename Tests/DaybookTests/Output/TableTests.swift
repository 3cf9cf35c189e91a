import Testing

@testable import daybook

@Suite struct TableTests {
    @Test func columnsAreAligned() {
        var table = Table(["name", "count", "remark"])
        table.add(["a", "1", ""])
        table.add(["longer name", "12", "x"])
        #expect(
            table.lines() == [
                "name         count  remark",
                "a            1",
                "longer name  12     x",
            ]
        )
        #expect(table.lines(indentation: "  ").last == "  longer name  12     x")
    }

    @Test func shortRowsAreLegal() {
        var table = Table(["a", "b"])
        #expect(table.isEmpty)
        table.add(["1"])
        #expect(!table.isEmpty)
        #expect(table.lines() == ["a  b", "1"])
    }

    @Test func blocksLeaveOutWhatIsEmpty() {
        var table = Table(["key", "name", "long"])
        table.add(["1", "", "x"])
        table.add(["2", "b", "y"])
        #expect(
            table.blocks() == [
                "key   1", "long  x", "", "key   2", "name  b", "long  y",
            ]
        )
    }

    @Test(arguments: [
        ("abcdef", 6, "abcdef"), ("abcdef", 4, "abc…"), ("é", 1, "é"), ("ab", 1, "…"),
    ])
    func textIsCut(text: String, width: Int, expected: String) {
        #expect(text.cut(width) == expected)
        #expect(text.cut(width).count <= width)
    }
}

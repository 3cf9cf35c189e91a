import EventModel
import Testing

@testable import Connectors

@Suite struct RichTextTests {
    struct Case: CustomStringConvertible, Sendable {
        var description: String
        var text: String
        /// UTF-16 units of each part.
        var units: [Int]
    }

    static let cases: [Case] = [
        Case(description: "nothing", text: "", units: []),
        Case(description: "short", text: "Ana", units: [3]),
        Case(
            description: "exactly one run",
            text: String(repeating: "a", count: 2000),
            units: [2000]
        ),
        Case(description: "one more", text: String(repeating: "a", count: 2001), units: [2000, 1]),
        Case(
            description: "a surrogate pair across the border",
            text: String(repeating: "a", count: 1999) + "😀b",
            units: [1999, 3]
        ),
        Case(
            description: "a family across the border",
            text: String(repeating: "a", count: 1995) + "👩‍👩‍👧‍👦",
            units: [1995, 11]
        ),
        Case(
            description: "accents outside the character",
            text: String(repeating: "a", count: 1999) + "e\u{301}",
            units: [1999, 2]
        ),
        Case(
            description: "one character that is longer than a run",
            text: "e" + String(repeating: "\u{301}", count: 2500),
            units: [2000, 501]
        ),
        Case(
            description: "line ends stay together",
            text: String(repeating: "a", count: 1999) + "\r\n",
            units: [1999, 2]
        ),
    ]

    @Test(arguments: cases) func cutsBetweenCharacters(_ row: Case) {
        let chunks = RichText.chunks(row.text)
        #expect(chunks.map(\.utf16.count) == row.units)
        #expect(Array(chunks.joined().utf8) == Array(row.text.utf8))
    }

    @Test func refusesWhatAPropertyCannotHold() {
        let fitting = String(repeating: "a", count: 200_000)
        #expect(RichText.runs(fitting)?.listValue?.count == 100)
        #expect(RichText.runs(fitting + "a") == nil)
    }
}

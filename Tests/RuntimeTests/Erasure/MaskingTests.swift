import EventModel
import Testing

@testable import Runtime

@Suite struct MaskingTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var data: Value
        var mask: Mask
        var stored: Value
        var values: [Value]
    }

    static let cases = [
        Case(
            testDescription: "a whole member, whatever it is",
            data: ["fields": ["a": ["x": 1], "b": "y"]],
            mask: .members(["fields": .members(["a": .whole])]),
            stored: ["fields": ["a": "‹erased›", "b": "y"]],
            values: [["x": 1]]
        ),
        Case(
            testDescription: "a null says nothing",
            data: ["a": nil],
            mask: .members(["a": .whole]),
            stored: ["a": nil],
            values: []
        ),
        Case(
            testDescription: "texts and long numbers beneath, not what steers",
            data: ["input": ["t": "x", "n": 60, "p": 4_670_123_456, "b": true, "l": ["y", ""]]],
            mask: .members(["input": .leaves]),
            stored: [
                "input": [
                    "t": "‹erased›", "n": 60, "p": "‹erased›", "b": true, "l": ["‹erased›", ""],
                ]
            ],
            values: ["y", 4_670_123_456, "x"]
        ),
        Case(
            testDescription: "what only looks erased",
            data: ["input": "x", "other": ["‹erased›"]],
            mask: .members(["input": .leaves]),
            stored: ["input": "‹erased›", "other": ["‹erased›"]],
            values: ["x", "‹erased›"]
        ),
        Case(
            testDescription: "members of every element",
            data: ["r": [["p": "a", "k": "room"], ["p": "b", "k": "room"]]],
            mask: .members(["r": .every(.members(["p": .leaves]))]),
            stored: ["r": [["p": "‹erased›", "k": "room"], ["p": "‹erased›", "k": "room"]]],
            values: ["a", "b"]
        ),
    ]

    @Test(arguments: cases)
    func takesOutAndPutsBack(_ example: Case) {
        let taken = Masking.take(example.data, example.mask)
        #expect(taken.data == example.stored)
        #expect(Set(taken.values) == Set(example.values))
        #expect(taken.values.count == example.values.count)
        #expect(Masking.restore(taken.values, in: taken.data) == example.data)
        #expect(Masking.restore(taken.values + ["more"], in: taken.data) == nil)
        if !taken.values.isEmpty {
            #expect(Masking.restore(Array(taken.values.dropLast()), in: taken.data) == nil)
        }
    }

    @Test(arguments: [
        ("write to Maya <Maya@Example.org>, please", ["mail:maya@example.org"]),
        ("+46 70 123 45 67", ["phone:701234567"]), ("0046701234567", ["phone:701234567"]),
        ("070-123 45 67", ["phone:701234567"]), ("112", []), ("no @ address", []),
        (
            "2B4C1F00-0000-4000-8000-00000000AAAA",
            ["id:2b4c1f0000004000800000000000aaaa"]
        ),
        ("018f22e2-79b0-7cc3-98c4-dc0c0c07398f", []), ("a@b@c.org", []),
    ])
    func findsWhatTellsAPerson(text: String, handles: [String]) {
        #expect(Handle.meant(by: text) == Set(handles))
    }

    @Test(arguments: [
        ("story/018f22e2-79b0-7cc3-98c4-dc0c0c07398f", true), ("contacts/x", false),
    ])
    func readsSubjects(text: String, isStory: Bool) {
        let subject = Subject(text)
        #expect((subject?.story != nil) == isStory)
        #expect((subject?.record != nil) == !isStory)
    }

    @Test(arguments: ["", "x", "/x", "x/", String(repeating: "a", count: 400) + "/x", "a/\0"])
    func refusesWhatIsNoSubject(text: String) { #expect(Subject(text) == nil) }
}

import Documents
import Testing

@Suite struct SuggestionTests {
    private static let words = ["input", "steps", "vars", "started_at", "task_id", "title"]

    private static let cases: [(word: String, near: String?)] = [
        ("inptu", "input"), ("step", "steps"), ("var", "vars"), ("tsak_id", "task_id"),
        ("task", "task_id"), ("start", "started_at"), ("t", nil), ("colour", nil), ("", nil),
    ]

    @Test(arguments: cases)
    func findsTheNearMiss(_ word: String, _ near: String?) {
        #expect(Suggestion.nearest(to: word, among: SuggestionTests.words) == near)
    }

    @Test func listsWhatThereIsOtherwise() {
        #expect(Suggestion.remedy(for: "zebra", among: ["b", "a"]) == "there are: a, b")
        #expect(Suggestion.remedy(for: "zebra", among: []) == "")
    }
}

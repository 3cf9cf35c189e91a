import Documents

/// What a user may have meant.
enum Suggest {
    static func remedy(for word: String, among words: [String]) -> String {
        let remedy = Suggestion.remedy(for: word, among: words)
        return remedy.isEmpty ? "there is none yet" : remedy
    }
}

/// Finds what an author may have meant.
public enum Suggestion {
    /// "did you mean 'x'?" for a near miss, else the list of what there is.
    public static func remedy(for word: String, among words: [String]) -> String {
        if let near = nearest(to: word, among: words) { return "did you mean '\(near)'?" }
        guard !words.isEmpty else { return "" }
        return "there are: " + words.sorted().joined(separator: ", ")
    }

    /// The word with the smallest edit distance, if it is at most a third of the word's length;
    /// else the one word that begins with this one.
    public static func nearest(to word: String, among words: [String]) -> String? {
        let limit = max(1, word.count / 3)
        let best = words.map { (distance(word, $0), $0) }.min { $0.0 < $1.0 }
        if let best, best.0 <= limit { return best.1 }
        let longer = words.filter { $0.hasPrefix(word) }
        return word.count >= 3 && longer.count == 1 ? longer[0] : nil
    }

    /// The optimal string alignment distance: letters added, dropped, changed, or two neighbours
    /// swapped.
    static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left), Array(right))
        var earlier: [Int] = []
        var previous = Array(0...right.count)
        for (row, first) in left.enumerated() {
            var current = [row + 1]
            for (column, second) in right.enumerated() {
                let change = previous[column] + (first == second ? 0 : 1)
                var best = min(change, previous[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, first == right[column - 1], left[row - 1] == second {
                    best = min(best, earlier[column - 1] + 1)
                }
                current.append(best)
            }
            earlier = previous
            previous = current
        }
        return previous[right.count]
    }
}

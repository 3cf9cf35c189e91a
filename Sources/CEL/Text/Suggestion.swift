/// Finds what somebody probably meant.
enum Suggestion {
    /// The candidate nearest to a misspelt name, if one is near enough to be worth naming.
    static func nearest(_ name: String, among candidates: [String]) -> String? {
        let limit = max(1, min(3, name.count / 3))
        var best: (name: String, distance: Int)?
        for candidate in candidates where candidate.utf8.count <= 64 {
            let distance = distance(Array(name.lowercased()), Array(candidate.lowercased()))
            if distance <= limit, distance < best?.distance ?? .max {
                best = (candidate, distance)
            }
        }
        return best?.name
    }

    /// The Levenshtein distance, with two letters that changed places as one mistake: the optimal
    /// string alignment, row by row.
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        guard abs(left.count - right.count) <= 3 else { return .max }
        var before: [Int] = []
        var row = Array(0...right.count)
        for (leftIndex, leftCharacter) in left.enumerated() {
            var next = [leftIndex + 1]
            for (rightIndex, rightCharacter) in right.enumerated() {
                let substitution = row[rightIndex] + (leftCharacter == rightCharacter ? 0 : 1)
                var best = min(substitution, row[rightIndex + 1] + 1, next[rightIndex] + 1)
                let isSwap =
                    leftIndex > 0 && rightIndex > 0 && leftCharacter == right[rightIndex - 1]
                    && left[leftIndex - 1] == rightCharacter
                if isSwap { best = min(best, before[rightIndex - 1] + 1) }
                next.append(best)
            }
            before = row
            row = next
        }
        return row[right.count]
    }
}

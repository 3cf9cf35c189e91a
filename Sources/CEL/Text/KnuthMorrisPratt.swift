/// Search for a part in a sequence in linear time, whatever both are.
struct KnuthMorrisPratt<Element: Equatable> {
    private let part: [Element]
    /// For each length of a match, the longest proper prefix that is also its suffix.
    private let borders: [Int]

    /// Prepares the search; nil for an empty part.
    init?(_ part: [Element]) {
        guard !part.isEmpty else { return nil }
        var borders = Array(repeating: 0, count: part.count)
        var length = 0
        for index in part.indices.dropFirst() {
            while length > 0, part[index] != part[length] { length = borders[length - 1] }
            if part[index] == part[length] { length += 1 }
            borders[index] = length
        }
        self.part = part
        self.borders = borders
    }

    /// Where the part stands first at or after a position.
    func first(in whole: [Element], from start: Int) -> Range<Int>? {
        var length = 0
        var index = start
        while index < whole.count {
            while length > 0, whole[index] != part[length] { length = borders[length - 1] }
            if whole[index] == part[length] { length += 1 }
            index += 1
            if length == part.count { return index - length..<index }
        }
        return nil
    }

    /// Where the part stands last, beginning at or before a position.
    func last(in whole: [Element], from start: Int) -> Range<Int>? {
        var found: Range<Int>?
        var length = 0
        for (index, element) in whole.enumerated() {
            if length == part.count { length = borders[length - 1] }
            while length > 0, element != part[length] { length = borders[length - 1] }
            if element == part[length] { length += 1 }
            let begin = index + 1 - length
            if length == part.count {
                if begin > start { break }
                found = begin..<index + 1
            }
        }
        return found
    }
}

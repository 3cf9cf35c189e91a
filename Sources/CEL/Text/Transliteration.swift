/// Letters of the Latin alphabets in ASCII.
enum Transliteration {
    /// Small ASCII letters and digits for a scalar: nothing for a combining mark, nil for what is
    /// neither letter nor digit.
    static func ascii(_ scalar: Unicode.Scalar) -> String? {
        if scalar.isASCII {
            let isWord = scalar.isDigit || (scalar.isIdentifierStart && scalar != "_")
            return isWord ? String(scalar.asciiLowercased) : nil
        }
        if scalar.properties.generalCategory == .nonspacingMark { return "" }
        let small = scalar.properties.lowercaseMapping.unicodeScalars.first ?? scalar
        return letters[small]
    }

    private static let letters: [Unicode.Scalar: String] = {
        var letters: [Unicode.Scalar: String] = [
            "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l",
            "ı": "i", "ħ": "h", "ŋ": "n",
        ]
        let groups: [(String, String)] = [
            ("a", "àáâãäåāăą"), ("c", "çćĉċč"), ("d", "ď"), ("e", "èéêëēĕėęě"), ("g", "ĝğġģ"),
            ("h", "ĥ"), ("i", "ìíîïĩīĭį"), ("j", "ĵ"), ("k", "ķ"), ("l", "ĺļľŀ"), ("n", "ñńņň"),
            ("o", "òóôõöōŏő"), ("r", "ŕŗř"), ("s", "śŝşšș"), ("t", "ţťŧț"), ("u", "ùúûüũūŭůűų"),
            ("w", "ŵ"), ("y", "ýÿŷ"), ("z", "źżž"),
        ]
        for (ascii, variants) in groups {
            for scalar in variants.unicodeScalars { letters[scalar] = ascii }
        }
        return letters
    }()
}

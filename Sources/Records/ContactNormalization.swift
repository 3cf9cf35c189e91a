/// Brings e-mail addresses and phone numbers into the one form in which they are matched.
public enum ContactNormalization {
    /// An e-mail address in lower case without surrounding space; nil if it is none.
    ///
    /// The check is the loose one of the requirements, `something@domain.tld` without spaces. The part
    /// before the @ is lowered too: providers that tell `Ana` from `ana` exist on paper only.
    public static func email(_ text: String) -> String? {
        let address = text.trimmed().lowercased()
        let parts = address.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, let name = parts.first, let domain = parts.last,
            !name.isEmpty, !address.contains(where: \.isWhitespace)
        else { return nil }
        let labels = domain.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count >= 2, labels.allSatisfy({ !$0.isEmpty }) else { return nil }
        return address
    }

    /// A phone number as `+` and digits (ITU-T E.164), or as digits alone where the country is not
    /// known; nil if it is none.
    ///
    /// Spaces, brackets, dots, dashes and slashes go; `00` at the start becomes `+`; `(0)` after a
    /// country code goes; an extension after `x`, `ext` or `#` goes.
    ///
    /// - Parameters:
    ///   - text: the number as somebody wrote it.
    ///   - countryCode: digits that replace the leading zero of a national number, such as `386`.
    public static func phone(_ text: String, countryCode: String? = nil) -> String? {
        var body = text.trimmed().lowercased()
        if body.hasPrefix("tel:") { body.removeFirst(4) }
        body = String(body.prefix { $0 != "x" && $0 != "e" && $0 != "#" && $0 != ";" })
        var digits = ""
        var isInternational = false
        var rest = Substring(body)
        while let character = rest.first {
            if rest.hasPrefix("(0)"), isInternational || digits.hasPrefix("00") {
                rest = rest.dropFirst(3)
                continue
            }
            rest = rest.dropFirst()
            if let digit = character.wholeNumberValue, character.isASCII, (0...9).contains(digit) {
                digits.append(character)
            } else if character == "+", digits.isEmpty, !isInternational {
                isInternational = true
            } else if !separators.contains(character) {
                return nil
            }
        }
        if !isInternational, digits.hasPrefix("00") {
            digits.removeFirst(2)
            isInternational = true
        } else if !isInternational, digits.hasPrefix("0"), let countryCode {
            digits = countryCode + digits.dropFirst()
            isInternational = true
        }
        // E.164 allows 15 digits; below 5 there is no subscriber.
        guard (5...15).contains(digits.count) else { return nil }
        return isInternational ? "+" + digits : digits
    }

    private static let separators: Set<Character> = [
        " ", "\u{A0}", "\u{202F}", "\t", "(", ")", ".", "-", "\u{2010}", "\u{2011}", "\u{2013}",
        "/",
    ]
}

extension String {
    fileprivate func trimmed() -> String {
        var text = self[...]
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}

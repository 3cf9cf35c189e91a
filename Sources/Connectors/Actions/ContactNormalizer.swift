import EventModel

/// Brings e-mail addresses and telephone numbers into one form, so that one person is found however
/// the address was typed.
public struct ContactNormalizer: Sendable, Hashable {
    /// The country code, digits only, that a number with a single leading zero belongs to; nil
    /// leaves such numbers as they are, and they then equal only each other.
    public var countryCode: String?

    public init(countryCode: String? = nil) { self.countryCode = countryCode }

    /// Lower case, no spaces around it, no `mailto:`; nil for a text that is no address.
    func email(_ text: String) -> String? {
        var address = Substring(text.lowercased())
        if address.hasPrefix("mailto:") { address = address.dropFirst(7) }
        while let first = address.first, first.isWhitespace { address.removeFirst() }
        while let last = address.last, last.isWhitespace { address.removeLast() }
        let parts = address.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        return String(address)
    }

    /// `+` and digits, or digits alone if the country is not known; nil for a text that is no
    /// number.
    func phone(_ text: String) -> String? {
        // In "+386 (0)40 111 222" the zero is for callers at home only.
        var digits = ""
        var isInternational = false
        for character in removing("(0)", from: text) {
            if character == "+", digits.isEmpty {
                isInternational = true
            } else if let digit = character.wholeNumberValue {
                digits += String(digit)
            }
        }
        if !isInternational, digits.hasPrefix("00") {
            isInternational = true
            digits.removeFirst(2)
        }
        guard (5...20).contains(digits.count) else { return nil }
        if isInternational { return "+" + digits }
        if let countryCode, digits.hasPrefix("0") { return "+" + countryCode + digits.dropFirst() }
        return digits
    }

    /// The normal form of a value of a field type; other types stay as they are.
    func normal(_ value: Value, type: String) -> Value {
        guard let text = value.stringValue else { return value }
        switch type {
        case "email": return email(text).map { .string($0) } ?? .string(text)
        case "phone_number": return phone(text).map { .string($0) } ?? .string(text)
        default: return value
        }
    }

    /// Conditions that every row with this value meets, and few others; the rows must be compared
    /// in normal form afterwards, since Notion compares texts as they were typed.
    func candidates(_ value: Value, property: NotionProperty) -> [Value] {
        guard let given = value.stringValue else { return [] }
        var conditions: [Value] = [["equals": .string(given)]]
        switch property.type {
        case "email":
            guard let address = email(given) else { break }
            conditions.append(["equals": .string(address)])
            conditions.append(["equals": .string(address.uppercased())])
            // Without its first letter, which telephones like to capitalise.
            conditions.append(["contains": .string(String(address.dropFirst()))])
        case "phone_number":
            guard let number = phone(given) else { break }
            conditions.append(["equals": .string(number)])
            conditions.append(["contains": .string(String(number.suffix(3)))])
            // Numbers are also written in pairs: 40 11 12 22.
            for separator in [" ", "-", ".", "/"] {
                conditions.append(["contains": .string(separator + number.suffix(2))])
            }
        default: break
        }
        return conditions.map { NotionFilter.condition(property, $0) }
    }

    private func removing(_ part: String, from text: String) -> String {
        guard let range = text.firstRange(of: part) else { return text }
        return String(text[..<range.lowerBound]) + String(text[range.upperBound...])
    }
}

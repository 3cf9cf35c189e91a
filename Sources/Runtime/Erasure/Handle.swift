import EventModel

/// What tells that two subjects are about the same person: an e-mail address, a telephone number, or
/// the id of a person's record, in one spelling.
///
/// The key store keeps only keyed hashes of them.
enum Handle {
    private static let phoneDigits = 7...15
    /// Numbers with and without their country's prefix agree in these last digits.
    private static let phoneDigitsCompared = 9
    private static let mailBytesMax = 254

    /// All handles in values, each once.
    static func all(in values: [Value], people: [String]) -> Set<String> {
        var found = Set(people.map(record))
        for value in values { collect(value, &found) }
        return found
    }

    /// The handle of a person's record.
    static func record(_ sourceID: String) -> String {
        "id:" + sourceID.lowercased().filter { $0 != "-" }
    }

    private static func collect(_ value: Value, _ found: inout Set<String>) {
        switch value {
        case .string(let text): collect(text, &found)
        case .int, .uint:
            if let number = value.intValue, let phone = phone(String(number)) {
                found.insert(phone)
            }
        case .list(let elements):
            for element in elements { collect(element, &found) }
        case .map(let map):
            for entry in map.entries { collect(entry.value, &found) }
        case .null, .bool, .double, .bytes, .timestamp, .duration: break
        }
    }

    private static func collect(_ text: String, _ found: inout Set<String>) {
        if let identifier = Identifier(text) {
            // Daybook's own ids are of version 7 and name no person; the source's are others.
            if !identifier.isVersion7 { found.insert(record(text)) }
            return
        }
        if let phone = phone(text) { found.insert(phone) }
        guard text.utf8.contains(UInt8(ascii: "@")) else { return }
        for word in text.split(whereSeparator: { " \n\t<>,;:()[]\"'".contains($0) }) {
            if let mail = mail(word) { found.insert(mail) }
        }
    }

    /// The handles that a text can be meant as by somebody who looks for a person.
    static func meant(by text: String) -> Set<String> {
        var found: Set<String> = []
        collect(text, &found)
        return found
    }

    private static func mail(_ word: Substring) -> String? {
        let parts = word.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, parts[1].contains("."),
            word.utf8.count <= mailBytesMax
        else { return nil }
        return "mail:" + word.lowercased()
    }

    private static func phone(_ text: String) -> String? {
        guard text.utf8.count <= 32 else { return nil }
        var digits: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digits.append(byte)
            case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: " "), UInt8(ascii: "/"),
                UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "."):
                break
            default: return nil
            }
        }
        guard phoneDigits.contains(digits.count) else { return nil }
        return "phone:" + String(decoding: digits.suffix(phoneDigitsCompared), as: UTF8.self)
    }
}

import EventModel

/// A format whose texts can be checked.
///
/// The others of the specification (`iri`, `idn-email`, `idn-hostname`, `uri-template`,
/// `relative-json-pointer`) are annotations always.
enum SchemaFormat: String, Sendable, CaseIterable {
    case dateTime = "date-time"
    case date
    case time
    case duration
    case email
    case hostname
    case ipv4
    case ipv6
    case uri
    case uriReference = "uri-reference"
    case uuid
    case jsonPointer = "json-pointer"
    case regex

    /// How such a text looks, for messages.
    var example: String {
        switch self {
        case .dateTime: "an instant such as 2026-11-24T09:30:00Z"
        case .date: "a date such as 2026-11-24"
        case .time: "a time with its offset such as 09:30:00Z"
        case .duration: "an ISO 8601 duration such as PT1H30M"
        case .email: "an e-mail address such as ana@example.org"
        case .hostname: "a host name such as mail.example.org"
        case .ipv4: "an IPv4 address such as 192.0.2.1"
        case .ipv6: "an IPv6 address such as 2001:db8::1"
        case .uri: "a URI such as https://example.org/x"
        case .uriReference: "a URI or a path such as /x?y=1"
        case .uuid: "a UUID such as 0195f3a4-7c1e-7b2a-9d7e-3f5a6b7c8d9e"
        case .jsonPointer: "a JSON pointer such as /a/0"
        case .regex: "a regular expression of ECMA-262"
        }
    }

    func accepts(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        switch self {
        case .dateTime:
            return (try? Timestamp(rfc3339: text)) != nil
        case .date:
            return Self.isDate(bytes)
        case .time:
            return (try? Timestamp(rfc3339: "2016-12-31T" + text)) != nil
        case .duration:
            let isISO = bytes.first == UInt8(ascii: "P")
            return isISO
                && (Self.isCalendarDuration(bytes) || (try? DurationText.parse(text)) != nil)
        case .email:
            return Self.isEmail(text)
        case .hostname:
            return Self.isHostname(bytes)
        case .ipv4:
            return Self.isIPv4(text[...])
        case .ipv6:
            return Self.isIPv6(text)
        case .uri:
            return Self.isURIReference(text) && URIReference(text).scheme != nil
        case .uriReference:
            return Self.isURIReference(text)
        case .uuid:
            return Self.isUUID(bytes)
        case .jsonPointer:
            return Self.isPointer(text)
        case .regex:
            return (try? ECMAPattern.translate(text)) != nil
        }
    }

    private static func isDate(_ bytes: [UInt8]) -> Bool {
        guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            let year = number(bytes[0..<4]), let month = number(bytes[5..<7]),
            let day = number(bytes[8..<10])
        else { return false }
        return CivilDate(year: year, month: month, day: day) != nil
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int? {
        var value = 0
        for byte in bytes {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return value
    }

    /// `P1Y2M3DT4H5M6S` or `P4W` (RFC 3339 appendix A): units in their order, none twice.
    private static func isCalendarDuration(_ bytes: [UInt8]) -> Bool {
        var units = Array("YMD".utf8)[...]
        var hasDigits = false
        var partCount = 0
        for (index, byte) in bytes.enumerated().dropFirst() {
            if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
                hasDigits = true
            } else if byte == UInt8(ascii: "T"), !hasDigits, index + 1 < bytes.count {
                units = Array("HMS".utf8)[...]
            } else if byte == UInt8(ascii: "W"), hasDigits, partCount == 0 {
                return index + 1 == bytes.count
            } else {
                guard hasDigits, let place = units.firstIndex(of: byte) else { return false }
                units = units[(place + 1)...]
                hasDigits = false
                partCount += 1
            }
        }
        return partCount > 0 && !hasDigits
    }

    private static func isEmail(_ text: String) -> Bool {
        guard let at = text.lastIndex(of: "@") else { return false }
        let local = text[..<at].utf8
        guard !local.isEmpty, local.count <= 64,
            isHostname(Array(text[text.index(after: at)...].utf8))
        else { return false }
        let allowed = Array("!#$%&'*+-/=?^_`{|}~.".utf8)
        return local.allSatisfy { isLetterOrDigit($0) || allowed.contains($0) }
            && local.first != UInt8(ascii: ".") && local.last != UInt8(ascii: ".")
            && !text[..<at].contains("..")
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        let scalar = Unicode.Scalar(byte)
        return ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
            || ("0"..."9").contains(scalar)
    }

    private static func isHostname(_ bytes: [UInt8]) -> Bool {
        guard !bytes.isEmpty, bytes.count <= 253 else { return false }
        return bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            .allSatisfy {
                label in
                (1...63).contains(label.count) && label.first != UInt8(ascii: "-")
                    && label.last != UInt8(ascii: "-")
                    && label.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
            }
    }

    private static func isIPv4(_ text: Substring) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                (1...3).contains(part.utf8.count) && (part == "0" || !part.hasPrefix("0"))
                    && number(Array(part.utf8)[...]).map { $0 <= 255 } ?? false
            }
    }

    private static func isIPv6(_ text: String) -> Bool {
        var groups = text.split(separator: ":", omittingEmptySubsequences: false)
        guard groups.count >= 3 else { return false }
        if groups[0].isEmpty, groups[1].isEmpty { groups.removeFirst() }
        if groups.count > 1, groups[groups.count - 1].isEmpty, groups[groups.count - 2].isEmpty {
            groups.removeLast()
        }
        var count = 0
        var gapCount = 0
        for (index, group) in groups.enumerated() {
            if group.isEmpty {
                gapCount += 1
            } else if index == groups.count - 1, group.contains(".") {
                guard isIPv4(group) else { return false }
                count += 2
            } else {
                guard group.utf8.count <= 4, group.allSatisfy({ $0.isASCII && $0.isHexDigit })
                else { return false }
                count += 1
            }
        }
        return gapCount == 0 ? count == 8 : gapCount == 1 && count < 8
    }

    private static func isURIReference(_ text: String) -> Bool {
        let marks = Array("-._~:/?#[]@!$&'()*+,;=%".utf8)
        let bytes = Array(text.utf8)
        for (index, byte) in bytes.enumerated() {
            guard isLetterOrDigit(byte) || marks.contains(byte) else { return false }
            guard byte == UInt8(ascii: "%") else { continue }
            let digits = bytes[(index + 1)...].prefix(2)
            let isEscape = digits.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
            guard digits.count == 2, isEscape else { return false }
        }
        return true
    }

    private static func isUUID(_ bytes: [UInt8]) -> Bool {
        guard bytes.count == 36 else { return false }
        return bytes.enumerated().allSatisfy { index, byte in
            [8, 13, 18, 23].contains(index)
                ? byte == UInt8(ascii: "-") : Character(Unicode.Scalar(byte)).isHexDigit
        }
    }

    private static func isPointer(_ text: String) -> Bool {
        guard text.isEmpty || text.hasPrefix("/") else { return false }
        var isEscape = false
        for byte in text.utf8 {
            if isEscape, byte != UInt8(ascii: "0"), byte != UInt8(ascii: "1") { return false }
            isEscape = !isEscape && byte == UInt8(ascii: "~")
        }
        return !isEscape
    }
}

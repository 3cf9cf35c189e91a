/// Header lines, folded and, where they are not plain ASCII, in encoded words (RFC 2047).
enum MailHeader {
    private static let lineBytesMax = 76

    /// A line of free text, such as the subject.
    static func text(_ name: String, _ text: String) -> String {
        fold(name, words(text))
    }

    /// A line of mailboxes.
    static func addresses(_ name: String, _ addresses: [MailAddress]) -> String {
        var parts: [String] = []
        for (number, address) in addresses.enumerated() {
            let comma = number + 1 < addresses.count ? "," : ""
            if let name = address.name {
                parts += phrase(name) + ["<\(address.address)>\(comma)"]
            } else {
                parts.append(address.address + comma)
            }
        }
        return fold(name, parts)
    }

    /// A display name: quoted if it holds more than letters, digits and spaces.
    private static func phrase(_ name: String) -> [String] {
        guard isPlain(name), !name.contains("=?") else { return encodedWords(name) }
        let isAtoms = name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte) || byte == 0x20 || byte == 0x2D
        }
        if isAtoms { return name.split(separator: " ").map(String.init) }
        let escaped = name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return ["\"\(escaped)\""]
    }

    private static func words(_ text: String) -> [String] {
        let words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        let isShort = words.allSatisfy { $0.utf8.count < lineBytesMax }
        guard isPlain(text), !text.contains("=?"), isShort else { return encodedWords(text) }
        return words
    }

    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
    }

    /// Words of at most 75 bytes each, none of which cuts a character.
    private static func encodedWords(_ text: String) -> [String] {
        let bytesMax = 45  // 60 digits of Base64, 12 for "=?utf-8?B?" and "?="
        var words: [String] = []
        var bytes: [UInt8] = []
        for scalar in text.unicodeScalars {
            let next = Array(String(scalar).utf8)
            if bytes.count + next.count > bytesMax {
                words.append("=?utf-8?B?\(Base64.encode(bytes))?=")
                bytes = []
            }
            bytes += next
        }
        words.append("=?utf-8?B?\(Base64.encode(bytes))?=")
        return words
    }

    private static func fold(_ name: String, _ words: [String]) -> String {
        var result = "\(name):"
        var lineBytes = result.utf8.count
        for word in words {
            if lineBytes + 1 + word.utf8.count > lineBytesMax, lineBytes > name.utf8.count + 1,
                !word.isEmpty
            {
                result += "\r\n"
                lineBytes = 0
            }
            result += " " + word
            lineBytes += 1 + word.utf8.count
        }
        return result
    }
}

/// RFC 4648 section 4.
enum Base64 {
    private static let digits = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
    )

    static func encode(_ bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start...].prefix(3)
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0..<4 {
                let digit = digits[bits >> (6 * (3 - place)) & 0x3F]
                result.append(place <= group.count ? digit : UInt8(ascii: "="))
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

/// RFC 2045 section 6.7.
enum QuotedPrintable {
    private static let lineBytesMax = 76

    /// The text in lines of at most 76 bytes, each line end as CR LF.
    static func encode(_ text: String) -> String {
        let lines = text.split(omittingEmptySubsequences: false) { character in
            character == "\n" || character == "\r\n" || character == "\r"
        }
        return lines.map { encode(line: $0) }.joined(separator: "\r\n")
    }

    private static func encode(line: Substring) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        var lineBytes = 0
        let bytes = Array(line.utf8)
        let isFrom = line.hasPrefix("From ")
        for (index, byte) in bytes.enumerated() {
            let isLast = index + 1 == bytes.count
            let isSpace = byte == 0x20 || byte == 0x09
            // Some servers drop spaces at line ends, and some change a lone dot or "From " at a
            // start.
            let isStart = lineBytes == 0 && byte == UInt8(ascii: ".") || index == 0 && isFrom
            let isPlain =
                (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "=") && !isStart
                || isSpace && !isLast
            let unit = isPlain ? [byte] : [0x3D, digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
            let room = isLast ? lineBytesMax : lineBytesMax - 1
            if lineBytes + unit.count > room {
                result += [0x3D, 0x0D, 0x0A]
                lineBytes = 0
            }
            result += unit
            lineBytes += unit.count
        }
        return String(decoding: result, as: UTF8.self)
    }
}

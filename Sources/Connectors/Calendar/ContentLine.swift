/// One unfolded line of a calendar: `NAME;PARAMETER=value:VALUE` (RFC 5545 section 3.1).
struct ContentLine: Sendable, Hashable {
    /// The first physical line, from 1.
    var number: Int
    /// In capitals.
    var name: String
    /// Names in capitals, quotes taken off.
    var parameters: [String: String]
    var value: String

    /// Reads the lines of a calendar.
    ///
    /// Lines end in CR LF, and in bare LF as many programs write them. A line that begins with a
    /// space or a tab goes on with the line before; folding may fall inside a UTF-8 sequence, so it
    /// is undone on bytes.
    static func lines(_ bytes: [UInt8]) throws(CalendarError) -> [ContentLine] {
        var logical: [(number: Int, bytes: [UInt8])] = []
        var number = 0
        for var physical in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            number += 1
            if physical.last == 0x0D { physical.removeLast() }
            if let first = physical.first, first == 0x20 || first == 0x09, !logical.isEmpty {
                logical[logical.count - 1].bytes += physical.dropFirst()
            } else if !physical.isEmpty {
                logical.append((number, Array(physical)))
            }
        }
        if let first = logical.first, first.bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            logical[0].bytes.removeFirst(3)
        }
        var lines: [ContentLine] = []
        for (number, bytes) in logical {
            lines.append(try line(number, String(decoding: bytes, as: UTF8.self)))
        }
        return lines
    }

    private static func line(_ number: Int, _ text: String) throws(CalendarError) -> ContentLine {
        var parts: [String] = [""]
        var isQuoted = false
        var value: String?
        for index in text.unicodeScalars.indices {
            let scalar = text.unicodeScalars[index]
            if scalar == "\"" {
                isQuoted.toggle()
            } else if scalar == ":", !isQuoted {
                value = String(text.unicodeScalars[text.unicodeScalars.index(after: index)...])
                break
            } else if scalar == ";", !isQuoted {
                parts.append("")
            } else {
                parts[parts.count - 1].unicodeScalars.append(scalar)
            }
        }
        guard let value, let name = parts.first, !name.isEmpty else {
            throw CalendarError(line: number, "'\(text.prefix(40))' is no line of a calendar")
        }
        var parameters: [String: String] = [:]
        for part in parts.dropFirst() {
            guard let equals = part.firstIndex(of: "=") else { continue }
            parameters[part[..<equals].uppercased()] = String(part[part.index(after: equals)...])
        }
        return ContentLine(
            number: number,
            name: name.uppercased(),
            parameters: parameters,
            value: value
        )
    }
}

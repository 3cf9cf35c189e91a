import EventModel
import Foundation

/// A mail that somebody sent, with its envelope.
struct MailMessage {
    /// The envelope's sender and recipients.
    var from: String
    var to: [String]
    var content: MailContent
    var sizeBytes: Int
    var receivedAt: Timestamp

    var rendered: Value {
        [
            "from": .string(from), "to": .list(to.map { .string($0) }),
            "subject": .string(content.header("subject") ?? ""),
            "message_id": .string(content.header("message-id") ?? ""),
            "header_from": .string(content.header("from") ?? ""),
            "header_to": .string(content.header("to") ?? ""),
            "body": .string(content.text("text/plain") ?? ""),
            "html": content.text("text/html").map { .string($0) } ?? .null,
            "headers": .map(
                ValueMap(content.headers.map { ($0.name.lowercased(), .string($0.value)) })
            ),
            "size_bytes": .int(Int64(sizeBytes)),
            "received_at": .string(NotionTime.precise(receivedAt)),
        ]
    }
}

/// The content of a mail or of one of its parts (RFC 5322, RFC 2045 to 2047).
struct MailContent {
    /// Unfolded and decoded, in order.
    private(set) var headers: [(name: String, value: String)] = []
    private var body: ArraySlice<UInt8>
    private var parts: [MailContent] = []

    /// Reads content; parts lie in parts at most eight deep, below that they stay unread.
    init(_ bytes: ArraySlice<UInt8>, depth: Int = 0) {
        var rest = bytes
        var lines: [String] = []
        while !rest.isEmpty {
            let line = MailContent.line(&rest)
            if line.isEmpty { break }
            let text = String(decoding: line, as: UTF8.self)
            if text.first == " " || text.first == "\t", let last = lines.indices.last {
                lines[last] += text
            } else {
                lines.append(text)
            }
        }
        body = rest
        headers = lines.compactMap { line in
            let sides = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2 else { return nil }
            let value = sides[1].trimmingCharacters(in: .whitespaces)
            return (String(sides[0]), EncodedWord.decoded(value))
        }
        guard depth < 8, let boundary = parameter("boundary", of: "content-type") else { return }
        parts = MailContent.split(body, boundary: boundary).map {
            MailContent($0, depth: depth + 1)
        }
    }

    func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name }?.value
    }

    /// The decoded text of the first part of a type; a mail that names no type is plain.
    func text(_ type: String) -> String? {
        if !parts.isEmpty { return parts.lazy.compactMap { $0.text(type) }.first }
        let own = header("content-type").map { $0.prefix { $0 != ";" }.lowercased() }
        guard (own ?? "text/plain").trimmingCharacters(in: .whitespaces) == type else { return nil }
        let bytes: [UInt8]
        switch header("content-transfer-encoding")?.lowercased() {
        case "quoted-printable": bytes = MailContent.quotedPrintable(body)
        case "base64": bytes = EncodedWord.base64(String(decoding: body, as: UTF8.self)) ?? []
        default: bytes = Array(body)
        }
        let text = String(decoding: bytes, as: UTF8.self)
        return text.replacingOccurrences(of: "\r\n", with: "\n")
    }

    private func parameter(_ name: String, of header: String) -> String? {
        for part in (self.header(header) ?? "").split(separator: ";").dropFirst() {
            let sides = part.split(separator: "=", maxSplits: 1)
            guard sides.count == 2,
                sides[0].trimmingCharacters(in: .whitespaces).lowercased() == name
            else { continue }
            return sides[1].trimmingCharacters(in: CharacterSet(charactersIn: " \t\""))
        }
        return nil
    }

    /// What lies between the boundary lines.
    private static func split(_ body: ArraySlice<UInt8>, boundary: String) -> [ArraySlice<UInt8>] {
        let mark = Array("--\(boundary)".utf8)
        var parts: [ArraySlice<UInt8>] = []
        var start: Int?
        var rest = body
        while !rest.isEmpty {
            let lineStart = rest.startIndex
            let line = line(&rest)
            guard line.starts(with: mark) else { continue }
            // The line break before a boundary belongs to the boundary.
            if let start { parts.append(body[start..<max(start, lineStart - 2)]) }
            start = rest.startIndex
            if line.dropFirst(mark.count).starts(with: Array("--".utf8)) { break }
        }
        return parts
    }

    private static func line(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let end = rest.firstIndex(of: 0x0A) ?? rest.endIndex
        var line = rest[rest.startIndex..<end]
        rest = end == rest.endIndex ? rest[end...] : rest[(end + 1)...]
        if line.last == 0x0D { line.removeLast() }
        return line
    }

    private static func quotedPrintable(_ body: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var rest = body
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "=") else {
                result.append(byte)
                continue
            }
            if rest.starts(with: [0x0D, 0x0A]) {
                rest = rest.dropFirst(2)
            } else if rest.first == 0x0A {
                rest = rest.dropFirst()
            } else if let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                result.append(value)
                rest = rest.dropFirst(2)
            } else {
                result.append(byte)
            }
        }
        return result
    }
}

/// Words such as `=?utf-8?B?…?=` in headers (RFC 2047), of UTF-8 and what it contains.
enum EncodedWord {
    static func decoded(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        var endsInWord = false
        while let start = rest.range(of: "=?") {
            let before = rest[..<start.lowerBound]
            guard let (word, end) = word(rest[start.upperBound...]) else {
                result += rest[..<start.upperBound]
                rest = rest[start.upperBound...]
                endsInWord = false
                continue
            }
            // Space between two encoded words is not meant to be seen.
            if !(endsInWord && before.allSatisfy(\.isWhitespace)) { result += before }
            result += word
            rest = rest[end...]
            endsInWord = true
        }
        return result + rest
    }

    private static func word(_ text: Substring) -> (String, String.Index)? {
        let parts = text.split(separator: "?", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, parts[3].first == "=" else { return nil }
        let content = String(parts[2])
        let bytes: [UInt8]?
        switch parts[1].uppercased() {
        case "B": bytes = base64(content)
        case "Q":
            let percent = content.replacingOccurrences(of: "_", with: " ")
                .replacingOccurrences(of: "%", with: "=25")
                .replacingOccurrences(of: "=", with: "%")
            bytes = Array(SandboxRequest.decoded(percent, plus: false).utf8)
        default: bytes = nil
        }
        guard let bytes else { return nil }
        let end = text.index(after: parts[3].startIndex)
        return (String(decoding: bytes, as: UTF8.self), end)
    }

    static func base64(_ text: String) -> [UInt8]? {
        Data(base64Encoded: text, options: .ignoreUnknownCharacters).map(Array.init)
    }
}

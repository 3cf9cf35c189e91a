import EventModel
import HTTPClient

/// One request to the API, before it is paced, signed and sent.
struct NotionCall: Sendable {
    var method: String
    /// From `/v1` on, already percent-encoded.
    var path: String
    var query: [(name: String, value: String)] = []
    var body: Value?
    /// True if repeating it changes nothing: GET, DELETE, queries and searches.
    var isRepeatable: Bool
    /// The page that a write changes: writes to one page leave one after the other.
    var pageID: String?
    var idempotencyKey: String?

    static func read(_ path: String, query: [(name: String, value: String)] = []) -> NotionCall {
        NotionCall(method: "GET", path: path, query: query, isRepeatable: true)
    }

    /// A POST that only asks.
    static func ask(_ path: String, body: Value) -> NotionCall {
        NotionCall(method: "POST", path: path, body: body, isRepeatable: true)
    }

    func request(_ configuration: NotionConfiguration) throws(NotionError) -> HTTPRequest {
        var headers = [
            HTTPHeader("Authorization", "Bearer \(configuration.token)"),
            HTTPHeader("Notion-Version", configuration.version),
            HTTPHeader("Accept", "application/json"),
            HTTPHeader("User-Agent", "daybook"),
        ]
        var bytes: [UInt8] = []
        if let body {
            bytes = try NotionJSON.encode(body)
            headers.append(HTTPHeader("Content-Type", "application/json"))
        }
        if let idempotencyKey {
            headers.append(HTTPHeader("Idempotency-Key", NotionCall.headerSafe(idempotencyKey)))
        }
        return HTTPRequest(
            method: method,
            url: configuration.baseURL + path + queryText,
            headers: headers,
            body: bytes,
            timeout: configuration.requestTimeout
        )
    }

    private var queryText: String {
        guard !query.isEmpty else { return "" }
        let parts = query.map {
            PercentEncoding.encode($0.name) + "=" + PercentEncoding.encode($0.value)
        }
        return "?" + parts.joined(separator: "&")
    }

    /// A header line can hold visible ASCII only; keys may come from people's step names.
    private static func headerSafe(_ key: String) -> String {
        let isSafe = key.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        return isSafe ? key : Digest.sha256(key.utf8).hexadecimal
    }
}

/// Percent-encoding of RFC 3986 section 2.1.
enum PercentEncoding {
    /// Encodes everything but the unreserved characters.
    static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if isUnreserved(byte) {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Makes a property id safe for a path; one that Notion has encoded already stays as it is.
    static func encodeOnce(_ text: String) -> String {
        let isEncoded = text.utf8.allSatisfy { isUnreserved($0) || $0 == UInt8(ascii: "%") }
        return isEncoded ? text : encode(text)
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}

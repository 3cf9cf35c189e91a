import EventModel

/// A request as the sandbox handles it, whatever server took it.
struct SandboxRequest: Sendable {
    var method: String
    /// Without the query, as it came.
    var path: String
    /// Decoded.
    var query: [(name: String, value: String)] = []
    /// Names in lower case.
    var headers: [String: String] = [:]
    var body: [UInt8] = []

    /// Splits a target such as `/v1/pages?x=1` and decodes its query.
    init(method: String, target: String, headers: [String: String] = [:], body: [UInt8] = []) {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        self.method = method
        self.path = String(parts.first ?? "/")
        self.headers = headers
        self.body = body
        guard parts.count == 2 else { return }
        query = parts[1].split(separator: "&").map { pair in
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = sides.count == 2 ? String(sides[1]) : ""
            return (Self.decoded(String(sides[0]), plus: true), Self.decoded(value, plus: true))
        }
    }

    /// The decoded parts of the path.
    var segments: [String] {
        path.split(separator: "/").map { SandboxRequest.decoded(String($0), plus: false) }
    }

    func queryValue(_ name: String) -> String? { query.first { $0.name == name }?.value }

    /// Percent-decodes; what is no valid escape stays as it is.
    static func decoded(_ text: String, plus: Bool) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                rest = rest.dropFirst(2)
                bytes.append(value)
            } else {
                bytes.append(plus && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// An answer.
struct SandboxReply: Sendable {
    var status: Int
    var headers: [(name: String, value: String)]
    var body: [UInt8]

    init(status: Int, headers: [(name: String, value: String)], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    static func json(
        _ status: Int,
        _ value: Value,
        headers: [(String, String)] = []
    ) -> SandboxReply {
        let type = ("Content-Type", "application/json; charset=utf-8")
        return SandboxReply(
            status: status,
            headers: [type] + headers,
            body: SandboxJSON.bytes(value)
        )
    }

    static func text(
        _ status: Int,
        _ text: String,
        type: String = "text/plain; charset=utf-8"
    ) -> SandboxReply {
        SandboxReply(status: status, headers: [("Content-Type", type)], body: Array(text.utf8))
    }

    /// The sandbox's own refusals, outside Notion.
    static func refusal(_ status: Int, _ message: String) -> SandboxReply {
        .json(status, ["error": .string(message)])
    }
}

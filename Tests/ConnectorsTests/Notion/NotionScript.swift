import EventModel
import HTTPClient
import Synchronization

@testable import Connectors

/// A transport whose answers a test writes, and which remembers what was asked and when.
final class NotionScript: HTTPTransport {
    /// A request as it came.
    struct Asked: Sendable {
        var method: String
        /// Without the base URL, with the query.
        var path: String
        var body: Value
        var headers: [String: String]
        var at: Timestamp
        /// How many requests to the same path were under way, this one included.
        var concurrent: Int
    }

    enum Answer: Sendable {
        case reply(Int, Value, [String: String] = [:])
        case text(Int, String, [String: String] = [:])
        case failure(HTTPClientError.Code)
    }

    static let baseURL = "https://notion.example.org"

    private struct State {
        var asked: [Asked] = []
        var underWay: [String: Int] = [:]
    }

    private let state = Mutex(State())
    private let time: SkippingTime
    private let answer: @Sendable (Asked, Int) -> Answer

    /// - Parameter answer: gets the request and its number, from 0.
    init(_ time: SkippingTime, _ answer: @escaping @Sendable (Asked, Int) -> Answer) {
        self.time = time
        self.answer = answer
    }

    /// Answers in order; the last one goes on for ever.
    convenience init(_ time: SkippingTime, _ answers: [Answer]) {
        self.init(time) { _, number in answers[min(number, answers.count - 1)] }
    }

    var asked: [Asked] { state.withLock { $0.asked } }

    func client(_ change: (inout NotionConfiguration) -> Void = { _ in }) -> NotionClient {
        var configuration = NotionConfiguration(
            baseURL: NotionScript.baseURL,
            token: "ntn_test"
        )
        change(&configuration)
        return NotionClient(configuration: configuration, transport: self, time: time)
    }

    func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponse {
        let path = String(request.url.dropFirst(NotionScript.baseURL.count))
        let (asked, number) = state.withLock { state -> (Asked, Int) in
            state.underWay[path, default: 0] += 1
            let asked = Asked(
                method: request.method,
                path: path,
                body: (try? JSON.parse(bytes: request.body)) ?? .null,
                headers: [String: String](
                    request.headers.map { ($0.name, $0.value) },
                    uniquingKeysWith: { first, _ in first }
                ),
                at: time.now,
                concurrent: state.underWay[path] ?? 0
            )
            state.asked.append(asked)
            return (asked, state.asked.count - 1)
        }
        for _ in 0..<3 { await Task.yield() }
        state.withLock { $0.underWay[path, default: 1] -= 1 }
        switch answer(asked, number) {
        case .reply(let status, let body, let headers):
            let bytes = (try? JSON.bytes(body)) ?? []
            return NotionScript.response(status, bytes, headers)
        case .text(let status, let text, let headers):
            return NotionScript.response(status, Array(text.utf8), headers)
        case .failure(let code):
            throw HTTPClientError(code, code.rawValue)
        }
    }

    static func error(
        _ status: Int,
        _ code: String,
        retryAfter: String? = nil,
        additional: ValueMap = [:]
    ) -> Answer {
        .reply(
            status,
            [
                "object": "error", "status": .int(Int64(status)), "code": .string(code),
                "message": "as scripted", "request_id": "req-1",
                "additional_data": .map(additional),
            ],
            retryAfter.map { ["Retry-After": $0] } ?? [:]
        )
    }

    private static func response(
        _ status: Int,
        _ body: [UInt8],
        _ headers: [String: String]
    ) -> HTTPResponse {
        HTTPResponse(
            status: status,
            headers: headers.map { HTTPHeader($0.key, $0.value) },
            body: body
        )
    }
}

/// Random numbers that a seed makes, always the same (SplitMix64, public domain, Sebastiano Vigna).
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

import EventModel
import Testing

@testable import Connectors

@Suite struct NotionRetryTests {
    struct Case: CustomStringConvertible, Sendable {
        var description: String
        var error: NotionError
        var isRepeatable = true
        var tries = 1
        var expected: NotionRetry.Decision
    }

    private static func limited(_ seconds: Int?, _ reason: String? = nil) -> NotionError {
        NotionError(
            .rateLimited,
            "",
            status: 429,
            retryAfter: seconds.map { .seconds($0) },
            reason: reason
        )
    }

    private static func failed(_ status: Int) -> NotionError {
        NotionError(NotionError.Code(rawValue: "scripted"), "", status: status)
    }

    // Fraction 0.5 makes the factor of the backoff 1 and adds half a second to what was asked for.
    static let cases: [Case] = [
        Case(
            description: "429 waits as asked, a write too, and everybody with it",
            error: limited(10),
            isRepeatable: false,
            expected: .again(after: .milliseconds(10_500), blocksAll: true)
        ),
        Case(
            description: "429 of one endpoint holds up only the call",
            error: limited(10, "public_api_endpoint_rate_limit"),
            expected: .again(after: .milliseconds(10_500), blocksAll: false)
        ),
        Case(
            description: "an unknown reason waits",
            error: limited(3, "something_new"),
            expected: .again(after: .milliseconds(3500), blocksAll: true)
        ),
        Case(
            description: "blocked is never repeated",
            error: limited(10, "public_api_request_blocked"),
            expected: .giveUp
        ),
        Case(
            description: "a wait beyond the limit is the caller's affair",
            error: limited(600),
            expected: .giveUp
        ),
        Case(
            description: "429 without Retry-After backs off",
            error: limited(nil),
            tries: 3,
            expected: .again(after: .seconds(4), blocksAll: true)
        ),
        Case(
            description: "529 is like 429",
            error: NotionError(.overloaded, "", status: 529),
            isRepeatable: false,
            expected: .again(after: .seconds(1), blocksAll: true)
        ),
        Case(
            description: "502 of a read",
            error: failed(502),
            tries: 2,
            expected: .again(after: .seconds(2), blocksAll: false)
        ),
        Case(
            description: "502 of a write",
            error: failed(502),
            isRepeatable: false,
            expected: .giveUp
        ),
        Case(
            description: "a lost read",
            error: NotionError(.connectionLost, ""),
            expected: .again(after: .seconds(1), blocksAll: false)
        ),
        Case(
            description: "a lost write",
            error: NotionError(.connectionLost, "", isOutcomeUnknown: true),
            isRepeatable: false,
            expected: .giveUp
        ),
        Case(
            description: "a write that never left",
            error: NotionError(.cannotConnect, ""),
            isRepeatable: false,
            expected: .again(after: .seconds(1), blocksAll: false)
        ),
        Case(
            description: "409 of a read",
            error: NotionError(.conflict, "", status: 409),
            expected: .again(after: .seconds(1), blocksAll: false)
        ),
        Case(
            description: "409 of a write is for whoever can read again",
            error: NotionError(.conflict, "", status: 409),
            isRepeatable: false,
            expected: .giveUp
        ),
        Case(description: "400", error: failed(400), expected: .giveUp),
        Case(description: "404", error: failed(404), expected: .giveUp),
        Case(description: "too many tries", error: failed(502), tries: 4, expected: .giveUp),
    ]

    @Test(arguments: cases) func decides(_ row: Case) {
        let decision = NotionRetry.decide(
            row.error,
            isRepeatable: row.isRepeatable,
            tries: row.tries,
            fraction: 0.5,
            configuration: NotionConfiguration(token: "")
        )
        #expect(decision == row.expected)
    }

    @Test func spreadsByNameAlone() {
        let fractions = (0..<1000).map { NotionRetry.fraction(of: "call \($0)") }
        #expect(fractions.allSatisfy { (0...1).contains($0) })
        #expect(abs(fractions.reduce(0, +) / 1000 - 0.5) < 0.05)
        #expect(NotionRetry.fraction(of: "call 7") == fractions[7])
    }
}

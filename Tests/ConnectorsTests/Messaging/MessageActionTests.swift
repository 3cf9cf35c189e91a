import Connectors
import Documents
import EventModel
import Foundation
import HTTPClient
import Testing
import WorkflowEngine

@Suite struct MessageActionTests {
    private let world = MessagingWorld()

    private let mail: Value = [
        "to": ["ana@example.org", "Jan <jan@example.org>"], "cc": "desk@example.org",
        "subject": "Report", "text": "Hello", "html": "<p>Hello</p>",
        "reply_to": "office@example.org",
    ]

    @Test func emailGoesToAllAndOnce() async throws {
        let action = EmailSend(world.delivery())
        let first = await world.perform(action, mail).success
        let second = await world.perform(action, mail, attempt: 2).success
        #expect(first == second && first != nil)
        let mails = world.with { $0.mails }
        #expect(mails.count == 1)
        #expect(
            mails.first?.recipients == ["ana@example.org", "jan@example.org", "desk@example.org"]
        )
        let text = String(decoding: mails.first?.message ?? [], as: UTF8.self)
        #expect(text.contains("Reply-To: office@example.org\r\n"))
        #expect(text.contains("Cc: desk@example.org\r\n"))
        let id = first?["message_id"]?.stringValue ?? "-"
        #expect(text.contains("Message-ID: \(id)\r\n") && id.hasSuffix("@example.org>"))
    }

    @Test func smsAndSlackGoOnce() async throws {
        let sms = SmsSend(world.delivery())
        let slack = SlackSend(world.delivery())
        for attempt in 1...2 {
            let text: Value = ["to": "+386 40 111 222", "text": "Hi"]
            #expect(await world.perform(sms, text, attempt: attempt).success != nil)
            let post: Value = ["channel": "desk", "text": "Hi"]
            #expect(
                await world.perform(slack, post, attempt: attempt).success == ["channel": "desk"]
            )
        }
        #expect(world.with { $0.requests.count } == 2)
    }

    struct Missing: Sendable, CustomTestStringConvertible {
        var key: String
        var change: @Sendable (inout MessagingSettings) -> Void
        var testDescription: String { key }
    }

    @Test(arguments: [
        Missing(key: "mail.server") { $0.mailServer = nil },
        Missing(key: "mail.sender") { $0.mailSender = nil },
        Missing(key: "sms.url") { $0.smsURL = nil },
        Missing(key: "sms.sender") { $0.smsSender = nil },
        Missing(key: "slack.desk") { $0.slackWebhooks = [:] },
    ])
    func missingSettingsAreNamed(missing: Missing) async {
        let delivery = world.delivery(missing.change)
        var failures: [ActionFailure] = []
        let sms: Value = ["to": "+38640111222", "text": "Hi"]
        let slack: Value = ["channel": "desk", "text": "Hi"]
        if let failure = await world.perform(EmailSend(delivery), mail).failure {
            failures.append(failure)
        }
        if let failure = await world.perform(SmsSend(delivery), sms).failure {
            failures.append(failure)
        }
        if let failure = await world.perform(SlackSend(delivery), slack).failure {
            failures.append(failure)
        }
        #expect(failures.count == 1)
        #expect(failures.first?.code == "invalid_configuration")
        #expect(failures.first?.isRetryable == false)
        #expect(failures.first?.message.contains(missing.key) == true)
    }

    struct Answer: Sendable, CustomTestStringConvertible {
        var outcome: Result<HTTPResponse, HTTPClientError>
        var code: String
        var isRetryable: Bool
        var retryAfter: Duration?
        var testDescription: String { code }

        init(
            _ status: Int,
            _ code: String,
            _ isRetryable: Bool,
            retryAfter seconds: String? = nil
        ) {
            let headers = seconds.map { [HTTPHeader("Retry-After", $0)] } ?? []
            outcome = .success(HTTPResponse(status: status, headers: headers, body: []))
            self.code = code
            self.isRetryable = isRetryable
            retryAfter = seconds.flatMap { Int($0) }.map { .seconds($0) }
        }

        init(_ failure: HTTPClientError.Code, _ code: String, _ isRetryable: Bool) {
            outcome = .failure(HTTPClientError(failure, "GET http://x/secret"))
            self.code = code
            self.isRetryable = isRetryable
        }
    }

    @Test(arguments: [
        Answer(400, "rejected", false), Answer(401, "unauthorized", false),
        Answer(404, "not_found", false), Answer(429, "rate_limited", true, retryAfter: "7"),
        Answer(500, "unavailable", true), Answer(503, "unavailable", true, retryAfter: "120"),
        Answer(302, "rejected", false), Answer(.cannotConnect, "unavailable", true),
        Answer(.timeout, "timeout", true), Answer(.invalidRequest, "invalid_configuration", false),
        Answer(.cancelled, "cancelled", true),
    ])
    func answersDecideWhetherToTryAgain(answer: Answer) async {
        world.with { $0.httpFailures = [answer.outcome] }
        let input: Value = ["channel": "desk", "text": "Hi"]
        let failure = await world.perform(SlackSend(world.delivery()), input).failure
        #expect(failure?.code == answer.code)
        #expect(failure?.isRetryable == answer.isRetryable)
        #expect(failure?.retryAfter == answer.retryAfter)
        // A webhook's URL is a secret.
        #expect(failure?.message.contains("secret") == false)
        #expect(failure?.message.contains("'desk'") == true)
    }

    @Test(arguments: [
        (421, "unavailable", true), (450, "unavailable", true), (550, "rejected", false),
        (535, "unauthorized", false),
    ])
    func mailRefusalsDecideWhetherToTryAgain(reply: Int, code: String, isRetryable: Bool) async {
        world.with { $0.mailFailures = [HTTPClientError(.refused, "no", replyCode: reply)] }
        let failure = await world.perform(EmailSend(world.delivery()), mail).failure
        #expect(failure?.code == code && failure?.isRetryable == isRetryable)
    }

    private static let brokenInputs: [(String, Value)] = [
        ("to", "nobody"), ("to", []), ("to", [1]), ("subject", "a\r\nBcc: x@example.org"),
        ("subject", nil), ("reply_to", "a b"), ("cc", ["x"]),
    ]

    @Test(arguments: brokenInputs)
    func emailRefusesBrokenInput(key: String, value: Value) async {
        var input = mail.mapValue ?? ValueMap()
        input[key] = value
        let failure = await world.perform(EmailSend(world.delivery()), .map(input)).failure
        #expect(failure?.code == "invalid_input" && failure?.isRetryable == false)
        #expect(world.with { $0.mails.isEmpty })
    }

    @Test func theEventIsAsTheCatalogueSays() async throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let file = root.appendingPathComponent("Schemas/events/NotificationSent.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        let schema = try YAML.parse(text, file: "NotificationSent.yaml").value
        _ = await world.perform(EmailSend(world.delivery()), mail)
        let event = try #require(world.with { $0.events.first })
        let declaration = NotificationSent.declaration
        #expect(schema["type"]?.stringValue == event.type && event.type == declaration.type)
        #expect(schema["version"]?.intValue == Int64(event.schema))
        #expect(schema["category"]?.stringValue == declaration.category)
        let keys = Set(event.data.mapValue?.stringKeys ?? [])
        let known = Set(schema[path: "data", "properties"]?.mapValue?.stringKeys ?? [])
        let required = Set(
            (schema[path: "data", "required"]?.listValue ?? []).compactMap(\.stringValue)
        )
        #expect(keys.isSubset(of: known) && required.isSubset(of: keys))
    }
}

import Connectors
import EventModel
import HTTPClient
import Testing
import WorkflowEngine

@Suite struct NotifySendTests {
    private let world = MessagingWorld()

    private func action(
        _ change: (inout MessagingSettings) -> Void = { _ in }
    ) throws -> NotifySend {
        let text = """
            template: hello
            description: Says hello.
            subject: Hello {{ name }}
            text: Dear {{ to.name }}
            sms: Hi {{ name }}
            slack: "*{{ name }}*"
            """
        let mailOnly =
            "template: mail_only\ndescription: d\nsubject: s\ntext: '{{ when|date }}'\n"
        let templates = try TemplateLibrary.load(
            texts: [("hello.yaml", text), ("mail_only.yaml", mailOnly)]
        )
        return NotifySend(world.delivery(change), templates: templates)
    }

    private let input: Value = [
        "template": "hello", "channels": ["email", "sms", "slack"],
        "to": [
            "name": "Ana Novak", "email": "ana@example.org", "phone": "+386 40 111-222",
            "slack_channel": "desk",
        ],
        "data": ["name": "Ana"],
    ]

    private func changed(_ key: String, _ value: Value) -> Value {
        var map = input.mapValue ?? ValueMap()
        map[key] = value
        return .map(map)
    }

    @Test func sendsByEachChannel() async throws {
        let output = await world.perform(try action(), input).success
        let (mails, requests) = (world.with { $0.mails }, world.with { $0.requests })
        #expect(mails.map(\.recipients) == [["ana@example.org"]])
        #expect(mails.first?.sender == "desk@example.org")
        let mail = String(decoding: mails.first?.message ?? [], as: UTF8.self)
        #expect(mail.contains("To: Ana Novak <ana@example.org>"))
        #expect(mail.contains("Subject: Hello Ana") && mail.hasSuffix("Dear Ana Novak\r\n"))
        #expect(requests.map(\.method) == ["POST", "POST"])
        let sms = try JSON.parse(bytes: requests.first?.body ?? [])
        #expect(sms == ["to": "+38640111222", "from": "The7Space", "text": "Hi Ana"])
        let headers = requests.first?.headers ?? []
        #expect(headers.contains(HTTPHeader("Idempotency-Key", "key-1/sms/+38640111222")))
        #expect(headers.contains(HTTPHeader("Authorization", "Bearer token")))
        #expect(try JSON.parse(bytes: requests.last?.body ?? []) == ["text": "*Ana*"])
        let sent = output?["sent"]?.listValue ?? []
        #expect(sent.compactMap { $0["channel"]?.stringValue } == ["email", "sms", "slack"])
        #expect(sent.dropFirst().first?["message_id"] == "sms-1")
        #expect(
            world.with { $0.events.map(\.type) } == Array(repeating: "NotificationSent", count: 3)
        )
    }

    @Test func aRetrySendsOnlyWhatIsMissing() async throws {
        world.with {
            $0.httpFailures = [.success(HTTPResponse(status: 503, headers: [], body: []))]
        }
        let first = await world.perform(try action(), input).failure
        #expect(first?.code == "unavailable" && first?.isRetryable == true)
        #expect(first?.details["failed"]?.listValue?.count == 1)
        #expect(first?.details["sent"]?.listValue?.count == 2)
        let second = await world.perform(try action(), input, attempt: 2).success
        #expect(second?["sent"]?.listValue?.count == 3)
        #expect(world.with { $0.mails.count } == 1)
        let urls = world.with { $0.requests.map(\.url) }
        #expect(urls.filter { $0.hasSuffix("messages") }.count == 2)
        #expect(urls.filter { $0.hasSuffix("secret") }.count == 1)
        let keys = world.with { $0.requests.compactMap { $0.headers.last?.value } }
        #expect(Set(keys) == ["key-1/sms/+38640111222", "key-1/slack/desk"])
        #expect(Set(world.with { $0.events.map(\.id) }).count == 3)
    }

    @Test func whatWasSentButNotRecordedIsSentAgainWithTheSameMessageID() async throws {
        let conflict = ActionFailure(code: "unavailable", message: "full", isRetryable: true)
        world.with { $0.appendFailures = [conflict] }
        let onlyMail = changed("channels", ["email"])
        #expect(await world.perform(try action(), onlyMail).failure?.code == "unavailable")
        #expect(await world.perform(try action(), onlyMail, attempt: 2).success != nil)
        let mails = world.with { $0.mails.map(\.message) }
        #expect(mails.count == 2 && mails.first == mails.last)
    }

    @Test func leavesOutChannelsWithoutAnAddress() async throws {
        let to: Value = ["name": "Ana", "email": "ana@example.org", "phone": nil]
        let output = await world.perform(try action(), changed("to", to)).success
        #expect(output?["sent"]?.listValue?.count == 1)
        let skipped = output?["skipped"]?.listValue ?? []
        #expect(
            skipped.compactMap { $0["reason"]?.stringValue }
                == ["to.phone is not given", "to.slack_channel is not given"]
        )
        let nobody = await world.perform(try action(), changed("to", ["name": "Ana"])).failure
        #expect(nobody?.code == "invalid_input")
        #expect(nobody?.message.contains("to.email or to.phone") == true)
    }

    @Test func aWrongNumberHoldsUpNoOtherChannel() async throws {
        let to: Value = ["email": "ana@example.org", "phone": "ask her"]
        let failure = await world.perform(try action(), changed("to", to)).failure
        #expect(failure?.code == "invalid_input" && failure?.isRetryable == false)
        #expect(failure?.message.contains("'ask her' is no phone number") == true)
        #expect(world.with { $0.mails.count } == 1)
    }

    private static let unusable: [(String, Value, String, String)] = [
        ("template", "helo", "not_found", "did you mean 'hello'?"),
        ("template", "mail_only", "invalid_template", "'mail_only' has no sms"),
        ("channels", ["pigeon"], "invalid_input", "no channel 'pigeon'"),
        ("channels", [], "invalid_input", "name channels"),
    ]

    @Test(arguments: unusable)
    func sendsNothingIfAnyTextCannotBeMade(
        key: String,
        value: Value,
        code: String,
        words: String
    ) async throws {
        var wrong = changed(key, value)
        if value == "mail_only", var map = wrong.mapValue {
            map["data"] = ["zero": 1]
            wrong = .map(map)
        }
        let failure = await world.perform(try action(), wrong).failure
        #expect(failure?.code == code && failure?.isRetryable == false)
        #expect(failure?.message.contains(words) == true)
        #expect(world.with { $0.mails.count + $0.requests.count } == 0)
    }

    @Test func templateMistakesNameTheirPlace() async throws {
        let broken: Value = [
            "template": "mail_only", "channels": ["email"], "to": ["email": "ana@example.org"],
            "data": ["when": "noon"],
        ]
        let failure = await world.perform(try action(), broken).failure
        #expect(failure?.code == "invalid_template")
        #expect(failure?.message.contains("mail_only.text:1:1: 'date' wants an instant") == true)
    }
}

import Documents
import EventModel
public import HTTPClient
import WorkflowEngine

/// Hands messages to the outside world: what the sending actions share.
///
/// Every call takes a key. The same key gives the same `Message-ID` or `Idempotency-Key`, so that a
/// repeated call can be recognised by whoever looks at it.
public struct MessageDelivery: Sendable {
    private let settings: MessagingSettings
    private let http: any HTTPTransport
    private let mail: any MailTransport

    /// Takes the settings and the transports, usually one ``HTTPClient/HTTPClient`` for both.
    public init(
        settings: MessagingSettings,
        http: any HTTPTransport,
        mail: any MailTransport
    ) {
        self.settings = settings
        self.http = http
        self.mail = mail
    }

    /// What a mail says and to whom.
    struct Letter {
        var to: [String]
        var toName: String?
        var copiesTo: [String] = []
        var replyTo: String?
        var subject: String
        var text: String
        var html: String?
        var attachments: [MailMessage.Attachment] = []
    }

    /// Hands a mail over; gives its Message-ID.
    func send(
        _ letter: Letter,
        key: String,
        now: Timestamp
    ) async throws(ActionFailure) -> String {
        guard let server = settings.mailServer else { throw Self.missing("mail.server") }
        guard let sender = settings.mailSender else { throw Self.missing("mail.sender") }
        let message: MailMessage
        let bytes: [UInt8]
        do throws(MailMessageError) {
            let from = try Self.configured(sender)
            message = try Self.message(
                letter,
                from: from,
                replyTo: letter.replyTo ?? settings.mailReplyTo,
                key: key,
                now: now
            )
            bytes = try message.encoded()
        } catch {
            throw ActionFailure(
                code: "invalid_input",
                message: "the mail cannot be made: \(error)",
                isRetryable: false
            )
        }
        let envelope = MailEnvelope(
            sender: message.from.address,
            recipients: (message.to + message.copiesTo).map(\.address),
            message: bytes
        )
        do throws(HTTPClientError) {
            try await mail.send(envelope, to: server)
        } catch {
            throw MessageFailure.action(error)
        }
        return message.messageID
    }

    private static func configured(_ sender: String) throws(MailMessageError) -> MailAddress {
        do throws(MailMessageError) {
            return try MailAddress(sender)
        } catch {
            throw MailMessageError("mail.sender in the configuration: \(error)")
        }
    }

    private static func message(
        _ letter: Letter,
        from: MailAddress,
        replyTo: String?,
        key: String,
        now: Timestamp
    ) throws(MailMessageError) -> MailMessage {
        var to: [MailAddress] = []
        for text in letter.to {
            let address = try MailAddress(text)
            let name = address.name ?? (letter.to.count == 1 ? letter.toName : nil)
            to.append(try MailAddress(name: name, address: address.address))
        }
        var copiesTo: [MailAddress] = []
        for text in letter.copiesTo { copiesTo.append(try MailAddress(text)) }
        var message = MailMessage(
            from: from,
            to: to,
            copiesTo: copiesTo,
            replyTo: try replyTo.map { text throws(MailMessageError) in try MailAddress(text) },
            subject: letter.subject,
            text: letter.text,
            html: letter.html,
            key: key,
            date: now
        )
        message.attachments = letter.attachments
        return message
    }

    /// Hands a text message to the gateway; gives the gateway's id of it.
    func sendText(
        _ text: String,
        to number: String,
        key: String
    ) async throws(ActionFailure) -> String {
        guard let url = settings.smsURL else { throw Self.missing("sms.url") }
        guard let sender = settings.smsSender else { throw Self.missing("sms.sender") }
        let number = try Self.phoneNumber(number)
        guard !text.isEmpty, text.unicodeScalars.count <= 1600 else {
            let count = text.unicodeScalars.count
            throw ActionFailure(
                code: "invalid_input",
                message: "a text message has 1 to 1600 characters, this one \(count)",
                isRetryable: false
            )
        }
        var headers: [HTTPHeader] = []
        if let token = settings.smsToken {
            headers.append(HTTPHeader("Authorization", "Bearer \(token)"))
        }
        let body: Value = ["to": .string(number), "from": .string(sender), "text": .string(text)]
        let response = try await post(
            body,
            to: url,
            what: "the SMS gateway",
            headers: headers,
            key: key
        )
        let answer = try? JSON.parse(bytes: response.body)
        return answer?["id"]?.stringValue ?? answer?["id"]?.intValue.map { "\($0)" } ?? ""
    }

    /// Posts to a channel by its incoming webhook, which gives no id.
    func post(
        _ text: String,
        channel: String,
        key: String
    ) async throws(ActionFailure) {
        guard let url = settings.slackWebhooks[channel] else {
            let known = Array(settings.slackWebhooks.keys)
            let remedy =
                known.isEmpty
                ? "set slack.\(channel) in the configuration"
                : Suggestion.remedy(for: channel, among: known)
            throw ActionFailure(
                code: "invalid_configuration",
                message: "there is no Slack webhook for the channel '\(channel)'; \(remedy)",
                isRetryable: false
            )
        }
        let what = "the Slack webhook of '\(channel)'"
        _ = try await post(["text": .string(text)], to: url, what: what, headers: [], key: key)
    }

    private func post(
        _ body: Value,
        to url: String,
        what: String,
        headers: [HTTPHeader],
        key: String
    ) async throws(ActionFailure) -> HTTPResponse {
        let bytes: [UInt8]
        do throws(JSONError) {
            bytes = try JSON.bytes(body)
        } catch {
            throw ActionFailure(
                code: "invalid_input",
                message: "the message cannot be written as JSON: \(error)",
                isRetryable: false
            )
        }
        let request = HTTPRequest(
            method: "POST",
            url: url,
            headers: headers + [
                HTTPHeader("Content-Type", "application/json"),
                HTTPHeader("Idempotency-Key", MessageFailure.headerSafe(key)),
            ],
            body: bytes,
            responseBytesMax: 1 << 20
        )
        let response: HTTPResponse
        do throws(HTTPClientError) {
            response = try await http.send(request)
        } catch {
            throw MessageFailure.action(error, what: what)
        }
        guard (200..<300).contains(response.status) else {
            throw MessageFailure.action(response, what: what)
        }
        return response
    }

    /// The number in the form that gateways take: a plus and digits.
    static func phoneNumber(_ text: String) throws(ActionFailure) -> String {
        let number = text.filter { !" -./()\u{A0}".contains($0) }
        let digits = number.hasPrefix("+") ? number.dropFirst() : number[...]
        let isNumber =
            (6...15).contains(digits.utf8.count)
            && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
        guard isNumber else {
            throw ActionFailure(
                code: "invalid_input",
                message: "'\(text.prefix(40))' is no phone number; write it as +386 40 111 222",
                isRetryable: false
            )
        }
        return number
    }

    private static func missing(_ key: String) -> ActionFailure {
        ActionFailure(
            code: "invalid_configuration",
            message: "\(key) is not set; set it in the configuration and resume the instance",
            isRetryable: false,
            details: ["key": .string(key)]
        )
    }
}

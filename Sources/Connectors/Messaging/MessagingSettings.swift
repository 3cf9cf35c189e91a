public import HTTPClient

/// Where and as whom messages are sent; what is nil cannot be sent.
public struct MessagingSettings: Sendable, Hashable {
    /// Configuration key `mail.server`, with `mail.user`, `mail.password` and `mail.tls`.
    public var mailServer: MailServer?
    /// `mail.sender`: `The 7 Space <desk@example.org>`.
    public var mailSender: String?
    /// `mail.reply_to`: where answers go, or nil for the sender.
    public var mailReplyTo: String?
    /// `sms.url`: takes a POST of JSON `{to, from, text}` with an `Idempotency-Key`.
    public var smsURL: String?
    /// `sms.sender`: the number or name that the receiver sees.
    public var smsSender: String?
    /// `sms.token`: sent as `Authorization: Bearer …`, or nil.
    public var smsToken: String?
    /// `slack`: incoming webhook URLs, which are secrets, by the names that workflows use.
    public var slackWebhooks: [String: String]

    public init(
        mailServer: MailServer? = nil,
        mailSender: String? = nil,
        mailReplyTo: String? = nil,
        smsURL: String? = nil,
        smsSender: String? = nil,
        smsToken: String? = nil,
        slackWebhooks: [String: String] = [:]
    ) {
        self.mailServer = mailServer
        self.mailSender = mailSender
        self.mailReplyTo = mailReplyTo
        self.smsURL = smsURL
        self.smsSender = smsSender
        self.smsToken = smsToken
        self.slackWebhooks = slackWebhooks
    }
}

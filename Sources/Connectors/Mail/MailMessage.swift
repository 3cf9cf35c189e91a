public import EventModel
import Foundation

/// A mail as its author means it; ``encoded()`` is what goes over the wire.
public struct MailMessage: Sendable, Hashable {
    public var from: MailAddress
    public var to: [MailAddress]
    public var copiesTo: [MailAddress]
    public var replyTo: MailAddress?
    /// One line.
    public var subject: String
    public var text: String
    /// The same in HTML, or nil.
    public var html: String?
    /// Files that go with it.
    public var attachments: [Attachment] = []
    /// What tells this mail from all others: the same key gives the same Message-ID.
    public var key: String
    public var date: Timestamp

    /// A file that goes with a mail.
    public struct Attachment: Sendable, Hashable {
        public var name: String
        /// Such as `application/pdf`.
        public var type: String
        public var bytes: [UInt8]

        public init(name: String, type: String, bytes: [UInt8]) {
            self.name = name
            self.type = type
            self.bytes = bytes
        }
    }

    public init(
        from: MailAddress,
        to: [MailAddress],
        copiesTo: [MailAddress] = [],
        replyTo: MailAddress? = nil,
        subject: String,
        text: String,
        html: String? = nil,
        key: String,
        date: Timestamp
    ) {
        self.from = from
        self.to = to
        self.copiesTo = copiesTo
        self.replyTo = replyTo
        self.subject = subject
        self.text = text
        self.html = html
        self.key = key
        self.date = date
    }

    /// The Message-ID, angle brackets included.
    public var messageID: String {
        "<\(Digest.sha256(key.utf8).hexadecimal.prefix(32))@\(from.domain)>"
    }

    /// The message by RFC 5322 and MIME (RFC 2045 to 2047), lines ending in CR LF; the same mail
    /// always gives the same bytes.
    ///
    /// - Throws: ``MailMessageError`` for a subject with line breaks, or a mail to nobody.
    public func encoded() throws(MailMessageError) -> [UInt8] {
        guard !to.isEmpty else {
            throw MailMessageError("the mail has no recipient; give at least one")
        }
        try MailMessageError.refuseControls(subject, in: "the subject")
        var lines = [
            "Date: \(Self.date(date))",
            MailHeader.addresses("From", [from]),
            MailHeader.addresses("To", to),
        ]
        if !copiesTo.isEmpty { lines.append(MailHeader.addresses("Cc", copiesTo)) }
        if let replyTo { lines.append(MailHeader.addresses("Reply-To", [replyTo])) }
        lines.append(MailHeader.text("Subject", subject))
        lines.append("Message-ID: \(messageID)")
        // Keeps out-of-office robots from answering (RFC 3834).
        lines.append("Auto-Submitted: auto-generated")
        lines.append("MIME-Version: 1.0")
        guard !attachments.isEmpty else {
            lines += words
            return Array((lines.joined(separator: "\r\n") + "\r\n").utf8)
        }
        let boundary = "=_daybook_files_\(Digest.sha256(key.utf8).hexadecimal.suffix(24))"
        lines.append("Content-Type: multipart/mixed;\r\n boundary=\"\(boundary)\"")
        lines.append("")
        lines.append("--\(boundary)")
        lines += words
        for attachment in attachments {
            lines.append("--\(boundary)")
            lines += Self.part(attachment)
        }
        lines.append("--\(boundary)--")
        return Array((lines.joined(separator: "\r\n") + "\r\n").utf8)
    }

    /// The text, and the HTML beside it.
    private var words: [String] {
        guard let html else { return Self.part(text, type: "plain") }
        // Quoted-printable never holds "=_", so this line cannot come up in a part.
        let boundary = "=_daybook_\(Digest.sha256(key.utf8).hexadecimal.suffix(24))"
        var lines = ["Content-Type: multipart/alternative;\r\n boundary=\"\(boundary)\"", ""]
        for (part, type) in [(text, "plain"), (html, "html")] {
            lines.append("--\(boundary)")
            lines += Self.part(part, type: type)
        }
        lines.append("--\(boundary)--")
        return lines
    }

    /// A file in base64 (RFC 2045 section 6.8), its name after RFC 2231.
    private static func part(_ attachment: Attachment) -> [String] {
        let digits = Array("0123456789ABCDEF")
        let name = attachment.name.utf8.reduce(into: "") { result, byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F:
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default: result += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
        // A line break would end the header.
        let type = attachment.type.filter { $0.isASCII && !$0.isNewline }
        let text = Data(attachment.bytes).base64EncodedString(
            options: [.lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed]
        )
        return [
            "Content-Type: \(type)", "Content-Transfer-Encoding: base64",
            "Content-Disposition: attachment;\r\n filename*=UTF-8''\(name)", "", text,
        ]
    }

    private static func part(_ text: String, type: String) -> [String] {
        [
            "Content-Type: text/\(type); charset=utf-8",
            "Content-Transfer-Encoding: quoted-printable",
            "",
            QuotedPrintable.encode(text),
        ]
    }

    /// `Tue, 01 Dec 2026 10:00:00 +0000` (RFC 5322 section 3.3).
    static func date(_ instant: Timestamp) -> String {
        let time = CivilTime(instant)
        let day = days[time.date.weekday % 7]
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let month = months[(time.date.month + 11) % 12]
        let clock = [time.hour, time.minute, time.second].map(two).joined(separator: ":")
        return "\(day), \(two(time.date.day)) \(month) \(time.date.year) \(clock) +0000"
    }

    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}

import Connectors
import EventModel
import Foundation
import Testing

@Suite struct MailMessageTests {
    static let date = Timestamp(seconds: 1_796_119_200)

    private func message(
        from: String = "The 7 Space <desk@example.org>",
        to: [String] = ["ana@example.org"],
        subject: String = "Hello",
        text: String = "One\nTwo",
        html: String? = nil
    ) throws -> String {
        let mail = MailMessage(
            from: try MailAddress(from),
            to: try to.map { try MailAddress($0) },
            subject: subject,
            text: text,
            html: html,
            key: "k1",
            date: Self.date
        )
        return String(decoding: try mail.encoded(), as: UTF8.self)
    }

    @Test func writesPlainMailLineByLine() throws {
        let wanted = [
            "Date: Tue, 01 Dec 2026 10:00:00 +0000", "From: The 7 Space <desk@example.org>",
            "To: ana@example.org", "Subject: Hello",
            "Message-ID: <fe0fc3921b0a1de9c3d3abc1bad57ca4@example.org>",
            "Auto-Submitted: auto-generated", "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: quoted-printable", "", "One", "Two", "",
        ]
        let lines = try message().split(separator: "\r\n", omittingEmptySubsequences: false)
            .map(String.init)
        let digest = Digest.sha256("k1".utf8).hexadecimal.prefix(32)
        let expected = wanted.map {
            $0.hasPrefix("Message-ID") ? "Message-ID: <\(digest)@example.org>" : $0
        }
        #expect(lines == expected)
    }

    @Test func putsTextBeforeHTML() throws {
        let mail = try message(html: "<p>One</p>")
        let parts = mail.components(separatedBy: "--=_daybook_")
        #expect(mail.contains("multipart/alternative;\r\n boundary=\"=_daybook_"))
        #expect(parts.count == 4)
        #expect(parts[1].contains("text/plain") && parts[2].contains("text/html"))
        #expect(parts[3].hasSuffix("--\r\n"))
    }

    struct Header: Sendable, CustomTestStringConvertible {
        var subject: String
        var wanted: String
        var testDescription: String { wanted }
    }

    @Test(arguments: [
        Header(subject: "a  b", wanted: "Subject: a  b\r\n"),
        Header(subject: "Život", wanted: "Subject: =?utf-8?B?xb1pdm90?=\r\n"),
        Header(subject: "a =?x", wanted: "Subject: =?utf-8?B?YSA9P3g=?=\r\n"),
        Header(
            subject: String(repeating: "word ", count: 20) + "end",
            wanted: "Subject:" + String(repeating: " word", count: 13) + "\r\n"
                + String(repeating: " word", count: 7) + " end\r\n"
        ),
        Header(
            subject: String(repeating: "ž", count: 30),
            wanted: "Subject: =?utf-8?B?\(String(repeating: "xb7FvsW+", count: 7))xb4=?=\r\n"
                + " =?utf-8?B?\(String(repeating: "xb7FvsW+", count: 2))xb7Fvg==?=\r\n"
        ),
    ])
    func encodesAndFoldsHeaders(header: Header) throws {
        #expect(try message(subject: header.subject).contains(header.wanted))
    }

    struct Body: Sendable, CustomTestStringConvertible {
        var text: String
        var wanted: String
        var testDescription: String { wanted }
    }

    @Test(arguments: [
        Body(text: "a=b", wanted: "a=3Db"), Body(text: "é", wanted: "=C3=A9"),
        Body(text: "end \nx\t", wanted: "end=20\r\nx=09"), Body(text: ".", wanted: "=2E"),
        Body(text: "From me\nFine", wanted: "=46rom me\r\nFine"),
        Body(text: "a\r\nb\rc\n", wanted: "a\r\nb\r\nc\r\n"),
        Body(
            text: String(repeating: "x", count: 77),
            wanted: String(repeating: "x", count: 75) + "=\r\nxx"
        ),
        Body(text: String(repeating: "x", count: 76), wanted: String(repeating: "x", count: 76)),
        Body(
            text: String(repeating: "é", count: 13),
            wanted: String(repeating: "=C3=A9", count: 12) + "=C3=\r\n=A9"
        ),
    ])
    func encodesBodies(body: Body) throws {
        let mail = try message(text: body.text)
        #expect(mail.hasSuffix("printable\r\n\r\n\(body.wanted)\r\n"))
    }

    @Test(arguments: [
        ("ana@example.org", "ana@example.org", nil as String?),
        ("Ana Novak <ana@example.org>", "ana@example.org", "Ana Novak"),
        ("\"Novak, Ana\" <ana@example.org>", "ana@example.org", "Novak, Ana"),
        (" <ana@example.org>", "ana@example.org", nil),
        ("a+b.c@sub.example.org", "a+b.c@sub.example.org", nil),
    ])
    func readsAddresses(text: String, address: String, name: String?) throws {
        let read = try MailAddress(text)
        #expect(read.address == address && read.name == name)
    }

    @Test(arguments: [
        "", "ana", "ana@", "@example.org", "a b@example.org", "a@b@c", "a@exa mple.org",
        "ana@example.org\r\nBcc: x@example.org", "Ana\r\nBcc: x@example.org <ana@example.org>",
        "a..b@example.org", "ana@example.org>", "<ana@example.org", "žana@example.org",
    ])
    func refusesWhatIsNoAddress(text: String) {
        #expect(throws: MailMessageError.self) { try MailAddress(text) }
    }

    @Test(arguments: ["a\r\nBcc: x@example.org", "a\nb", "a\u{85}b", "a\u{2028}b", "a\0b"])
    func refusesSubjectsThatAddHeaders(subject: String) {
        #expect(throws: MailMessageError.self) { try message(subject: subject) }
    }

    @Test func quotesNamesWithPunctuation() throws {
        let mail = try message(from: "\"Novak, \\ Ana\" <ana@example.org>")
        #expect(mail.contains("From: \"Novak, \\\\ Ana\" <ana@example.org>\r\n"))
        let accented = try message(to: ["Ána <a@example.org>", "b@example.org"])
        #expect(accented.contains("To: =?utf-8?B?w4FuYQ==?= <a@example.org>, b@example.org\r\n"))
    }
}

import Testing

@testable import Sandbox

@Suite struct SMTPSessionTests {
    /// Replies' codes and mails, in order.
    private func talk(_ lines: [String], chunk: Int = .max) -> [String] {
        var session = SMTPSession()
        var rest = Array(lines.map { $0 + "\r\n" }.joined().utf8)[...]
        var steps: [SMTPSession.Step] = []
        while !rest.isEmpty {
            steps += session.receive(rest.prefix(chunk))
            rest = rest.dropFirst(chunk)
        }
        return steps.map { step in
            switch step {
            case .reply(let text): String(text.prefix(3))
            case .mail(let from, let to, let bytes):
                "\(from)>\(to.joined(separator: ",")):\(String(decoding: bytes, as: UTF8.self))"
            case .close: "close"
            }
        }
    }

    static let dialogue = [
        "EHLO me", "MAIL FROM:<a@example.org> BODY=8BITMIME SIZE=20", "RCPT TO:<b@example.org>",
        "rcpt to: <c@example.org>", "DATA", "Subject: x", "", "..dot", "end", ".", "QUIT",
    ]
    static let answers = [
        "250", "250", "250", "250", "354",
        "a@example.org>b@example.org,c@example.org:Subject: x\r\n\r\n.dot\r\nend\r\n", "221",
        "close",
    ]

    @Test(arguments: [1, 2, 7, .max])
    func takesAMailHoweverItIsCut(chunk: Int) {
        #expect(talk(Self.dialogue, chunk: chunk) == Self.answers)
    }

    static let refusals: [([String], [String])] = [
        (["MAIL FROM:<a@b>"], ["503"]),
        (["HELO x", "RCPT TO:<a@b>"], ["250", "503"]),
        (["HELO x", "MAIL FROM:<a@b>", "DATA"], ["250", "250", "503"]),
        (["HELO x", "MAIL FROM:a@b"], ["250", "501"]),
        (["HELO x", "MAIL FROM:<>", "RCPT TO:<nobody>"], ["250", "250", "501"]),
        (["HELO x", "MAIL FROM:<a@b> SIZE=999999999"], ["250", "552"]),
        (["HELO x", "MAIL FROM:<a@b>", "MAIL FROM:<c@d>"], ["250", "250", "503"]),
        (["HELO x", "MAIL FROM:<a@b>", "RSET", "RCPT TO:<a@b>"], ["250", "250", "250", "503"]),
        (["NOOP", "VRFY x", "BDAT 3"], ["250", "252", "500"]),
    ]

    @Test(arguments: refusals)
    func keepsTheOrderOfCommands(lines: [String], replies: [String]) {
        #expect(talk(lines) == replies)
    }

    @Test func refusesAMailThatIsTooLarge() {
        var session = SMTPSession()
        _ = session.receive(
            Array("EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n".utf8)
        )
        let line = Array((String(repeating: "x", count: 998) + "\r\n").utf8)
        for _ in 0...SandboxLimits.mailBytesMax / 1000 { _ = session.receive(line) }
        let steps = session.receive(Array(".\r\nNOOP\r\n".utf8))
        guard case .reply(let text) = steps.first else {
            Issue.record("\(steps)")
            return
        }
        #expect(text.hasPrefix("552"))
        #expect(steps.last == .reply("250 2.0.0 Done\r\n"))
    }

    @Test func hangsUpOnALineWithoutEnd() {
        var session = SMTPSession()
        let endless = [UInt8](repeating: 0x78, count: SandboxLimits.mailLineBytesMax + 1)
        #expect(session.receive(endless).last == .close)
    }

    @Test func refusesOnDemand() {
        var session = SMTPSession()
        let steps = session.receive(Array("EHLO x\r\nMAIL FROM:<a@b>\r\n".utf8)) { word in
            word == "MAIL" ? "451 later\r\n" : nil
        }
        #expect(steps.last == .reply("451 later\r\n"))
    }
}

@Suite struct MailContentTests {
    static let plain = """
        Subject: =?utf-8?B?VmHFoSB0ZXJtaW4=?= =?utf-8?Q?_je_potrjen?=
        Message-ID: <1@example.org>
        To: Ana Novak
         <ana@example.org>
        Content-Type: text/plain; charset=utf-8
        Content-Transfer-Encoding: quoted-printable

        Pozdravljeni =C5=BD=
        iva, 2 =3D 2
        """
    static let parts = """
        From: a@example.org
        Content-Type: multipart/alternative; boundary="x y"

        before
        --x y
        Content-Type: text/plain

        Plain
        text
        --x y
        Content-Type: text/html; charset=utf-8
        Content-Transfer-Encoding: base64

        PGI+Qm9sZDwvYj4=
        --x y--
        after
        """

    private func content(_ text: String) -> MailContent {
        MailContent(Array(text.replacing("\n", with: "\r\n").utf8)[...])
    }

    @Test func readsHeadersAndEncodedText() {
        let mail = content(Self.plain)
        #expect(mail.header("subject") == "Vaš termin je potrjen")
        #expect(mail.header("message-id") == "<1@example.org>")
        #expect(mail.header("to") == "Ana Novak <ana@example.org>")
        #expect(mail.text("text/plain") == "Pozdravljeni Živa, 2 = 2")
        #expect(mail.text("text/html") == nil)
    }

    @Test func readsTheParts() {
        let mail = content(Self.parts)
        #expect(mail.text("text/plain") == "Plain\ntext")
        #expect(mail.text("text/html") == "<b>Bold</b>")
    }

    @Test(
        arguments: [
            ("", nil), ("no header at all", nil), ("A: b\n\nbody", "body"),
            ("Content-Type: multipart/mixed; boundary=x\n\n--x\n--x--", nil),
            ("Subject: =?utf-8?Z?x?=\n\n", ""),
        ] as [(String, String?)]
    )
    func survivesOddMail(text: String, body: String?) {
        let found = content(text).text("text/plain")
        #expect((found ?? "") == (body ?? ""))
    }
}

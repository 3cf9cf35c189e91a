import HTTPClient
import Synchronization
import Testing

@Suite struct HTTPClientMailTests {
    /// What an SMTP server heard.
    struct Dialogue: Sendable {
        var commands: [String] = []
        var message: [String] = []
    }

    final class Heard: Sendable {
        let dialogue = Mutex(Dialogue())
    }

    private static let message = "Subject: x\r\n\r\nfirst\r\n.dot\r\n"

    @Test func handsAMailOverLineByLine() async throws {
        let heard = Heard()
        let server = try smtp(refusing: nil, heard: heard)
        defer { server.stop() }
        let envelope = MailEnvelope(
            sender: "desk@example.org",
            recipients: ["ana@example.org", "jan@example.org"],
            message: Array(Self.message.utf8)
        )
        let there = MailServer(url: "smtp://127.0.0.1:\(server.port)", requiresTLS: false)
        try await HTTPClient().send(envelope, to: there)
        let dialogue = heard.dialogue.withLock { $0 }
        let wanted = [
            "MAIL FROM:<desk@example.org>", "RCPT TO:<ana@example.org>",
            "RCPT TO:<jan@example.org>", "DATA",
        ]
        #expect(Array(dialogue.commands.dropFirst().prefix(4)) == wanted)
        // A leading dot is doubled on the wire (RFC 5321 section 4.5.2).
        #expect(dialogue.message == ["Subject: x", "", "first", "..dot"])
    }

    struct Refusal: Sendable {
        var command: String
        var reply: String
        var code: Int
    }

    @Test(arguments: [
        Refusal(command: "MAIL", reply: "451 4.3.0 try later", code: 451),
        Refusal(command: "RCPT", reply: "550 5.1.1 no such person", code: 550),
        Refusal(command: ".", reply: "554 5.7.1 looks like spam", code: 554),
    ])
    func aRefusalHasTheServersWords(refusal: Refusal) async throws {
        let server = try smtp(refusing: refusal, heard: Heard())
        defer { server.stop() }
        let there = MailServer(url: "smtp://127.0.0.1:\(server.port)", requiresTLS: false)
        let error = await mailFailure(there)
        #expect(error?.code == .refused)
        #expect(error?.replyCode == refusal.code)
        #expect(error?.message.contains(refusal.reply) == true)
    }

    @Test func refusesToGoOnInTheClear() async throws {
        let server = try smtp(refusing: nil, heard: Heard())
        defer { server.stop() }
        let there = MailServer(url: "smtp://127.0.0.1:\(server.port)", requiresTLS: true)
        #expect(await mailFailure(there)?.code == .tls)
    }

    @Test func aMissingServerIsNamed() async throws {
        let port = try LoopbackServer.closedPort()
        let there = MailServer(url: "smtp://127.0.0.1:\(port)", requiresTLS: false)
        let error = await mailFailure(there)
        #expect(error?.code == .cannotConnect)
        #expect(error?.message.contains("mail to smtp://127.0.0.1:\(port)") == true)
    }

    @Test(arguments: [
        ("a@example.org>\r\nRCPT TO:<b@example.org", "smtp://127.0.0.1:1"),
        ("no address", "smtp://127.0.0.1:1"),
        ("a@example.org", "http://127.0.0.1:1"),
    ])
    func refusesBrokenAddresses(recipient: String, url: String) async {
        let there = MailServer(url: url, requiresTLS: false)
        #expect(await mailFailure(there, to: recipient)?.code == .invalidRequest)
    }

    private func mailFailure(
        _ server: MailServer,
        to recipient: String = "ana@example.org"
    ) async -> HTTPClientError? {
        let envelope = MailEnvelope(
            sender: "desk@example.org",
            recipients: [recipient],
            message: Array(Self.message.utf8)
        )
        do throws(HTTPClientError) {
            try await HTTPClient().send(envelope, to: server)
            Issue.record("the mail was taken")
            return nil
        } catch {
            return error
        }
    }

    /// A server that takes everything but what it is told to refuse.
    private func smtp(refusing refusal: Refusal?, heard: Heard) throws -> LoopbackServer {
        try LoopbackServer { connection in
            connection.write("220 test ESMTP\r\n")
            while let line = connection.line() {
                heard.dialogue.withLock { $0.commands.append(line) }
                if let refusal, line.hasPrefix(refusal.command) {
                    connection.write("\(refusal.reply)\r\n")
                    continue
                }
                guard line == "DATA" else {
                    connection.write("250 fine\r\n")
                    continue
                }
                connection.write("354 go on\r\n")
                while let line = connection.line(), line != "." {
                    heard.dialogue.withLock { $0.message.append(line) }
                }
                let isRefused = refusal?.command == "."
                connection.write("\(isRefused ? refusal?.reply ?? "" : "250 taken")\r\n")
            }
        }
    }
}

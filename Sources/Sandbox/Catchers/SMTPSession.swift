import EventModel

/// One mail connection: takes bytes, gives replies and finished mails.
///
/// RFC 5321 with 8BITMIME, SIZE and PIPELINING; nothing here touches a socket.
struct SMTPSession {
    /// What the connection must do next.
    enum Step: Equatable {
        /// Send this text.
        case reply(String)
        /// Keep this mail, then say so.
        case mail(from: String, to: [String], bytes: [UInt8])
        case close
    }

    private enum Phase {
        case commands
        case data
    }

    private var phase = Phase.commands
    private var buffer: [UInt8] = []
    private var hasGreeted = false
    private var from: String?
    private var recipients: [String] = []
    private var content: [UInt8] = []
    private var isTooLarge = false

    /// What is said first.
    static let greeting = "220 sandbox.example.org Daybook sandbox, mail goes nowhere\r\n"

    /// Takes what came; gives the steps in order.
    ///
    /// - Parameters:
    ///   - bytes: what came.
    ///   - refusal: a reply that stands in for performing a command, by the command's word.
    mutating func receive(
        _ bytes: some Sequence<UInt8>,
        refusal: (_ word: String) -> String? = { _ in nil }
    ) -> [Step] {
        buffer += bytes
        var steps: [Step] = []
        var start = 0
        while let end = buffer[start...].firstIndex(of: 0x0A) {
            var line = buffer[start..<end]
            if line.last == 0x0D { line.removeLast() }
            start = end + 1
            switch phase {
            case .commands:
                let text = String(decoding: line, as: UTF8.self)
                let word = text.prefix { $0 != " " }.uppercased()
                steps += refusal(word).map { [.reply($0)] } ?? perform(text, word)
            case .data:
                if let step = take(line) { steps.append(step) }
            }
            if steps.last == .close { break }
        }
        buffer.removeFirst(start)
        if buffer.count > SandboxLimits.mailLineBytesMax {
            steps += [.reply("500 5.5.2 Line too long\r\n"), .close]
        }
        return steps
    }

    private mutating func take(_ line: ArraySlice<UInt8>) -> Step? {
        if line.elementsEqual([UInt8(ascii: ".")]) {
            phase = .commands
            defer { forget() }
            guard !isTooLarge else {
                return .reply(
                    "552 5.3.4 Message larger than \(SandboxLimits.mailBytesMax) bytes\r\n"
                )
            }
            return .mail(from: from ?? "", to: recipients, bytes: content)
        }
        // RFC 5321 section 4.5.2: a line that begins with a dot was sent with one more.
        let body = line.first == UInt8(ascii: ".") ? line.dropFirst() : line
        if content.count + body.count + 2 > SandboxLimits.mailBytesMax {
            isTooLarge = true
        } else {
            content += body
            content += [0x0D, 0x0A]
        }
        return nil
    }

    private mutating func forget() {
        from = nil
        recipients = []
        content = []
        isTooLarge = false
    }

    private mutating func perform(_ line: String, _ word: String) -> [Step] {
        let rest = line.dropFirst(word.count + 1)
        switch word {
        case "EHLO":
            hasGreeted = true
            forget()
            let lines = ["sandbox.example.org", "8BITMIME", "PIPELINING", "SMTPUTF8"]
            let size = "250 SIZE \(SandboxLimits.mailBytesMax)\r\n"
            return [.reply(lines.map { "250-\($0)\r\n" }.joined() + size)]
        case "HELO":
            hasGreeted = true
            forget()
            return [.reply("250 sandbox.example.org\r\n")]
        case "MAIL": return [.reply(mail(rest))]
        case "RCPT": return [.reply(recipient(rest))]
        case "DATA":
            guard !recipients.isEmpty else {
                return [.reply("503 5.5.1 MAIL and RCPT come first\r\n")]
            }
            phase = .data
            return [.reply("354 End with a dot alone on a line\r\n")]
        case "RSET":
            forget()
            return [.reply("250 2.0.0 Forgotten\r\n")]
        case "NOOP": return [.reply("250 2.0.0 Done\r\n")]
        case "VRFY": return [.reply("252 2.1.5 Send and see\r\n")]
        case "QUIT": return [.reply("221 2.0.0 Goodbye\r\n"), .close]
        default: return [.reply("500 5.5.2 Unknown command\r\n")]
        }
    }

    private mutating func mail(_ rest: Substring) -> String {
        guard hasGreeted else { return "503 5.5.1 EHLO comes first\r\n" }
        guard from == nil else { return "503 5.5.1 There is a sender already\r\n" }
        guard let (address, parameters) = SMTPSession.path(rest, "FROM:") else {
            return "501 5.5.4 Write MAIL FROM:<address>\r\n"
        }
        for parameter in parameters {
            let sides = parameter.split(separator: "=", maxSplits: 1)
            if sides.first == "SIZE", let size = sides.last.flatMap({ Int($0) }),
                size > SandboxLimits.mailBytesMax
            {
                return "552 5.3.4 Message larger than \(SandboxLimits.mailBytesMax) bytes\r\n"
            }
        }
        from = address
        return "250 2.1.0 Sender taken\r\n"
    }

    private mutating func recipient(_ rest: Substring) -> String {
        guard from != nil else { return "503 5.5.1 MAIL comes first\r\n" }
        guard let (address, _) = SMTPSession.path(rest, "TO:"), address.contains("@") else {
            return "501 5.1.3 Write RCPT TO:<address>\r\n"
        }
        guard recipients.count < SandboxLimits.mailRecipientsMax else {
            return "452 4.5.3 Too many recipients\r\n"
        }
        recipients.append(address)
        return "250 2.1.5 Recipient taken\r\n"
    }

    /// The address in `FROM:<a@b> SIZE=10` and the parameters after it, in upper case.
    private static func path(_ text: Substring, _ word: String) -> (String, [String])? {
        guard text.uppercased().hasPrefix(word) else { return nil }
        let rest = text.dropFirst(word.count).drop { $0 == " " }
        guard rest.first == "<", let end = rest.firstIndex(of: ">") else { return nil }
        let address = String(rest[rest.index(after: rest.startIndex)..<end])
        let parameters = rest[rest.index(after: end)...].split(separator: " ")
        return (address, parameters.map { $0.uppercased() })
    }
}

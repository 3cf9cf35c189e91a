public import EventModel
public import WorkflowEngine

/// `email.send`: a mail with the given words.
public struct EmailSend: ActionHandler {
    private static let attachmentBytesMax = 10 << 20

    private let delivery: MessageDelivery
    private let files: (any FileStore)?

    /// Takes what sends, and where attachments lie.
    public init(_ delivery: MessageDelivery, files: (any FileStore)? = nil) {
        self.delivery = delivery
        self.files = files
    }

    public var descriptor: ActionDescriptor {
        ActionDescriptor(
            name: "email.send",
            aliases: ["send_email", "email.send_email"],
            summary: "Sends a mail.",
            discussion: """
                The mail is handed to the server mail.server as mail.sender. A retry after a
                success sends nothing; one after a crash in between sends the same Message-ID
                again, by which receivers recognise it. For texts that people may change use
                notify.send or email.send_template with a template. Attachments are addresses
                that file.upload or report.generate gave, together at most 10 MiB.
                """,
            inputs: [
                ActionField("to", .any, required: true, "An address, or a list of them."),
                ActionField("subject", .string, required: true, "One line."),
                ActionField("text", .string, "The plain text; it or body must be there."),
                ActionField("body", .string, "The same as text."),
                ActionField("html", .string, "The same in HTML."),
                ActionField("cc", .any, "Who gets a copy: an address, or a list of them."),
                ActionField("reply_to", .string, "Where answers go."),
                ActionField("attachments", .any, "A file's address, or a list of them."),
            ],
            outputs: [
                ActionField("message_id", .string, "The Message-ID."),
                ActionField("to", .list, "The addresses."),
            ],
            effect: .atLeastOnce
        )
    }

    public func integration(for input: Value) -> String? { "email" }

    public func perform(
        _ request: ActionRequest,
        services: any ActionServices
    ) async throws(ActionFailure) -> Value {
        let input = MessageInput(request.input)
        let to = try input.texts("to")
        guard !to.isEmpty else { throw MessageInput.invalid("'to' must name somebody") }
        let text = try input.required(input.text("text") == nil ? "body" : "text")
        var letter = MessageDelivery.Letter(
            to: to,
            copiesTo: try input.texts("cc"),
            replyTo: input.text("reply_to"),
            subject: try input.required("subject"),
            text: text,
            html: input.text("html")
        )
        letter.attachments = try await attachments(try input.texts("attachments"))
        var outbox = try await MessageOutbox(request, services)
        let recipients = to.joined(separator: ", ")
        let sent = try await outbox.send(channel: "email", to: recipients, template: nil) {
            key,
            now throws(ActionFailure) in
            try await delivery.send(letter, key: key, now: now)
        }
        return ["message_id": .string(sent.messageID), "to": .list(to.map { .string($0) })]
    }

    private func attachments(
        _ urls: [String]
    ) async throws(ActionFailure) -> [MailMessage.Attachment] {
        var attachments: [MailMessage.Attachment] = []
        for url in urls {
            guard let bytes = try await files?.bytes(at: url) else {
                throw MessageInput.invalid(
                    "'\(url)' is no file of the file store; fetch it with file.upload first"
                )
            }
            let name = url.split(separator: "/").last.map(String.init) ?? "file"
            attachments.append(
                MailMessage.Attachment(
                    name: name.replacing(FolderFileStore.scheme, with: ""),
                    type: Self.type(of: name),
                    bytes: bytes
                )
            )
        }
        let size = attachments.reduce(0) { $0 + $1.bytes.count }
        guard size <= Self.attachmentBytesMax else {
            throw ActionFailure(
                code: "too_large",
                message:
                    "the attachments have \(size) bytes; \(Self.attachmentBytesMax) are the most",
                isRetryable: false
            )
        }
        return attachments
    }

    private static func type(of name: String) -> String {
        let types = [
            "pdf": "application/pdf", "csv": "text/csv", "html": "text/html", "txt": "text/plain",
            "json": "application/json", "png": "image/png", "jpg": "image/jpeg",
        ]
        let ending = name.split(separator: ".").last.map { $0.lowercased() } ?? ""
        return types[ending] ?? "application/octet-stream"
    }
}

public import EventModel
public import WorkflowEngine

/// `email.send_template`: a notification template to one or more addresses.
public struct EmailSendTemplate: ActionHandler {
    private let notify: NotifySend

    /// Takes what sends and the templates.
    public init(_ delivery: MessageDelivery, templates: TemplateLibrary) {
        notify = NotifySend(delivery, templates: templates)
    }

    public let descriptor = ActionDescriptor(
        name: "email.send_template",
        aliases: ["send_email_template"],
        summary: "Sends a notification template by e-mail to one or more addresses.",
        discussion: """
            The same as notify.send with the channel email, for each recipient: an address, or a map \
            with email and name. A retry sends only what is missing. At most 100 recipients.
            """,
        inputs: [
            ActionField("template_id", .string, required: true, "the template's name"),
            ActionField("recipients", .any, required: true, "an address, a map, or a list of them"),
            ActionField("variables", .map, "the template's variables"),
        ],
        outputs: [ActionField("sent", .list, required: true, "for each to and message_id")],
        effect: .atLeastOnce
    )

    public func integration(for input: Value) -> String? { "email" }

    public func perform(
        _ request: ActionRequest,
        services: any ActionServices
    ) async throws(ActionFailure) -> Value {
        let input = ActionInput(request)
        let template = try input.text("template_id")
        let given = input.members["recipients"] ?? .null
        let recipients = given.listValue ?? [given]
        guard (1...100).contains(recipients.count) else {
            throw ActionInput.invalid("recipients", "has none or over 100", remedy: "give 1 to 100")
        }
        var sent: [Value] = []
        for recipient in recipients {
            let address = recipient.stringValue ?? recipient["email"]?.stringValue
            guard let address, !address.isEmpty else {
                throw ActionInput.invalid(
                    "recipients",
                    "holds one without an address",
                    remedy: "give texts, or maps with email"
                )
            }
            var to: ValueMap = ["email": .string(address)]
            if let name = recipient["name"]?.stringValue { to["name"] = .string(name) }
            var single = request
            single.input = [
                "template": .string(template), "channels": ["email"], "to": .map(to),
                "data": .map(try input.optionalMap("variables") ?? ValueMap()),
            ]
            let answer = try await notify.perform(single, services: services)
            sent += answer["sent"]?.listValue ?? []
        }
        return ["sent": .list(sent)]
    }
}

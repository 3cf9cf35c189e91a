public import EventModel
public import WorkflowEngine

/// An action that says what it takes and gives, and can do nothing.
public struct DescribedAction: ActionHandler {
    public let descriptor: ActionDescriptor

    public init(_ descriptor: ActionDescriptor) { self.descriptor = descriptor }

    public func perform(
        _ request: ActionRequest,
        services: any ActionServices
    ) async throws(ActionFailure) -> Value {
        throw ActionFailure(
            code: "invalid_input",
            message: "'\(descriptor.name)' is only described here",
            isRetryable: false
        )
    }
}

extension ActionCatalogue {
    /// The actions that the booking workflow calls, described but not doing anything.
    public static let describedForBooking = ActionCatalogue(
        bookingDescriptors.map(DescribedAction.init)
    )

    private static let bookingDescriptors: [ActionDescriptor] = [
        ActionDescriptor(
            name: "records.find_or_create",
            aliases: ["find_or_create_contact"],
            summary: "Finds a record or creates it.",
            inputs: [
                ActionField("database", .string, required: true, "the database"),
                ActionField("match_fields", .list, required: true, "the fields that must agree"),
                ActionField("record", .map, required: true, "the fields"),
            ],
            outputs: [
                ActionField("id", .string, "its id"),
                ActionField("created", .boolean, "whether new"),
                ActionField("record", .map, "its fields"),
            ],
            effect: .once
        ),
        ActionDescriptor(
            name: "calendar.sync",
            summary: "Reads calendars.",
            inputs: [
                ActionField("database", .string, "where people are"),
                ActionField("where", .map, "which people"), ActionField("people", .list, "people"),
            ],
            outputs: [
                ActionField("busy", .map, "by person"), ActionField("people", .list, "people"),
                ActionField("synced_at", .timestamp, "when"),
            ],
            effect: .none
        ),
        ActionDescriptor(
            name: "booking.assign_practitioner",
            summary: "Finds and holds a practitioner.",
            inputs: [
                ActionField("specialization", .string, required: true, "what"),
                ActionField("starts_at", .timestamp, required: true, "from"),
                ActionField("ends_at", .timestamp, required: true, "to"),
                ActionField("busy", .map, "by person"), ActionField("people", .list, "people"),
                ActionField("purpose", .string, "what for"),
            ],
            outputs: [
                ActionField("practitioner_id", .string, "who"),
                ActionField("name", .string, "name"),
                ActionField("email", .string, "address"),
                ActionField("reservation_id", .string, "the reservation"),
            ],
            effect: .once
        ),
        ActionDescriptor(
            name: "booking.reserve",
            summary: "Holds a room and equipment.",
            inputs: [
                ActionField("service", .string, required: true, "what"),
                ActionField("starts_at", .timestamp, required: true, "from"),
                ActionField("ends_at", .timestamp, required: true, "to"),
                ActionField("purpose", .string, "what for"),
            ],
            outputs: [
                ActionField("reservation_id", .string, "the reservation"),
                ActionField("room_id", .string, "the room"),
                ActionField("room", .string, "its name"),
                ActionField("equipment", .list, "the equipment"),
            ],
            effect: .once
        ),
        ActionDescriptor(
            name: "booking.release",
            summary: "Lets go of what is held.",
            inputs: [ActionField("resource_ids", .list, "what")],
            outputs: [ActionField("released", .integer, "how many")],
            effect: .once
        ),
        ActionDescriptor(
            name: "task.create",
            summary: "Asks a person.",
            inputs: [
                ActionField("title", .string, required: true, "what to do"),
                ActionField("description", .string, "more"),
                ActionField(
                    "priority",
                    .string,
                    choices: ["Low", "Medium", "High", "Urgent"],
                    "how soon"
                ),
                ActionField("due", .timestamp, "until when"),
                ActionField("kind", .string, "what for"),
                ActionField("assignee", .string, "who"), ActionField("database", .string, "where"),
                ActionField("contact", .string, "about whom"),
            ],
            outputs: [
                ActionField("task_id", .string, "its id"),
                ActionField("title", .string, "its title"),
            ],
            effect: .once
        ),
        ActionDescriptor(
            name: "notify.send",
            summary: "Sends a message.",
            inputs: [
                ActionField("template", .string, required: true, "which"),
                ActionField(
                    "channels",
                    .list,
                    required: true,
                    choices: ["email", "sms", "slack"],
                    "how"
                ),
                ActionField("to", .map, required: true, "to whom"),
                ActionField("data", .map, "what the template speaks of"),
            ],
            outputs: [ActionField("sent", .list, "what was sent")],
            effect: .atLeastOnce
        ),
    ]
}

public import EventModel
public import WorkflowEngine

/// `analytics.track`: a named occurrence, for figures.
public struct AnalyticsTrack: ActionHandler {
    /// The type of event that it appends, for the check against `Schemas/events/`.
    public static let declarations = [
        EventTypeDeclaration(type: "AnalyticsTracked", category: "analytics")
    ]

    public init() {}

    public let descriptor = ActionDescriptor(
        name: "analytics.track",
        aliases: [
            "track_event", "track_against_baseline", "trend_analysis", "efficiency_metrics",
        ],
        summary: "Records a named occurrence with its properties.",
        discussion: """
            It becomes an event in the log, which projections and `daybook events` count; nothing is \
            sent anywhere. Texts and long numbers among the properties are sealed like those of \
            other story events. A repeat of the step records nothing more.
            """,
        inputs: [
            ActionField("event_name", .string, required: true, "such as client_satisfaction_score"),
            ActionField("properties", .map, "what belongs to it"),
            ActionField("value", .number, "the figure, for a measure"),
        ],
        outputs: [ActionField("event_id", .string, required: true, "the event's id")],
        effect: .once
    )

    public func perform(
        _ request: ActionRequest,
        services: any ActionServices
    ) async throws(ActionFailure) -> Value {
        let input = ActionInput(request)
        let name = try input.text("event_name")
        guard name.utf8.count <= 80 else {
            throw ActionInput.invalid("event_name", "is too long", remedy: "use up to 80 bytes")
        }
        var data: ValueMap = [
            "event_name": .string(name),
            "properties": .map(try input.optionalMap("properties") ?? ValueMap()),
            "workflow": .string(request.workflow), "instance": .string(request.instance.text),
            "step": .string(request.step),
        ]
        if let value = input.members["value"]?.doubleValue { data["value"] = .double(value) }
        let event = ActionEvents.proposed(
            "AnalyticsTracked",
            id: .derived(from: request.instance, "\(request.idempotencyKey)/track"),
            data: .map(data),
            request: request
        )
        try await services.append([
            ActionWrite(
                stream: StreamName(category: "analytics", name),
                expectedCount: nil,
                events: [event]
            )
        ])
        return ["event_id": .string(event.id.text)]
    }
}

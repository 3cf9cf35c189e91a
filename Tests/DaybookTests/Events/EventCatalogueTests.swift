import Connectors
import EventLog
import EventModel
import Records
import Runtime
import Schedules
import Testing
import WorkflowEngine

/// The files of `Schemas/events/` and the code that appends events say the same.
@Suite struct EventCatalogueTests {
    static let declarations =
        InstanceEvent.eventTypes + RecordEvent.declarations + RuntimeEvents.eventTypes
        + BookingEvents.declarations + TaskCreate.declarations + AnalyticsTrack.declarations
        + [NotificationSent.declaration]
        + RuntimeEvents.agentEventTypes + RuntimeEvents.circuitEventTypes
        + SigningEvents.eventTypes + ScrubEvents.declarations
        + ScheduleEvent.eventTypes

    @Test func everyTypeHasAFileAndEveryFileCode() throws {
        let types = Self.declarations.map(\.type)
        #expect(Set(types).count == types.count)
        #expect(Set(types) == Set(try EventCatalogue.load().schemas.keys))
    }

    @Test(arguments: declarations)
    func fileSaysWhatTheCodeSays(declaration: EventTypeDeclaration) throws {
        let schema = try #require(try EventCatalogue.load().schemas[declaration.type])
        #expect(schema["type"] == .string(declaration.type))
        #expect(schema["version"] == .int(Int64(declaration.version)))
        #expect(schema["category"] == .string(declaration.category))
        #expect(schema["meaning"]?.stringValue?.hasSuffix(".") == true)
        #expect(schema[path: "data", "type"] == "object")
        #expect(schema[path: "data", "additionalProperties"] == false)
        let properties = Set(schema[path: "data", "properties"]?.mapValue?.stringKeys ?? [])
        let required = schema[path: "data", "required"]?.listValue?.compactMap(\.stringValue) ?? []
        #expect(properties.isSuperset(of: required))
    }

    static let records = [
        RecordEvent.Kind.created(fields: ["name": "Ana", "count": 3]),
        .updated(changes: ["name": FieldChange(before: .null, after: "Ana")]),
        .trashed, .restored,
    ].map {
        RecordEvent(
            database: "contacts_profiles",
            sourceID: "a",
            kind: $0,
            editedAt: Timestamp(seconds: 1_796_000_000)
        )
    }

    @Test(arguments: records)
    func recordEventsFitTheirFiles(event: RecordEvent) throws {
        #expect(try EventCatalogue.load().data(event.data, fits: event.type) == [])
    }

    static let samples: [(Value, [String])] = [
        (["step": "a", "attempt": 1], []),
        (["step": "a"], ["StepStarted: 'attempt' is missing"]),
        (["step": "a", "attempt": 1, "x": 1], ["StepStarted: 'x' is not declared"]),
        (["step": "a", "attempt": -1], ["StepStarted.attempt: -1 is less than 0"]),
    ]

    @Test(arguments: samples)
    func checkFindsWhatIsWrong(data: Value, mistakes: [String]) throws {
        #expect(try EventCatalogue.load().data(data, fits: "StepStarted") == mistakes)
    }
}

import EventModel
public import Records

/// Which values of which events are personal, and whose they are: a value that nothing changes.
///
/// A record's events belong to the record, and what is personal in them is what the database's
/// description marks. What a story carries, the payload of its webhook, the inputs and outputs of its
/// steps, holds copies of personal values in no fixed place, so all texts and long numbers in there
/// belong to the story.
public struct PersonalData: Sendable {
    /// The database whose records are people; who is erased there takes along what names them.
    public let people: String
    private let databases: [String: Database]

    private struct Database: Sendable {
        var created: Mask
        var updated: Mask
        /// Fields that name people's records.
        var relations: [String]
    }

    /// What is sealed of one event.
    struct Selection {
        var subject: Subject
        var mask: Mask
        /// Ids of people's records that the event names in the clear.
        var people: [String]
    }

    /// Reads the marks of the databases.
    public init(databases catalogue: DatabaseCatalogue, people: String = "contacts_profiles") {
        self.people = people
        var databases: [String: Database] = [:]
        for schema in catalogue.databases {
            let keys = schema.fields.filter(\.isPersonal).map(\.key)
            let change = Mask.members(["before": .whole, "after": .whole])
            databases[schema.key] = Database(
                created: .members(["fields": PersonalData.members(keys, .whole)]),
                updated: .members(["changes": PersonalData.members(keys, change)]),
                relations: schema.fields.filter { $0.relation?.target == people }.map(\.key)
            )
        }
        self.databases = databases
    }

    private static func members(_ keys: [String], _ mask: Mask) -> Mask {
        .members(Dictionary(keys.map { ($0, mask) }) { first, _ in first })
    }

    /// The personal members of the events of stories, by event type.
    static let storyMasks: [String: Mask] = {
        let failure = Mask.members(["message": .leaves, "details": .leaves])
        let purpose = Mask.members(["purpose": .leaves])
        return [
            "WebhookReceived": .members(["payload": .leaves]),
            "InstanceStarted": .members([
                "input": .leaves, "trigger": .members(["changes": .leaves]),
            ]),
            "StepScheduled": .members(["input": .leaves]),
            "StepCompleted": .members(["output": .leaves]),
            "StepFailed": .members(["failure": failure]),
            "InstanceCompleted": .members(["output": .leaves]),
            "InstanceFailed": .members(["failure": failure]),
            "InstancePaused": .members(["failure": failure]),
            "InstanceCancelled": .members(["reason": .leaves]),
            "RequestReceived": .members(["payload": .leaves]),
            // A message's id is derived from its recipient.
            "NotificationSent": .members([
                "key": .leaves, "to": .leaves, "message_id": .leaves,
            ]),
            "TaskCreated": .members(["title": .leaves, "description": .leaves]),
            "AnalyticsTracked": .members(["properties": .leaves]),
            "ReservationMade": purpose,
            "ReservationReleased": purpose,
            "BookingHeld": .members(["reservations": .every(purpose)]),
        ].merging(flowMasks(failure)) { first, _ in first }
    }()

    /// The events of loops, waits, approvals, children and of what people do with instances.
    private static func flowMasks(_ failure: Mask) -> [String: Mask] {
        let call = Mask.members(["call": .members(["input": .leaves]), "failure": failure])
        let round = Mask.members(["item": .leaves, "outputs": .leaves])
        let loop = Mask.members([
            "items": .leaves, "collected": .leaves, "failures": .leaves, "open": .every(round),
        ])
        let state = Mask.members([
            "input": .leaves, "trigger": .members(["changes": .leaves]), "outputs": .leaves,
            "variables": .leaves, "output": .leaves, "failure": failure, "steps": .every(call),
            "loops": .every(loop), "signals": .every(.members(["data": .leaves])),
        ])
        let key = Mask.members(["key": .leaves])
        return [
            "LoopStarted": .members(["items": .leaves]),
            "RoundEnded": .members(["output": .leaves]),
            "RoundFailed": .members(["failure": failure]),
            "BranchFailed": .members(["failure": failure]),
            "StepSkipped": .members(["reason": .leaves]),
            "EventAwaited": .members(["match": .leaves]),
            "ApprovalRequested": .members(["title": .leaves, "text": .leaves]),
            "ApprovalDecided": .members(["comment": .leaves]),
            "SignalReceived": .members(["data": .leaves]),
            "ChildRequested": .members(["input": .leaves]),
            "ChildEnded": .members(["output": .leaves, "failure": failure]),
            "StepHeard": .members(["details": .leaves]),
            "CompensationStarted": .members(["failure": failure, "reason": .leaves]),
            "InstanceQueued": .members([
                "concurrency": key, "rate": key, "deduplication": key,
            ]),
            "InstanceSuspended": .members(["reason": .leaves]),
            "InstanceTerminated": .members(["reason": .leaves]),
            "InstanceReset": .members(["state": state, "reason": .leaves]),
        ]
    }

    /// What is personal of an event; nil if nothing can be.
    func selection(of event: ProposedEvent, in stream: StreamName) -> Selection? {
        if let mask = PersonalData.storyMasks[event.type] {
            let story = Subject(story: event.correlation ?? event.id)
            let contact = event.data["contact"]?.stringValue
            return Selection(subject: story, mask: mask, people: contact.map { [$0] } ?? [])
        }
        guard event.type == "RecordCreated" || event.type == "RecordUpdated",
            let key = event.data["database"]?.stringValue, let database = databases[key],
            let sourceID = event.data["source_id"]?.stringValue,
            let subject = Subject(database: key, sourceID: sourceID)
        else { return nil }
        let isNew = event.type == "RecordCreated"
        let fields = event.data[isNew ? "fields" : "changes"]
        var named = key == people ? [sourceID] : []
        for field in database.relations {
            let value = isNew ? fields?[field] : fields?[field]?["after"]
            named += (value?.listValue ?? []).compactMap(\.stringValue)
        }
        return Selection(
            subject: subject,
            mask: isNew ? database.created : database.updated,
            people: named
        )
    }

    /// The data of a record's event with nothing personal in it, for identities that are derived from
    /// the content: a hash of a name would let anybody try names.
    func redacted(_ data: Value, type: String, database: String) -> Value {
        guard let masks = databases[database] else { return data }
        let mask = type == "RecordCreated" ? masks.created : masks.updated
        return Masking.take(data, mask).data
    }
}

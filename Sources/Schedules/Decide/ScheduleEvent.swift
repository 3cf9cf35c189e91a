public import EventModel

/// What happens to a schedule, as its stream `schedule/<id>` records it.
public enum ScheduleEvent: Sendable, Hashable {
    /// A deployed workflow has the schedule, for the first time or after it had been removed.
    case created(Deployed)
    /// A later version of the workflow has it in another form.
    case changed(Deployed)
    /// A later version of the workflow does not have it any more.
    case removed(deployment: Position)
    case paused(reason: String)
    case resumed
    case tickDecided(TickDecided)
    /// A tick that was queued has got its turn.
    case tickReleased(Released)
    /// Somebody started an instance by hand.
    case triggered(Triggered)

    /// A schedule as a deployed workflow has it.
    public struct Deployed: Sendable, Hashable {
        public var workflow: String
        public var definition: ScheduleDefinition
        /// Where the deployment stands in the log.
        public var deployment: Position
        /// When it was deployed: later ticks are its own.
        public var from: Timestamp

        public init(
            workflow: String,
            definition: ScheduleDefinition,
            deployment: Position,
            from: Timestamp
        ) {
            self.workflow = workflow
            self.definition = definition
            self.deployment = deployment
            self.from = from
        }
    }

    /// What became of a tick.
    public enum Decision: String, Sendable, Hashable, CaseIterable {
        /// It started an instance in time.
        case fired
        /// The same, for a time that the clock skipped.
        case shifted
        /// It was missed, and started an instance all the same.
        case caughtUp = "caught_up"
        /// Somebody had it run later.
        case backfilled
        /// It waits for an instance to end.
        case queued
        case skipped
        /// It passed while nobody could decide it, and does not run.
        case missed

        /// Whether it starts an instance at once.
        public var starts: Bool {
            switch self {
            case .fired, .shifted, .caughtUp, .backfilled: true
            case .queued, .skipped, .missed: false
            }
        }
    }

    /// The decision on one tick.
    public struct TickDecided: Sendable, Hashable {
        public var due: Timestamp
        public var decision: Decision
        /// Why, in words.
        public var reason: String
        /// What is started, if the decision starts something.
        public var start: Start?
        /// The reading of the clock that the clock skipped.
        public var skippedReading: String?
        /// The schedule's instances that were still running then.
        public var running: [EventID]
        /// Those of them that are cancelled for this tick.
        public var cancels: [EventID]
        /// Whether somebody asked for the tick, so that it says nothing of the ticks before it.
        public var isBackfill: Bool
    }

    /// An instance to be started.
    public struct Start: Sendable, Hashable {
        public var instance: EventID
        public var workflow: String
        /// The deployment that the schedule was from; the workflow's version is that one or a later one.
        public var deployment: Position
        public var input: Value

        public init(instance: EventID, workflow: String, deployment: Position, input: Value) {
            self.instance = instance
            self.workflow = workflow
            self.deployment = deployment
            self.input = input
        }
    }

    /// A queued tick that has got its turn.
    public struct Released: Sendable, Hashable {
        public var due: Timestamp
        public var start: Start
    }

    /// A start by hand.
    public struct Triggered: Sendable, Hashable {
        public var start: Start
        public var running: [EventID]
    }
}

extension ScheduleEvent {
    /// The type of the event in the log.
    public var type: String {
        switch self {
        case .created: "ScheduleCreated"
        case .changed: "ScheduleChanged"
        case .removed: "ScheduleRemoved"
        case .paused: "SchedulePaused"
        case .resumed: "ScheduleResumed"
        case .tickDecided: "ScheduleTickDecided"
        case .tickReleased: "ScheduleTickReleased"
        case .triggered: "ScheduleTriggered"
        }
    }

    /// The types of all of them, for comparison with the catalogue.
    public static let eventTypes = [
        "ScheduleCreated", "ScheduleChanged", "ScheduleRemoved", "SchedulePaused",
        "ScheduleResumed", "ScheduleTickDecided", "ScheduleTickReleased", "ScheduleTriggered",
    ].map { EventTypeDeclaration(type: $0, category: "schedule") }

    /// The types of those that can start an instance.
    public static let startingTypes: Set<String> = [
        "ScheduleTickDecided", "ScheduleTickReleased", "ScheduleTriggered",
    ]

    /// What the event starts; nil if nothing.
    public var start: Start? {
        switch self {
        case .tickDecided(let event): event.start
        case .tickReleased(let event): event.start
        case .triggered(let event): event.start
        case .created, .changed, .removed, .paused, .resumed: nil
        }
    }
}

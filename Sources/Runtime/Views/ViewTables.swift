import EventModel

/// The names of the tables that the engine keeps in the views; each has one writer.
enum ViewTables {
    /// Raised whenever a table's form changes; views of another version are built anew.
    static let version: Int64 = 2

    /// Follower to ``Cursor``.
    static let cursors = "cursors"
    /// Instance to its live state.
    static let instances = "instances"
    /// Position of the first event to the summary, so that the newest is found from the end.
    static let instanceList = "instance_list"
    /// Instance to its open steps and timers, so that its end can take them all away.
    static let instanceOpen = "instance_open"
    /// Position of `StepScheduled` to the step that waits for its result.
    static let stepsOpen = "steps_open"
    /// Due time, instance and name to the timer.
    static let timers = "timers"
    /// Schedule to its state.
    static let schedules = "schedules"
    /// Time at which a schedule must be looked at, and its name, to the schedule.
    static let scheduleDues = "schedule_dues"
    /// Instance to the schedule whose queue waits for its end.
    static let scheduleWaits = "schedule_waits"
    /// What is waited for, instance and step to the step that waits for it.
    static let waits = "waits"
    /// Workflow, position of the first event and instance to what it waits for before it begins, or
    /// the places that it takes.
    static let admissions = "admissions"
    /// Workflow and key to when instances of the key began.
    static let admitted = "admitted"
    /// Database and id at the source to what the log knows of the record.
    static let records = "records"
    /// Database to where the synchronisation stands.
    static let syncCursors = "sync_cursors"
    /// Database and remote id to what was last pushed there.
    static let pushed = "pushed"
    /// Projection to which of its tables is the current one.
    static let projections = "projections"

    /// Projection, generation and row key to the row.
    static let rows = "projection_rows"
    /// Projection, generation and another name of a row to its key.
    static let rowNames = "projection_names"
    /// Sink and row key to what the sink has not taken yet.
    static let debts = "sink_debts"
    /// Sink, position of the change and row key, so that the oldest debt comes first.
    static let dues = "sink_dues"
    /// Name to what the log knows of the agent.
    static let agents = "agents"
    /// Work to where it stands, while it is open.
    static let agentWork = "agent_work"

    static let all = [
        cursors, instances, instanceList, instanceOpen, stepsOpen, timers, waits, admissions,
        admitted, schedules, scheduleDues, scheduleWaits, records, syncCursors, pushed,
        projections, rows, rowNames, debts, dues, agents, agentWork,
    ]
}

/// Keys whose byte order is the order of what they mean.
enum ViewKey {
    static func position(_ position: Position) -> [UInt8] { bigEndian(position.value) }

    static func position(from bytes: some Collection<UInt8>) -> Position {
        Position(bytes.prefix(8).reduce(0 as UInt64) { $0 << 8 | UInt64($1) })
    }

    /// Microseconds with the sign turned, so that instants before 1970 come first.
    static func instant(_ instant: Timestamp) -> [UInt8] {
        bigEndian(UInt64(bitPattern: instant.microseconds) ^ (1 << 63))
    }

    static func text(_ text: String) -> [UInt8] { Array(text.utf8) }

    private static func bigEndian(_ number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - 8 * $0)) }
    }
}

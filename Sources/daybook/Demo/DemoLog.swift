import EventLog
import EventModel
import Runtime

/// What the demo asks of the log while the engine runs on it.
struct DemoLog {
    let log: SealingEventStore

    init(_ dataFolder: String) async throws(CommandFailure) {
        let sealed: EventLog
        do throws(EventLogError) {
            sealed = try EventLog.open(
                at: dataFolder,
                configuration: EventLogConfiguration(mode: .readOnly)
            )
        } catch {
            throw CommandFailure("the demo cannot read its log: \(error)", ExitStatus.inputOutput)
        }
        var configuration = Configuration()
        configuration.dataFolder = dataFolder
        let databases = try Library.load().databases
        log = await Keys.unseal(sealed, configuration, databases: databases) { _ in }.store
    }

    func all(_ filter: EventFilter = .all) throws -> [Event] {
        try log.read(from: nil, direction: .forward, limit: 100_000, filter: filter)
    }

    func history(_ instance: String) throws -> [Event] {
        let stream = try StreamName("instance/\(instance)")
        return try log.readStream(stream, from: nil, direction: .forward, limit: 10_000)
    }

    /// True if no instance has a step that is scheduled and not ended.
    func hasSettled(_ instances: [String]) throws -> Bool {
        for instance in instances {
            let events = try history(instance)
            guard !events.isEmpty else { return false }
            let scheduled = Self.attempts(events, ["StepScheduled"])
            let ended = Self.attempts(events, ["StepCompleted", "StepFailed"])
            let hasEnded = events.contains { $0.type == "InstanceCompleted" }
            let isWaiting = events.contains {
                $0.type == "TimerSet" && $0.data["purpose"] == "wait"
            }
            guard scheduled.isSubset(of: ended), hasEnded || isWaiting else { return false }
        }
        return true
    }

    func hasRecordChange(of page: String, field: String) throws -> Bool {
        let filter = EventFilter(categories: ["record"], types: ["RecordUpdated"])
        return try log.read(from: nil, direction: .backward, limit: 50, filter: filter).contains {
            $0.data["source_id"]?.stringValue == page && $0.data[path: "changes", field] != nil
        }
    }

    /// Steps that have more than one result in the log: there must be none.
    func stepsDoneTwice(_ instances: [String]) throws -> [String] {
        var twice: [String] = []
        for instance in instances {
            var seen: Set<String> = []
            for event in try history(instance) where event.type == "StepCompleted" {
                let step = event.data["step"]?.stringValue ?? ""
                if !seen.insert(step).inserted { twice.append("\(instance) \(step)") }
            }
        }
        return twice
    }

    private static func attempts(_ events: [Event], _ types: Set<String>) -> Set<String> {
        Set(
            events.filter { types.contains($0.type) }.map {
                "\($0.data["step"]?.stringValue ?? "")#\($0.data["attempt"]?.intValue ?? 0)"
            }
        )
    }
}

import EventModel

/// Which rows an instance has among the open steps and the timers.
struct OpenEntries: Sendable, Hashable {
    /// Step to the position of its `StepScheduled`.
    var steps: [String: Position] = [:]
    /// Timer to when it is due.
    var timers: [String: Timestamp] = [:]
    /// Step that waits for something outside to the position from which on it does.
    var waits: [String: Position] = [:]
    /// The same steps, each to the key of its row among all that waits.
    var waitKeys: [String: [UInt8]] = [:]

    var isEmpty: Bool { steps.isEmpty && timers.isEmpty && waits.isEmpty }

    var value: Value {
        .map([
            "steps": .map(ValueMap(steps.map { ($0.key, .uint($0.value.value)) })),
            "timers": .map(ValueMap(timers.map { ($0.key, .timestamp($0.value)) })),
            "waits": .map(ValueMap(waits.map { ($0.key, .uint($0.value.value)) })),
            "wait_keys": .map(ValueMap(waitKeys.map { ($0.key, .bytes($0.value)) })),
        ])
    }

    init() {}

    init(_ value: Value) {
        let steps = value["steps"]?.mapValue ?? ValueMap()
        for step in steps.stringKeys {
            guard let position = steps[step]?.intValue else { continue }
            self.steps[step] = Position(UInt64(position))
        }
        let timers = value["timers"]?.mapValue ?? ValueMap()
        for timer in timers.stringKeys { self.timers[timer] = timers[timer]?.timestampValue }
        let waits = value["waits"]?.mapValue ?? ValueMap()
        for step in waits.stringKeys {
            guard let position = waits[step]?.intValue else { continue }
            self.waits[step] = Position(UInt64(position))
            waitKeys[step] = value["wait_keys"]?[step]?.bytesValue
        }
    }
}

/// A step that waits for the result of its action.
struct OpenStepEntry: Sendable, Hashable {
    var instance: EventID
    var step: String
    var attempt: Int
    /// The id of its `StepScheduled`.
    var scheduledBy: EventID

    var value: Value {
        .map([
            "instance": .bytes(instance.bytes),
            "step": .string(step),
            "attempt": .int(Int64(attempt)),
            "scheduled_by": .bytes(scheduledBy.bytes),
        ])
    }

    init(instance: EventID, step: String, attempt: Int, scheduledBy: EventID) {
        self.instance = instance
        self.step = step
        self.attempt = attempt
        self.scheduledBy = scheduledBy
    }

    init?(_ value: Value) {
        guard let instance = value["instance"]?.bytesValue.flatMap({ Identifier(bytes: $0) }),
            let step = value["step"]?.stringValue,
            let attempt = value["attempt"]?.intValue,
            let scheduledBy = value["scheduled_by"]?.bytesValue.flatMap({ Identifier(bytes: $0) })
        else { return nil }
        self.init(
            instance: instance,
            step: step,
            attempt: Int(attempt),
            scheduledBy: scheduledBy
        )
    }
}

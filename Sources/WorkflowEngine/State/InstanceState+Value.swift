public import EventModel

extension InstanceState {
    /// The whole state as a value, for snapshots and comparison; members that say nothing are left
    /// out.
    public var value: Value {
        var map: ValueMap = [
            "status": .string(status.rawValue), "event_count": .int(Int64(clamping: eventCount)),
        ]
        guard status != .absent || eventCount > 0 else { return .map(map) }
        map["workflow"] = .string(workflow)
        if let definition { map["definition"] = .string(definition.hexadecimal) }
        if let entity { map["entity"] = .string(entity) }
        map["input"] = input
        map["trigger"] = trigger
        if let startedAt { map["started_at"] = .timestamp(startedAt) }
        if let updatedAt { map["updated_at"] = .timestamp(updatedAt) }
        if let endedAt { map["ended_at"] = .timestamp(endedAt) }
        map["steps"] = .map(ValueMap(steps.map { ($0.key, $0.value.value) }))
        map["outputs"] = .map(outputs)
        map["variables"] = .map(variables)
        map["timers"] = .map(ValueMap(timers.map { ($0.key, $0.value.value) }))
        map["output"] = output
        if let outcome { map["outcome"] = .string(outcome) }
        if let failure { map["failure"] = failure.value }
        if let failedStep { map["failed_step"] = .string(failedStep) }
        addMore(to: &map)
        return .map(map)
    }

    /// The SHA-256 of the state's canonical form: equal states, and only those, have equal digests.
    public var digest: Digest { value.digest }

    /// Reads a state back from ``value``.
    ///
    /// - Throws: the member that is missing, unknown or of the wrong type.
    public init(value: Value) throws(EventDataError) {
        self.init()
        var reader = try FieldReader(value, type: "InstanceState")
        status = try reader.word("status", of: Status.self)
        eventCount = try reader.required("event_count", "a number from 0") { value in
            value.intValue.flatMap { UInt64(exactly: $0) }
        }
        guard status != .absent || eventCount > 0 else {
            try reader.finish()
            return
        }
        workflow = try reader.text("workflow")
        definition = try reader.optional("definition", "64 hexadecimal digits", FieldReader.digest)
        entity = try reader.optional("entity", "a text", \.stringValue)
        input = reader.value("input")
        trigger = reader.value("trigger")
        startedAt = try reader.optional("started_at", "a timestamp", \.timestampValue)
        updatedAt = try reader.optional("updated_at", "a timestamp", \.timestampValue)
        endedAt = try reader.optional("ended_at", "a timestamp", \.timestampValue)
        for (path, inner) in try reader.innerMembers("steps") {
            var inner = inner
            steps[path] = try StepState(&inner)
        }
        outputs = try reader.required("outputs", "a map", \.mapValue)
        variables = try reader.required("variables", "a map", \.mapValue)
        for (name, inner) in try reader.innerMembers("timers") {
            var inner = inner
            timers[name] = try TimerState(&inner)
        }
        output = reader.value("output")
        outcome = try reader.optional("outcome", "a text", \.stringValue)
        failure = try reader.optionalFailure("failure")
        failedStep = try reader.optional("failed_step", "a text", \.stringValue)
        try readMore(&reader)
        try reader.finish()
    }
}

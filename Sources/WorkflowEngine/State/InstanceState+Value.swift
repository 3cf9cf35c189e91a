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
        try reader.finish()
    }
}

extension StepState {
    fileprivate var value: Value {
        var map: ValueMap = ["phase": .string(phase.rawValue)]
        if attempt > 0 { map["attempt"] = .int(Int64(attempt)) }
        if attemptsBefore > 0 { map["attempts_before"] = .int(Int64(attemptsBefore)) }
        if let call { map["call"] = call.value }
        if let condition { map["condition"] = .bool(condition) }
        if let failure { map["failure"] = failure.value }
        if let cause { map["cause"] = .string(cause) }
        if !refused.isEmpty { map["refused"] = .list(refused.map { .int(Int64($0)) }) }
        return .map(map)
    }

    fileprivate init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(phase: try reader.word("phase", of: Phase.self))
        attempt = try reader.optional("attempt", "a number", FieldReader.count) ?? 0
        attemptsBefore = try reader.optional("attempts_before", "a number", FieldReader.count) ?? 0
        if var inner = try reader.inner("call") { call = try Call(&inner) }
        condition = try reader.optional("condition", "true or false", \.boolValue)
        failure = try reader.optionalFailure("failure")
        cause = try reader.optional("cause", "a text", \.stringValue)
        let attempts = try reader.optional("refused", "a list of numbers") { value -> [Int]? in
            guard let list = value.listValue else { return nil }
            let numbers = list.compactMap(FieldReader.count)
            return numbers.count == list.count ? numbers : nil
        }
        refused = attempts ?? []
        try reader.finish()
    }
}

extension StepState.Call {
    fileprivate var value: Value {
        var map: ValueMap = [
            "action": .string(action), "input": input, "idempotency_key": .string(idempotencyKey),
        ]
        if let deadline { map["deadline"] = .timestamp(deadline) }
        return .map(map)
    }

    fileprivate init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(
            action: try reader.text("action"),
            input: reader.value("input"),
            idempotencyKey: try reader.text("idempotency_key"),
            deadline: try reader.optional("deadline", "a timestamp", \.timestampValue)
        )
        try reader.finish()
    }
}

extension TimerState {
    fileprivate var value: Value {
        [
            "step": .string(step), "purpose": .string(purpose.rawValue), "due": .timestamp(due),
        ]
    }

    fileprivate init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(
            step: try reader.text("step"),
            purpose: try reader.word("purpose", of: InstanceEvent.TimerSet.Purpose.self),
            due: try reader.instant("due")
        )
        try reader.finish()
    }
}

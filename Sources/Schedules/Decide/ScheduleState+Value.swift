public import EventModel

extension ScheduleState {
    /// The state as views and JSON carry it.
    public var value: Value {
        var map: ValueMap = [
            "deployment": .uint(deployment.value), "removed": .bool(isRemoved),
            "paused": .bool(isPaused), "ticks": .int(Int64(tickCount)),
            "starts": .int(Int64(startCount)),
        ]
        if let workflow { map["workflow"] = .string(workflow) }
        if let definition { map["definition"] = definition.value }
        if let pauseReason { map["pause_reason"] = .string(pauseReason) }
        if let decidedThrough { map["decided_through"] = .timestamp(decidedThrough) }
        if !queue.isEmpty { map["queue"] = .list(queue.map { .timestamp($0.due) }) }
        if !active.isEmpty {
            map["active"] = .list(
                active.map {
                    [
                        "instance": .string($0.instance.text),
                        "position": .uint($0.position.value),
                    ]
                }
            )
        }
        if let last {
            var entry: ValueMap = [
                "due": .timestamp(last.due), "decision": .string(last.decision.rawValue),
                "reason": .string(last.reason),
            ]
            if let instance = last.instance { entry["instance"] = .string(instance.text) }
            map["last"] = .map(entry)
        }
        return .map(map)
    }

    /// Reads what ``value`` wrote.
    ///
    /// - Throws: ``ScheduleDataError``.
    public init(_ value: Value) throws(ScheduleDataError) {
        let reader = ScheduleReader(value)
        workflow = try reader.optional("workflow", \.stringValue)
        if let definition = value["definition"] {
            self.definition = try ScheduleDefinition(definition)
        }
        deployment = Position(UInt64(try reader.required("deployment", \.intValue)))
        isRemoved = try reader.required("removed", \.boolValue)
        isPaused = try reader.required("paused", \.boolValue)
        pauseReason = try reader.optional("pause_reason", \.stringValue)
        decidedThrough = try reader.optional("decided_through", \.timestampValue)
        tickCount = Int(try reader.required("ticks", \.intValue))
        startCount = Int(try reader.required("starts", \.intValue))
        for due in try reader.optional("queue", \.listValue) ?? [] {
            guard let due = due.timestampValue else {
                throw ScheduleDataError(member: "queue", message: "must hold instants")
            }
            queue.append(Queued(due: due))
        }
        for entry in try reader.optional("active", \.listValue) ?? [] {
            let reader = ScheduleReader(entry)
            let instance = try reader.required("instance") {
                $0.stringValue.flatMap { Identifier($0) }
            }
            let position = UInt64(try reader.required("position", \.intValue))
            active.append(Active(instance: instance, position: Position(position)))
        }
        if let entry = value["last"] { last = try Last(entry) }
    }
}

extension ScheduleState.Last {
    fileprivate init(_ value: Value) throws(ScheduleDataError) {
        let reader = ScheduleReader(value)
        due = try reader.required("due", \.timestampValue)
        decision = try reader.required("decision") {
            $0.stringValue.flatMap(ScheduleEvent.Decision.init(rawValue:))
        }
        reason = try reader.required("reason", \.stringValue)
        instance = try reader.optional("instance") { $0.stringValue.flatMap { Identifier($0) } }
    }
}

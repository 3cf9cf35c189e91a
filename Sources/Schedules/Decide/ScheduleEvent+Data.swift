public import EventModel

extension ScheduleEvent {
    /// The event's data, as `Schemas/events/` describes it.
    public var data: Value {
        switch self {
        case .created(let event), .changed(let event):
            return [
                "workflow": .string(event.workflow), "definition": event.definition.value,
                "deployment": .uint(event.deployment.value), "from": .timestamp(event.from),
            ]
        case .removed(let deployment): return ["deployment": .uint(deployment.value)]
        case .paused(let reason): return ["reason": .string(reason)]
        case .resumed: return .map(ValueMap())
        case .tickDecided(let event): return .map(event.data)
        case .tickReleased(let event):
            var map: ValueMap = ["due": .timestamp(event.due)]
            event.start.add(to: &map)
            return .map(map)
        case .triggered(let event):
            var map = ValueMap()
            event.start.add(to: &map)
            map.set("running", event.running)
            return .map(map)
        }
    }

    /// Reads an event back.
    ///
    /// - Throws: ``ScheduleDataError``, also for a type that is none of a schedule.
    public init(type: String, data: Value) throws(ScheduleDataError) {
        let reader = ScheduleReader(data)
        switch type {
        case "ScheduleCreated": self = .created(try Deployed(data))
        case "ScheduleChanged": self = .changed(try Deployed(data))
        case "ScheduleRemoved":
            self = .removed(deployment: try reader.required("deployment", Position.init(value:)))
        case "SchedulePaused": self = .paused(reason: try reader.required("reason", \.stringValue))
        case "ScheduleResumed": self = .resumed
        case "ScheduleTickDecided": self = .tickDecided(try TickDecided(data))
        case "ScheduleTickReleased":
            let due = try reader.required("due", \.timestampValue)
            self = .tickReleased(Released(due: due, start: try Start(data)))
        case "ScheduleTriggered":
            let running = try reader.instances("running")
            self = .triggered(Triggered(start: try Start(data), running: running))
        case _:
            throw ScheduleDataError(member: "type", message: "'\(type)' is none of a schedule")
        }
    }
}

extension ScheduleEvent.Deployed {
    fileprivate init(_ data: Value) throws(ScheduleDataError) {
        let reader = ScheduleReader(data)
        self.init(
            workflow: try reader.required("workflow", \.stringValue),
            definition: try ScheduleDefinition(data["definition"] ?? .null),
            deployment: try reader.required("deployment", Position.init(value:)),
            from: try reader.required("from", \.timestampValue)
        )
    }
}

extension ScheduleEvent.TickDecided {
    fileprivate var data: ValueMap {
        var map: ValueMap = [
            "due": .timestamp(due), "decision": .string(decision.rawValue),
            "reason": .string(reason),
        ]
        start?.add(to: &map)
        if let skippedReading { map["skipped_time"] = .string(skippedReading) }
        map.set("running", running)
        map.set("cancels", cancels)
        if isBackfill { map["backfill"] = true }
        return map
    }

    fileprivate init(_ data: Value) throws(ScheduleDataError) {
        let reader = ScheduleReader(data)
        due = try reader.required("due", \.timestampValue)
        decision = try reader.required("decision") {
            $0.stringValue.flatMap(ScheduleEvent.Decision.init(rawValue:))
        }
        reason = try reader.required("reason", \.stringValue)
        start = data["instance"] == nil ? nil : try ScheduleEvent.Start(data)
        skippedReading = try reader.optional("skipped_time", \.stringValue)
        running = try reader.instances("running")
        cancels = try reader.instances("cancels")
        isBackfill = try reader.optional("backfill", \.boolValue) ?? false
    }
}

extension ScheduleEvent.Start {
    fileprivate func add(to map: inout ValueMap) {
        map["instance"] = .string(instance.text)
        map["workflow"] = .string(workflow)
        map["deployment"] = .uint(deployment.value)
        if input != .map(ValueMap()) { map["input"] = input }
    }

    fileprivate init(_ data: Value) throws(ScheduleDataError) {
        let reader = ScheduleReader(data)
        instance = try reader.required("instance") { $0.stringValue.flatMap { Identifier($0) } }
        workflow = try reader.required("workflow", \.stringValue)
        deployment = try reader.required("deployment", Position.init(value:))
        input = data["input"] ?? .map(ValueMap())
    }
}

extension ValueMap {
    /// Sets a list of instances; an empty one is left out.
    mutating func set(_ key: String, _ instances: [EventID]) {
        guard !instances.isEmpty else { return }
        self[key] = .list(instances.map { .string($0.text) })
    }
}

extension ScheduleReader {
    func instances(_ key: String) throws(ScheduleDataError) -> [EventID] {
        let read: (Value) -> [EventID]? = { value in
            guard let list = value.listValue else { return nil }
            let instances = list.compactMap { $0.stringValue.flatMap { Identifier($0) } }
            return instances.count == list.count ? instances : nil
        }
        return try optional(key, read) ?? []
    }
}

extension Position {
    fileprivate init?(value: Value) {
        guard let number = value.intValue, number >= 0 else { return nil }
        self.init(UInt64(number))
    }
}

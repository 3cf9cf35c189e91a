public import EventModel

extension InstanceState {
    /// The members that only some instances have.
    func addMore(to map: inout ValueMap) {
        if !loops.isEmpty { map["loops"] = .map(ValueMap(loops.map { ($0.key, $0.value.value) })) }
        if !signals.isEmpty { map["signals"] = .list(signals.map(\.value)) }
        if !children.isEmpty {
            map["children"] = .map(ValueMap(children.map { ($0.key, $0.value.value) }))
        }
        if !compensations.isEmpty { map["compensations"] = .list(compensations.map(\.value)) }
        if let ending { map["ending"] = ending.value }
        if isSuspended { map["suspended"] = true }
        if !held.isEmpty { map["held"] = .list(held.map(Value.string)) }
        if attemptFloor > 0 { map["attempt_floor"] = .int(Int64(attemptFloor)) }
        if let admission { map["admission"] = admission.value }
    }

    mutating func readMore(_ reader: inout FieldReader) throws(EventDataError) {
        if reader.has("loops") {
            for (path, inner) in try reader.innerMembers("loops") {
                var inner = inner
                loops[path] = try LoopState(&inner)
            }
        }
        for inner in try reader.innerList("signals") {
            var inner = inner
            signals.append(try SignalState(&inner))
        }
        if reader.has("children") {
            for (child, inner) in try reader.innerMembers("children") {
                var inner = inner
                children[child] = try ChildState(&inner)
            }
        }
        for inner in try reader.innerList("compensations") {
            var inner = inner
            compensations.append(try CompensationState(&inner))
        }
        if var inner = try reader.inner("ending") { ending = try Ending(&inner) }
        isSuspended = try reader.optional("suspended", "true or false", \.boolValue) ?? false
        held = try reader.texts("held")
        attemptFloor = try reader.optional("attempt_floor", "a number", FieldReader.count) ?? 0
        if var inner = try reader.inner("admission") { admission = try AdmissionState(&inner) }
    }
}

extension LoopState {
    var value: Value {
        var map: ValueMap = ["next": .int(Int64(next))]
        if let items { map["items"] = .list(items) }
        if let total { map["total"] = .int(Int64(total)) }
        if !open.isEmpty {
            map["open"] = .map(ValueMap(open.map { (String($0.key), $0.value.value) }))
        }
        if !collected.isEmpty { map["collected"] = .list(collected) }
        if failedCount > 0 { map["failed_count"] = .int(Int64(failedCount)) }
        if !failures.isEmpty { map["failures"] = .list(failures) }
        return .map(map)
    }

    init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(
            items: try reader.optional("items", "a list", \.listValue),
            total: try reader.optional("total", "a number", FieldReader.count)
        )
        next = try reader.count("next")
        if reader.has("open") {
            for (number, inner) in try reader.innerMembers("open") {
                guard let round = Int(number) else { throw reader.fault("open", "is no number") }
                var inner = inner
                open[round] = try RoundState(&inner)
            }
        }
        collected = try reader.optional("collected", "a list", \.listValue) ?? []
        collectedBytes = collected.reduce(0) { $0 + $1.canonicalBytes.count }
        failedCount = try reader.optional("failed_count", "a number", FieldReader.count) ?? 0
        failures = try reader.optional("failures", "a list", \.listValue) ?? []
        try reader.finish()
    }
}

extension RoundState {
    var value: Value { ["item": item, "outputs": .map(outputs)] }

    init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(
            item: reader.value("item"),
            outputs: try reader.required("outputs", "a map", \.mapValue)
        )
        try reader.finish()
    }
}

extension AwaitedEvent {
    var value: Value {
        var map: ValueMap = ["kind": .string(kind.rawValue), "name": .string(name)]
        if !words.isEmpty { map["words"] = .list(words.map(Value.string)) }
        if !match.isEmpty { map["match"] = .map(match) }
        return .map(map)
    }

    init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(
            kind: try reader.word("kind", of: Kind.self),
            name: try reader.text("name"),
            words: try reader.texts("words"),
            match: try reader.optional("match", "a map", \.mapValue) ?? ValueMap()
        )
        try reader.finish()
    }
}

extension ApprovalState {
    var value: Value {
        var map: ValueMap = ["title": .string(title), "text": .string(text)]
        if !who.isEmpty { map["who"] = .list(who.map(Value.string)) }
        if let deadline { map["deadline"] = .timestamp(deadline) }
        if remindersSent > 0 { map["reminders_sent"] = .int(Int64(remindersSent)) }
        if let outcome { map["outcome"] = .string(outcome.rawValue) }
        if let comment { map["comment"] = .string(comment) }
        if let actor { map["actor"] = .string(actor) }
        if let decidedAt { map["decided_at"] = .timestamp(decidedAt) }
        return .map(map)
    }

    init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(
            title: try reader.text("title"),
            text: try reader.text("text"),
            who: try reader.texts("who"),
            deadline: try reader.optional("deadline", "a timestamp", \.timestampValue)
        )
        remindersSent = try reader.optional("reminders_sent", "a number", FieldReader.count) ?? 0
        outcome = try reader.optionalWord("outcome", of: Outcome.self)
        comment = try reader.optional("comment", "a text", \.stringValue)
        actor = try reader.optional("actor", "a text", \.stringValue)
        decidedAt = try reader.optional("decided_at", "a timestamp", \.timestampValue)
        try reader.finish()
    }
}

extension SignalState {
    var value: Value { ["name": .string(name), "data": data, "actor": .string(actor)] }

    init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(
            name: try reader.text("name"),
            data: reader.value("data"),
            actor: try reader.text("actor")
        )
        try reader.finish()
    }
}

extension ChildState {
    var value: Value {
        [
            "step": .string(step), "workflow": .string(workflow), "waits": .bool(waits),
            "when_parent_ends": .string(parentClose.rawValue),
        ]
    }

    init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(
            step: try reader.text("step"),
            workflow: try reader.text("workflow"),
            waits: try reader.truth("waits"),
            parentClose: try reader.word(
                "when_parent_ends",
                of: StepDefinition.ChildCall.ParentClose.self
            )
        )
        try reader.finish()
    }
}

extension CompensationState {
    var value: Value {
        var map: ValueMap = ["step": .string(step)]
        if !rounds.isEmpty {
            map["rounds"] = .map(ValueMap(rounds.map { ($0.key, $0.value.value) }))
        }
        if isRunning { map["running"] = true }
        return .map(map)
    }

    init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(step: try reader.text("step"))
        if reader.has("rounds") {
            for (path, inner) in try reader.innerMembers("rounds") {
                var inner = inner
                rounds[path] = try RoundState(&inner)
            }
        }
        isRunning = try reader.optional("running", "true or false", \.boolValue) ?? false
        try reader.finish()
    }
}

extension Ending {
    var value: Value {
        switch self {
        case .failed(let step, let failure):
            ["step": .string(step), "failure": failure.value]
        case .cancelled(let reason):
            ["reason": .string(reason)]
        }
    }

    init(_ reader: inout FieldReader) throws(EventDataError) {
        if let reason = try reader.optional("reason", "a text", \.stringValue) {
            self = .cancelled(reason: reason)
        } else {
            self = .failed(step: try reader.text("step"), try reader.failure("failure"))
        }
        try reader.finish()
    }
}

extension AdmissionState {
    /// The members as a map; what does not apply is left out.
    var value: Value {
        var map: ValueMap = ["priority": .int(Int64(priority))]
        if let concurrency {
            map["concurrency"] = [
                "key": .string(concurrency.key), "limit": .int(Int64(concurrency.limit)),
                "when_full": .string(concurrency.whenFull.rawValue),
            ]
        }
        if let rate {
            map["rate"] = [
                "key": .string(rate.key), "limit": .int(Int64(rate.limit)),
                "per": .duration(rate.per),
            ]
        }
        if let deduplication {
            map["deduplication"] = [
                "key": .string(deduplication.key), "window": .duration(deduplication.window),
            ]
        }
        if isAdmitted { map["admitted"] = true }
        return .map(map)
    }

    init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init()
        priority = try reader.required("priority", "a whole number") { value in
            value.intValue.flatMap { Int(exactly: $0) }
        }
        if var inner = try reader.inner("concurrency") {
            concurrency = Concurrency(
                key: try inner.text("key"),
                limit: try inner.count("limit"),
                whenFull: try inner.word("when_full", of: WhenFull.self)
            )
            try inner.finish()
        }
        if var inner = try reader.inner("rate") {
            rate = Rate(
                key: try inner.text("key"),
                limit: try inner.count("limit"),
                per: try inner.required("per", "a duration", \.durationValue)
            )
            try inner.finish()
        }
        if var inner = try reader.inner("deduplication") {
            deduplication = Deduplication(
                key: try inner.text("key"),
                window: try inner.required("window", "a duration", \.durationValue)
            )
            try inner.finish()
        }
        isAdmitted = try reader.optional("admitted", "true or false", \.boolValue) ?? false
        try reader.finish()
    }
}

extension AdmissionState {
    /// The whole as a value, for views.
    public var snapshot: Value { value }

    /// Reads ``snapshot`` back.
    ///
    /// - Throws: the member that is missing, unknown or of the wrong type.
    public init(snapshot: Value) throws(EventDataError) {
        var reader = try FieldReader(snapshot, type: "AdmissionState")
        try self.init(&reader)
    }
}

import EventModel

extension StepState {
    var value: Value {
        var map: ValueMap = ["phase": .string(phase.rawValue)]
        if attempt > 0 { map["attempt"] = .int(Int64(attempt)) }
        if attemptsBefore > 0 { map["attempts_before"] = .int(Int64(attemptsBefore)) }
        if let call { map["call"] = call.value }
        if let condition { map["condition"] = .bool(condition) }
        if let failure { map["failure"] = failure.value }
        if let cause { map["cause"] = .string(cause) }
        if !refused.isEmpty { map["refused"] = .list(refused.map { .int(Int64($0)) }) }
        if level > 0 { map["level"] = .int(Int64(level)) }
        if !failedBranches.isEmpty {
            map["failed_branches"] = .list(failedBranches.map(Value.string))
        }
        switch pending {
        case .event(let event)?: map["awaits"] = event.value
        case .approval(let approval)?: map["approval"] = approval.value
        case .child(let child)?: map["child"] = .string(child.text)
        case nil: break
        }
        if let heardAt { map["heard_at"] = .timestamp(heardAt) }
        return .map(map)
    }

    init(_ reader: inout FieldReader) throws(EventDataError) {
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
        level = try reader.optional("level", "a number", FieldReader.count) ?? 0
        failedBranches = try reader.texts("failed_branches")
        if var inner = try reader.inner("awaits") { pending = .event(try AwaitedEvent(&inner)) }
        if var inner = try reader.inner("approval") {
            pending = .approval(try ApprovalState(&inner))
        }
        if let child = try reader.optional("child", "an id", FieldReader.identifier) {
            pending = .child(child)
        }
        heardAt = try reader.optional("heard_at", "a timestamp", \.timestampValue)
        try reader.finish()
    }
}

extension StepState.Call {
    var value: Value {
        var map: ValueMap = [
            "action": .string(action), "input": input, "idempotency_key": .string(idempotencyKey),
        ]
        if let deadline { map["deadline"] = .timestamp(deadline) }
        return .map(map)
    }

    init(_ reader: inout FieldReader) throws(EventDataError) {
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
    var value: Value {
        [
            "step": .string(step), "purpose": .string(purpose.rawValue), "due": .timestamp(due),
        ]
    }

    init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(
            step: try reader.text("step"),
            purpose: try reader.word("purpose", of: InstanceEvent.TimerSet.Purpose.self),
            due: try reader.instant("due")
        )
        try reader.finish()
    }
}

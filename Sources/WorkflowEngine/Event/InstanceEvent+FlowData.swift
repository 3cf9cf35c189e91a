import EventModel

extension InstanceEvent.LoopStarted {
    var data: Value {
        let map: ValueMap = ["step": .string(step), "items": items]
        return .map(map)
    }

    init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(step: try reader.text("step"), items: reader.value("items"))
    }
}

extension InstanceEvent.LoopRound {
    var data: Value {
        let map: ValueMap = ["step": .string(step), "round": .int(Int64(round))]
        return .map(map)
    }

    init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(step: try reader.text("step"), round: try reader.count("round"))
    }
}

extension InstanceEvent.RoundEnded {
    var data: Value {
        var map: ValueMap = ["step": .string(step), "round": .int(Int64(round))]
        if !output.isNull { map["output"] = output }
        return .map(map)
    }

    init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(
            step: try reader.text("step"),
            round: try reader.count("round"),
            output: reader.value("output")
        )
    }
}

extension InstanceEvent.RoundFailed {
    var data: Value {
        let map: ValueMap = [
            "step": .string(step), "round": .int(Int64(round)), "cause": .string(cause),
            "failure": failure.value,
        ]
        return .map(map)
    }

    init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(
            step: try reader.text("step"),
            round: try reader.count("round"),
            cause: try reader.text("cause"),
            failure: try reader.failure("failure")
        )
    }
}

extension InstanceEvent.BranchFailed {
    var data: Value {
        let map: ValueMap = [
            "step": .string(step), "branch": .string(branch), "cause": .string(cause),
            "failure": failure.value,
        ]
        return .map(map)
    }

    init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(
            step: try reader.text("step"),
            branch: try reader.text("branch"),
            cause: try reader.text("cause"),
            failure: try reader.failure("failure")
        )
    }
}

extension InstanceEvent.StepsAbandoned {
    var data: Value {
        let map: ValueMap = ["step": .string(step), "reason": .string(reason)]
        return .map(map)
    }

    init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(step: try reader.text("step"), reason: try reader.text("reason"))
    }
}

extension InstanceEvent.EventAwaited {
    var data: Value {
        var map = awaited.value.mapValue ?? ValueMap()
        map["step"] = .string(step)
        return .map(map)
    }

    init(_ reader: inout FieldReader) throws(EventDataError) {
        let step = try reader.text("step")
        let awaited = try AwaitedEvent(&reader)
        self.init(step: step, awaited: awaited)
    }
}

extension InstanceEvent.ApprovalRequested {
    var data: Value {
        var map: ValueMap = ["step": .string(step), "title": .string(title), "text": .string(text)]
        if !who.isEmpty { map["who"] = .list(who.map(Value.string)) }
        if let deadline { map["deadline"] = .timestamp(deadline) }
        return .map(map)
    }

    init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(
            step: try reader.text("step"),
            title: try reader.text("title"),
            text: try reader.text("text"),
            who: try reader.texts("who"),
            deadline: try reader.optional("deadline", "a timestamp", \.timestampValue)
        )
    }
}

extension InstanceEvent.ApprovalReminded {
    var data: Value {
        let map: ValueMap = ["step": .string(step), "number": .int(Int64(number))]
        return .map(map)
    }

    init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(step: try reader.text("step"), number: try reader.count("number"))
    }
}

extension InstanceEvent.ApprovalDecided {
    var data: Value {
        var map: ValueMap = [
            "step": .string(step), "outcome": .string(outcome.rawValue), "actor": .string(actor),
        ]
        if let comment { map["comment"] = .string(comment) }
        return .map(map)
    }

    init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(
            step: try reader.text("step"),
            outcome: try reader.word("outcome", of: ApprovalState.Outcome.self),
            comment: try reader.optional("comment", "a text", \.stringValue),
            actor: try reader.text("actor")
        )
    }
}

extension InstanceEvent.SignalReceived {
    var data: Value {
        var map: ValueMap = ["name": .string(name), "data": payload, "actor": .string(actor)]
        if let step { map["step"] = .string(step) }
        return .map(map)
    }

    init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(
            name: try reader.text("name"),
            payload: reader.value("data"),
            actor: try reader.text("actor"),
            step: try reader.optional("step", "a text", \.stringValue)
        )
    }
}

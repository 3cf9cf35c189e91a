import EventModel

extension InstanceEvent.SignalTaken {
    var data: Value {
        let map: ValueMap = ["step": .string(step), "index": .int(Int64(index))]
        return .map(map)
    }

    init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(step: try reader.text("step"), index: try reader.count("index"))
    }
}

extension InstanceEvent.ChildRequested {
    var data: Value {
        let map: ValueMap = [
            "step": .string(step), "attempt": .int(Int64(attempt)), "child": .string(child.text),
            "workflow": .string(workflow), "input": input, "waits": .bool(waits),
            "when_parent_ends": .string(parentClose.rawValue),
        ]
        return .map(map)
    }

    init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(
            step: try reader.text("step"),
            attempt: try reader.count("attempt"),
            child: try reader.required("child", "an id", FieldReader.identifier),
            workflow: try reader.text("workflow"),
            input: reader.value("input"),
            waits: try reader.truth("waits"),
            parentClose: try reader.word(
                "when_parent_ends",
                of: StepDefinition.ChildCall.ParentClose.self
            )
        )
    }
}

extension InstanceEvent.ChildEnded {
    var data: Value {
        var map: ValueMap = [
            "step": .string(step), "child": .string(child.text),
            "status": .string(status.rawValue),
        ]
        if let outcome { map["outcome"] = .string(outcome) }
        if !output.isNull { map["output"] = output }
        if let failure { map["failure"] = failure.value }
        return .map(map)
    }

    init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(
            step: try reader.text("step"),
            child: try reader.required("child", "an id", FieldReader.identifier),
            status: try reader.word("status", of: InstanceEvent.ChildEnd.self),
            outcome: try reader.optional("outcome", "a text", \.stringValue),
            output: reader.value("output"),
            failure: try reader.optionalFailure("failure")
        )
    }
}

extension InstanceEvent.ChildCloseRequested {
    var data: Value {
        let map: ValueMap = [
            "step": .string(step), "child": .string(child.text), "how": .string(how.rawValue),
        ]
        return .map(map)
    }

    init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(
            step: try reader.text("step"),
            child: try reader.required("child", "an id", FieldReader.identifier),
            how: try reader.word("how", of: StepDefinition.ChildCall.ParentClose.self)
        )
    }
}

extension InstanceEvent.StepHeard {
    var data: Value {
        var map: ValueMap = ["step": .string(step), "attempt": .int(Int64(attempt))]
        if !details.isNull { map["details"] = details }
        return .map(map)
    }

    init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(
            step: try reader.text("step"),
            attempt: try reader.count("attempt"),
            details: reader.value("details")
        )
    }
}

extension InstanceEvent.CompensationStarted {
    var data: Value {
        var map = ValueMap()
        if let step { map["step"] = .string(step) }
        if let failure { map["failure"] = failure.value }
        if let reason { map["reason"] = .string(reason) }
        return .map(map)
    }

    init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(
            step: try reader.optional("step", "a text", \.stringValue),
            failure: try reader.optionalFailure("failure"),
            reason: try reader.optional("reason", "a text", \.stringValue)
        )
    }
}

extension InstanceEvent.CompensationStep {
    var data: Value {
        let map: ValueMap = ["step": .string(step)]
        return .map(map)
    }

    init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(step: try reader.text("step"))
    }
}

extension InstanceEvent.InstanceQueued {
    var data: Value {
        let map = admission.value.mapValue ?? ValueMap()
        return .map(map)
    }

    init(_ reader: inout FieldReader) throws(EventDataError) {
        let admission = try AdmissionState(&reader)
        self.init(admission: admission)
    }
}

extension InstanceEvent.InstanceAdmitted {
    var data: Value {
        let map = ValueMap()
        return .map(map)
    }

    init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init()
    }
}

extension InstanceEvent.InstanceReset {
    var data: Value {
        let map: ValueMap = ["to": .int(Int64(count)), "reason": .string(reason), "state": state]
        return .map(map)
    }

    init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(
            count: try reader.count("to"),
            reason: try reader.text("reason"),
            state: reader.value("state")
        )
    }
}

extension InstanceEvent.InstanceMigrated {
    var data: Value {
        let map: ValueMap = [
            "definition": .string(definition.hexadecimal),
            "previous": .string(previous.hexadecimal), "reason": .string(reason),
        ]
        return .map(map)
    }

    init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(
            definition: try reader.digest("definition"),
            previous: try reader.digest("previous"),
            reason: try reader.text("reason")
        )
    }
}

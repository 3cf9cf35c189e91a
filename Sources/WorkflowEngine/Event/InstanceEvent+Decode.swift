public import EventModel

extension InstanceEvent {
    /// Reads an event back.
    ///
    /// - Parameters:
    ///   - type: its type.
    ///   - data: its data, of schema version 1.
    /// - Throws: the type that is unknown, or the member that is missing, unknown or of the wrong
    ///   type.
    public init(type: String, data: Value) throws(EventDataError) {
        guard let kind = Kind(rawValue: type) else {
            throw EventDataError(type: type, field: "", message: "is no event of an instance")
        }
        var reader = try FieldReader(data, type: type)
        switch kind {
        case .instanceStarted: self = .instanceStarted(try InstanceStarted(&reader))
        case .conditionEvaluated: self = .conditionEvaluated(try ConditionEvaluated(&reader))
        case .stepScheduled: self = .stepScheduled(try StepScheduled(&reader))
        case .stepStarted: self = .stepStarted(try StepAttempt(&reader))
        case .stepCompleted: self = .stepCompleted(try StepCompleted(&reader))
        case .stepFailed: self = .stepFailed(try StepFailed(&reader))
        case .stepSkipped: self = .stepSkipped(try StepSkipped(&reader))
        case .fallbackEntered: self = .fallbackEntered(try FallbackEntered(&reader))
        case .timerSet: self = .timerSet(try TimerSet(&reader))
        case .timerFired: self = .timerFired(try TimerEnded(&reader))
        case .timerCancelled: self = .timerCancelled(try TimerEnded(&reader))
        case .instanceCompleted:
            self = .instanceCompleted(
                InstanceCompleted(
                    output: reader.value("output"),
                    outcome: try reader.text("outcome")
                )
            )
        case .instanceFailed: self = .instanceFailed(try InstanceFailed(&reader))
        case .instancePaused: self = .instancePaused(try InstanceFailed(&reader))
        case .instanceResumed:
            self = .instanceResumed(InstanceResumed(step: try reader.text("step")))
        case .instanceCancelled:
            self = .instanceCancelled(InstanceCancelled(reason: try reader.text("reason")))
        case .resultRefused: self = .resultRefused(try ResultRefused(&reader))
        case .loopStarted: self = .loopStarted(try LoopStarted(&reader))
        case .roundStarted: self = .roundStarted(try LoopRound(&reader))
        case .roundEnded: self = .roundEnded(try RoundEnded(&reader))
        case .roundFailed: self = .roundFailed(try RoundFailed(&reader))
        case .branchFailed: self = .branchFailed(try BranchFailed(&reader))
        case .stepsAbandoned: self = .stepsAbandoned(try StepsAbandoned(&reader))
        case .eventAwaited: self = .eventAwaited(try EventAwaited(&reader))
        case .approvalRequested: self = .approvalRequested(try ApprovalRequested(&reader))
        case .approvalReminded: self = .approvalReminded(try ApprovalReminded(&reader))
        case .approvalDecided: self = .approvalDecided(try ApprovalDecided(&reader))
        case .signalReceived: self = .signalReceived(try SignalReceived(&reader))
        case .signalTaken: self = .signalTaken(try SignalTaken(&reader))
        case .childRequested: self = .childRequested(try ChildRequested(&reader))
        case .childEnded: self = .childEnded(try ChildEnded(&reader))
        case .childCloseRequested: self = .childCloseRequested(try ChildCloseRequested(&reader))
        case .stepHeard: self = .stepHeard(try StepHeard(&reader))
        case .compensationStarted: self = .compensationStarted(try CompensationStarted(&reader))
        case .compensationEntered: self = .compensationEntered(try CompensationStep(&reader))
        case .stepCompensated: self = .stepCompensated(try CompensationStep(&reader))
        case .instanceQueued: self = .instanceQueued(try InstanceQueued(&reader))
        case .instanceAdmitted: self = .instanceAdmitted(try InstanceAdmitted(&reader))
        case .instanceSuspended:
            self = .instanceSuspended(InstanceCancelled(reason: try reader.text("reason")))
        case .instanceContinued: self = .instanceContinued(try InstanceAdmitted(&reader))
        case .instanceTerminated:
            self = .instanceTerminated(InstanceCancelled(reason: try reader.text("reason")))
        case .instanceReset: self = .instanceReset(try InstanceReset(&reader))
        case .instanceMigrated: self = .instanceMigrated(try InstanceMigrated(&reader))
        }
        try reader.finish()
    }
}

extension InstanceEvent.InstanceStarted {
    fileprivate init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(
            workflow: try reader.text("workflow"),
            definition: try reader.digest("definition"),
            entity: try reader.optional("entity", "a text", \.stringValue),
            input: reader.value("input"),
            trigger: reader.value("trigger")
        )
    }
}

extension InstanceEvent.ConditionEvaluated {
    fileprivate init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(
            step: try reader.text("step"),
            expression: try reader.text("expression"),
            result: try reader.truth("result")
        )
    }
}

extension InstanceEvent.StepScheduled {
    fileprivate init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(
            step: try reader.text("step"),
            attempt: try reader.count("attempt"),
            action: try reader.text("action"),
            input: reader.value("input"),
            idempotencyKey: try reader.text("idempotency_key"),
            deadline: try reader.optional("deadline", "a timestamp", \.timestampValue)
        )
    }
}

extension InstanceEvent.StepAttempt {
    fileprivate init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(step: try reader.text("step"), attempt: try reader.count("attempt"))
    }
}

extension InstanceEvent.StepCompleted {
    fileprivate init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(
            step: try reader.text("step"),
            attempt: try reader.count("attempt"),
            output: reader.value("output"),
            isCompensable: try reader.optional("compensable", "true or false", \.boolValue) ?? false
        )
    }
}

extension InstanceEvent.StepSkipped {
    fileprivate init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(step: try reader.text("step"), reason: try reader.text("reason"))
    }
}

extension InstanceEvent.FallbackEntered {
    fileprivate init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(
            step: try reader.text("step"),
            cause: try reader.text("cause"),
            level: try reader.optional("level", "a number", FieldReader.count)
        )
    }
}

extension InstanceEvent.StepFailed {
    fileprivate init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(
            step: try reader.text("step"),
            attempt: try reader.count("attempt"),
            failure: try reader.failure("failure"),
            willRetry: try reader.truth("will_retry")
        )
    }
}

extension InstanceEvent.TimerSet {
    fileprivate init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(
            timer: try reader.text("timer"),
            step: try reader.text("step"),
            purpose: try reader.word("purpose", of: Purpose.self),
            due: try reader.instant("due")
        )
    }
}

extension InstanceEvent.TimerEnded {
    fileprivate init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(timer: try reader.text("timer"), step: try reader.text("step"))
    }
}

extension InstanceEvent.InstanceFailed {
    fileprivate init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(step: try reader.text("step"), failure: try reader.failure("failure"))
    }
}

extension InstanceEvent.ResultRefused {
    fileprivate init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(
            step: try reader.text("step"),
            attempt: try reader.count("attempt"),
            reason: try reader.text("reason")
        )
    }
}

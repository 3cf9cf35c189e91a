public import EventModel

extension InstanceEvent {
    /// The names of the event types, one for each case.
    enum Kind: String, CaseIterable {
        case instanceStarted = "InstanceStarted"
        case conditionEvaluated = "ConditionEvaluated"
        case stepScheduled = "StepScheduled"
        case stepStarted = "StepStarted"
        case stepCompleted = "StepCompleted"
        case stepFailed = "StepFailed"
        case stepSkipped = "StepSkipped"
        case fallbackEntered = "FallbackEntered"
        case timerSet = "TimerSet"
        case timerFired = "TimerFired"
        case timerCancelled = "TimerCancelled"
        case instanceCompleted = "InstanceCompleted"
        case instanceFailed = "InstanceFailed"
        case instancePaused = "InstancePaused"
        case instanceResumed = "InstanceResumed"
        case instanceCancelled = "InstanceCancelled"
        case resultRefused = "ResultRefused"
        case loopStarted = "LoopStarted"
        case roundStarted = "RoundStarted"
        case roundEnded = "RoundEnded"
        case roundFailed = "RoundFailed"
        case branchFailed = "BranchFailed"
        case stepsAbandoned = "StepsAbandoned"
        case eventAwaited = "EventAwaited"
        case approvalRequested = "ApprovalRequested"
        case approvalReminded = "ApprovalReminded"
        case approvalDecided = "ApprovalDecided"
        case signalReceived = "SignalReceived"
        case signalTaken = "SignalTaken"
        case childRequested = "ChildRequested"
        case childEnded = "ChildEnded"
        case childCloseRequested = "ChildCloseRequested"
        case stepHeard = "StepHeard"
        case compensationStarted = "CompensationStarted"
        case compensationEntered = "CompensationEntered"
        case stepCompensated = "StepCompensated"
        case instanceQueued = "InstanceQueued"
        case instanceAdmitted = "InstanceAdmitted"
        case instanceSuspended = "InstanceSuspended"
        case instanceContinued = "InstanceContinued"
        case instanceTerminated = "InstanceTerminated"
        case instanceReset = "InstanceReset"
        case instanceMigrated = "InstanceMigrated"
    }

    /// The event type, as it stands in the log and in `Schemas/events/`.
    public var type: String { kind.rawValue }

    /// Every event type of an instance's stream, for comparison with the catalogue.
    public static var eventTypes: [EventTypeDeclaration] {
        Kind.allCases.map { EventTypeDeclaration(type: $0.rawValue, category: "instance") }
    }

    private var kind: Kind {
        switch self {
        case .instanceStarted: .instanceStarted
        case .conditionEvaluated: .conditionEvaluated
        case .stepScheduled: .stepScheduled
        case .stepStarted: .stepStarted
        case .stepCompleted: .stepCompleted
        case .stepFailed: .stepFailed
        case .stepSkipped: .stepSkipped
        case .fallbackEntered: .fallbackEntered
        case .timerSet: .timerSet
        case .timerFired: .timerFired
        case .timerCancelled: .timerCancelled
        case .instanceCompleted: .instanceCompleted
        case .instanceFailed: .instanceFailed
        case .instancePaused: .instancePaused
        case .instanceResumed: .instanceResumed
        case .instanceCancelled: .instanceCancelled
        case .resultRefused: .resultRefused
        case .loopStarted: .loopStarted
        case .roundStarted: .roundStarted
        case .roundEnded: .roundEnded
        case .roundFailed: .roundFailed
        case .branchFailed: .branchFailed
        case .stepsAbandoned: .stepsAbandoned
        case .eventAwaited: .eventAwaited
        case .approvalRequested: .approvalRequested
        case .approvalReminded: .approvalReminded
        case .approvalDecided: .approvalDecided
        case .signalReceived: .signalReceived
        case .signalTaken: .signalTaken
        case .childRequested: .childRequested
        case .childEnded: .childEnded
        case .childCloseRequested: .childCloseRequested
        case .stepHeard: .stepHeard
        case .compensationStarted: .compensationStarted
        case .compensationEntered: .compensationEntered
        case .stepCompensated: .stepCompensated
        case .instanceQueued: .instanceQueued
        case .instanceAdmitted: .instanceAdmitted
        case .instanceSuspended: .instanceSuspended
        case .instanceContinued: .instanceContinued
        case .instanceTerminated: .instanceTerminated
        case .instanceReset: .instanceReset
        case .instanceMigrated: .instanceMigrated
        }
    }
}

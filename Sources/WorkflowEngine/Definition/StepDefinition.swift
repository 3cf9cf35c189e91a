public import CEL
public import Documents
import EventModel

/// One step of a workflow, as its author wrote it.
public struct StepDefinition: Sendable {
    /// Unique in the workflow, also among branches.
    public var name: String
    /// The names of the steps around it and its own, joined by dots; what events call it.
    public var path: String
    public var description: String
    /// The step is skipped if this is false; nil for steps that always run.
    public var condition: Condition?
    public var body: Body
    public var retry: RetryPolicy
    /// How long one attempt, or all that is inside the step, may take.
    public var timeout: Duration?
    public var onFailure: FailureHandler?
    public var place: Place

    /// What a step does.
    public enum Body: Sendable {
        case action(ActionCall)
        /// Puts values into `vars`; always a map.
        case set(ValueTemplate)
        case wait(WaitRule)
        case choice(Choice)
        case parallel([Branch])
        case stop(outcome: ValueTemplate?, output: ValueTemplate?)
        case fail(code: String, message: ValueTemplate)
    }

    /// An expression that must be true or false, with its place.
    public struct Condition: Sendable {
        public var expression: Expression
        public var place: Place
    }

    /// A call of an action.
    public struct ActionCall: Sendable {
        public var name: String
        public var input: ValueTemplate
    }

    /// How long a `wait` waits.
    public enum WaitRule: Sendable {
        case duration(ValueTemplate)
        case until(ValueTemplate)
    }

    /// An `if` with its two ways.
    public struct Choice: Sendable {
        public var condition: Condition
        public var then: [StepDefinition]
        public var otherwise: [StepDefinition]
    }

    /// One of several sequences that run side by side.
    public struct Branch: Sendable {
        public var name: String
        public var path: String
        public var steps: [StepDefinition]
    }

    /// What happens when a step has failed for good.
    public struct FailureHandler: Sendable {
        /// What comes after the steps of an `on_failure`.
        public enum Sequel: String, Sendable, CaseIterable {
            /// The workflow goes on behind the failed step.
            case proceed = "continue"
            /// The failure goes on to the step around this one, or ends the instance.
            case fail
        }

        /// The failures that it is for; empty if all are.
        public var codes: [String]
        public var steps: [StepDefinition]
        public var sequel: Sequel

        /// Whether it is for a failure of this code.
        public func handles(_ code: String) -> Bool { codes.isEmpty || codes.contains(code) }
    }

    /// The word that says what the step does: `action`, `set`, `wait`, `if`, `parallel`, `stop`,
    /// `fail`.
    public var kind: String {
        switch body {
        case .action: "action"
        case .set: "set"
        case .wait: "wait"
        case .choice: "if"
        case .parallel: "parallel"
        case .stop: "stop"
        case .fail: "fail"
        }
    }

    /// The steps directly inside, in the order of the document, those of `on_failure` last.
    public var children: [StepDefinition] {
        let inner: [StepDefinition] =
            switch body {
            case .choice(let choice): choice.then + choice.otherwise
            case .parallel(let branches): branches.flatMap(\.steps)
            case .action, .set, .wait, .stop, .fail: []
            }
        return inner + (onFailure?.steps ?? [])
    }
}

public import EventModel

/// Something outside that a step waits for.
public struct AwaitedEvent: Sendable, Hashable {
    /// Where it comes from.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case event, record, webhook, signal
    }

    public var kind: Kind
    /// The event's type, the record's database, the webhook's source or the signal's name.
    public var name: String
    /// The words that narrow it: the changes of a record, the event of a webhook; empty for all.
    public var words: [String]
    /// By dotted path: the members that its data must have, with their values.
    public var match: ValueMap

    public init(kind: Kind, name: String, words: [String] = [], match: ValueMap = ValueMap()) {
        self.kind = kind
        self.name = name
        self.words = words
        self.match = match
    }

    /// Whether something that came may be what is waited for; the step's own condition may still
    /// say no.
    ///
    /// - Parameters:
    ///   - word: what happened to the record, or the webhook's event; nil for other kinds.
    ///   - data: the event's data, the record's fields, the payload or the signal's data.
    public func fits(word: String?, data: Value) -> Bool {
        if !words.isEmpty {
            guard let word, words.contains(word) else { return false }
        }
        return match.entries.allSatisfy { entry in
            guard case .string(let path) = entry.key else { return false }
            var found: Value? = data
            for part in path.split(separator: ".") { found = found?[String(part)] }
            return found == entry.value
        }
    }
}

/// A question to people that is open, or was answered and is being dealt with.
public struct ApprovalState: Sendable, Hashable {
    /// What people can answer.
    public enum Outcome: String, Sendable, Hashable, CaseIterable {
        case approved, rejected
    }

    public var title: String
    public var text: String
    /// Who may answer; empty for anybody.
    public var who: [String]
    public var deadline: Timestamp?
    /// How many reminders were due.
    public var remindersSent: Int
    public var outcome: Outcome?
    public var comment: String?
    /// Who answered.
    public var actor: String?
    public var decidedAt: Timestamp?

    public init(title: String, text: String, who: [String], deadline: Timestamp?) {
        self.title = title
        self.text = text
        self.who = who
        self.deadline = deadline
        remindersSent = 0
    }

    /// Whether somebody may answer: named people only where people are named, else anybody.
    public func accepts(_ actor: String) -> Bool {
        let people = who.filter { $0.hasPrefix("user:") || $0.hasPrefix("agent:") }
        return people.isEmpty || people.contains(actor)
    }
}

/// A signal that came before anybody waited for it.
public struct SignalState: Sendable, Hashable {
    public var name: String
    public var data: Value
    public var actor: String

    public init(name: String, data: Value, actor: String) {
        self.name = name
        self.data = data
        self.actor = actor
    }
}

/// An instance that this one has started.
public struct ChildState: Sendable, Hashable {
    public var step: String
    public var workflow: String
    public var waits: Bool
    public var parentClose: StepDefinition.ChildCall.ParentClose

    public init(
        step: String,
        workflow: String,
        waits: Bool,
        parentClose: StepDefinition.ChildCall.ParentClose
    ) {
        self.step = step
        self.workflow = workflow
        self.waits = waits
        self.parentClose = parentClose
    }
}

/// A step that has completed and can be undone.
public struct CompensationState: Sendable, Hashable {
    public var step: String
    /// By the path of the round: what the step's rounds knew, once they are over.
    public var rounds: [String: RoundState]
    /// Whether it is being undone now.
    public var isRunning: Bool

    public init(step: String, rounds: [String: RoundState] = [:], isRunning: Bool = false) {
        self.step = step
        self.rounds = rounds
        self.isRunning = isRunning
    }
}

/// Why an instance ends after what it did is undone.
public enum Ending: Sendable, Hashable {
    case failed(step: String, ActionFailure)
    case cancelled(reason: String)
}

import CEL
import Documents

extension StepDefinition {
    /// How long, or for what, a `wait` waits.
    public enum WaitRule: Sendable {
        case duration(ValueTemplate)
        case until(ValueTemplate)
        case event(EventWait)
    }

    /// A wait for something that happens elsewhere.
    public struct EventWait: Sendable {
        /// What is waited for.
        public enum Source: Sendable, Hashable {
            /// An event of the log of this type.
            case event(String)
            /// A change of a record of this database.
            case record(String, [RecordTrigger.Change])
            /// A webhook of this source, and of this event if one is named.
            case webhook(String, event: String?)
            /// A signal of this name, sent to the instance itself.
            case signal(String)
        }

        public var source: Source
        /// Members that the data must have, by their dotted path, with the values they must have;
        /// resolved when the wait begins.
        public var match: [ValueTemplate.Member]
        /// Looked at whenever something of the source comes; nil if anything does.
        public var condition: Condition?
        /// A length of time; nil waits for ever.
        public var timeout: ValueTemplate?
        /// What is done instead if nothing comes; empty if the step then fails.
        public var onTimeout: [StepDefinition]
    }

    /// One of several sequences that run side by side.
    public struct Branch: Sendable {
        public var name: String
        public var path: String
        public var steps: [StepDefinition]
    }

    /// Several sequences side by side.
    public struct Parallel: Sendable {
        public var branches: [Branch]
        /// How many branches must complete; nil for all.
        public var join: Int?
        /// Whether the step fails as soon as too few branches can complete.
        public var failsFast: Bool

        /// How many branches must complete.
        public var needed: Int { join ?? branches.count }
        /// Whether the failure of a branch stays its own affair as long as enough others are left.
        public var keepsFailures: Bool { join != nil || !failsFast }
    }

    /// The same steps for each of several items.
    public struct Loop: Sendable {
        /// A list, a map or a number of rounds; nil if only the condition counts.
        public var items: ValueTemplate?
        /// Looked at before each round; nil if there is one for every item.
        public var condition: Condition?
        /// What expressions inside call the item.
        public var variable: String
        /// The most rounds; items beyond are left out, a condition that still holds is a failure.
        public var limit: Int
        /// How many rounds run side by side.
        public var concurrency: Int
        /// What each round adds to the loop's output; nil if that is null.
        public var collect: ValueTemplate?
        /// Whether the first round that fails ends the loop; otherwise it fails after the last.
        public var failsFast: Bool
        public var steps: [StepDefinition]
    }

    /// A person's yes or no.
    public struct Approval: Sendable {
        public var title: ValueTemplate
        public var text: ValueTemplate?
        /// Who may answer: `user:ana`, a role, a mail address; nil for anybody.
        public var who: ValueTemplate?
        /// A length of time or an instant; nil waits for ever.
        public var deadline: ValueTemplate?
        /// How long after the request people are reminded, ascending.
        public var reminders: [Duration]
        /// What is done when the answer is no, before the workflow goes on.
        public var onRejected: [StepDefinition]
        /// What is done instead if no answer comes; empty if the step then fails.
        public var onTimeout: [StepDefinition]
    }

    /// An instance of another workflow.
    public struct ChildCall: Sendable {
        /// What becomes of the child when its parent ends first.
        public enum ParentClose: String, Sendable, Hashable, CaseIterable {
            case cancel, terminate, abandon
        }

        public var workflow: String
        public var input: ValueTemplate
        /// Whether the step waits for the child's end.
        public var waits: Bool
        public var parentClose: ParentClose
    }

    /// What happens when a step has failed for good.
    public struct FailureHandler: Sendable {
        /// What comes after the steps of an `on_failure`.
        public enum Sequel: String, Sendable, CaseIterable {
            /// The workflow goes on behind the failed step.
            case proceed = "continue"
            /// The failure goes on to the next level, then to the step around this one, or ends the
            /// instance.
            case fail
        }

        /// One way of dealing with a failure; the next one is taken if this fails too.
        public struct Level: Sendable {
            /// What kind of help it is, in the order in which they are tried.
            public enum Kind: String, Sendable, Hashable, CaseIterable {
                case alternative, simplified, human, steps, degrade
            }

            public var kind: Kind
            public var steps: [StepDefinition]
            /// What the failed step gives instead; nil for the output of the level's last step, or
            /// null for a level of kind `steps`.
            public var output: ValueTemplate?
            public var sequel: Sequel
        }

        /// The failures that it is for; empty if all are.
        public var codes: [String]
        public var levels: [Level]

        /// Whether it is for a failure of this code.
        public func handles(_ code: String) -> Bool { codes.isEmpty || codes.contains(code) }
    }
}

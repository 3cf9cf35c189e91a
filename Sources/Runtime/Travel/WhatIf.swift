public import EventLog
public import EventModel
public import WorkflowEngine

/// A recorded instance, imagined with another workflow or another input.
///
/// The recorded results stand in for the world; nothing is appended, and nothing is called.
public struct WhatIf: Sendable {
    /// How an instance ends, or where it stands.
    public struct Outcome: Sendable, Hashable {
        public var status: InstanceState.Status
        /// `completed`, or the word that the workflow ended with.
        public var word: String?
        public var output: Value
        public var failure: ActionFailure?
        public var failedStep: String?

        init(_ state: InstanceState) {
            status = state.status
            word = state.outcome
            output = state.output
            failure = state.failure
            failedStep = state.failedStep
        }
    }

    public var instance: EventID
    /// The version that the instance keeps to.
    public var recordedDefinition: Digest?
    /// What was imagined.
    public var definition: WorkflowDefinition
    public var recorded: Outcome
    public var imagined: Outcome
    public var run: Reimagining
    /// The first event that is another one; nil if the imagined instance does the same.
    public var difference: HistoryDifference?
    /// Whether the instance has not ended yet and the imagined one came as far as the record, to
    /// where nobody knows yet how the world goes on.
    public var goesBeyondRecord: Bool

    /// Imagines an instance.
    ///
    /// - Parameters:
    ///   - instance: which one.
    ///   - definition: another workflow; nil for the one that it keeps to.
    ///   - store: the log.
    ///   - change: makes the imagined input of the recorded one.
    /// - Throws: ``TravelError``: `unknown`, `refused` if the input does not fit the workflow,
    ///   `unreadable` or `log`.
    public init(
        _ instance: EventID,
        definition: WorkflowDefinition?,
        store: any EventStore,
        change: (Value) throws(TravelError) -> Value = { input throws(TravelError) in input }
    ) throws(TravelError) {
        let record = try Record(of: instance, store: store)
        let candidate: WorkflowDefinition
        if let definition {
            candidate = definition
        } else {
            candidate = try record.definition(store)
        }
        let input = try change(record.state.input)
        let problems = candidate.inputProblems(input)
        guard problems.isEmpty else {
            throw TravelError(
                .refused,
                "'\(candidate.name)' does not start with that input: "
                    + problems.joined(separator: "; ")
            )
        }
        var world = RecordedWorld()
        world.add(record.history)
        try self.init(record, candidate, input, in: world)
    }

    init(
        _ record: Record,
        _ definition: WorkflowDefinition,
        _ input: Value,
        in world: RecordedWorld
    ) throws(TravelError) {
        instance = record.instance
        recordedDefinition = record.state.definition
        self.definition = definition
        recorded = Outcome(record.state)
        let start = Reimagining.Start(
            instance: record.instance,
            input: input,
            trigger: record.state.trigger,
            at: record.begin
        )
        do throws(Rejection) {
            run = try Reimagining(definition, from: start, in: world, recordEnd: record.end)
        } catch {
            throw TravelError(.refused, "'\(definition.name)' does not start: \(error.message)")
        }
        imagined = Outcome(run.state)
        let isOpen = !record.state.status.isEnded
        let isBeyond = run.unanswered.map { $0.call.at > record.end } ?? !run.isEnded
        goesBeyondRecord = isOpen && isBeyond
        difference = HistoryDifference.first(
            between: record.history,
            and: run.history,
            recordIsOpen: isOpen,
            imaginedIsOpen: run.isBrokenOff
        )
    }

    /// What the log has of one instance.
    struct Record {
        let instance: EventID
        let history: [(event: InstanceEvent, at: Timestamp)]
        let state: InstanceState
        let begin: Timestamp
        let end: Timestamp

        init(of instance: EventID, store: any EventStore) throws(TravelError) {
            let events = try InstanceTravel(store: store).history(of: instance)
            var history: [(event: InstanceEvent, at: Timestamp)] = []
            var state = InstanceState.initial
            for event in events {
                let happened: InstanceEvent
                do {
                    happened = try InstanceEvent(type: event.type, data: event.data)
                } catch {
                    throw TravelError(
                        .unreadable,
                        "event \(event.position) of instance \(instance): \(error)"
                    )
                }
                state.evolve(happened, recordedAt: event.recordedAt)
                history.append((happened, event.recordedAt))
            }
            self.instance = instance
            self.history = history
            self.state = state
            begin = history.first?.at ?? Timestamp(seconds: 0)
            end = history.last?.at ?? begin
        }

        /// The workflow that the instance keeps to, as it was deployed.
        func definition(_ store: any EventStore) throws(TravelError) -> WorkflowDefinition {
            let registry: WorkflowRegistry
            do throws(EventLogError) {
                registry = try WorkflowRegistry(store: store)
            } catch {
                throw TravelError(error)
            }
            guard let hash = state.definition,
                let found = try? registry.version(hash)?.definition.get()
            else {
                throw TravelError(
                    .unreadable,
                    "the workflow that the instance keeps to is not in the log or cannot be read; "
                        + "name one with --workflow"
                )
            }
            return found
        }
    }
}

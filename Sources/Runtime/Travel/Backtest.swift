public import EventLog
public import EventModel
public import Logging
public import WorkflowEngine

/// What a candidate workflow would have done on what the log has recorded.
///
/// Every recorded trigger is looked at with the candidate's triggers, and every start is imagined
/// with the results that instances of the same trigger recorded in place of the world. Nothing is
/// appended, and nothing is called.
public struct Backtest: Sendable {
    /// How a trigger compares with what really ran.
    public enum Verdict: String, Sendable, Hashable, CaseIterable {
        /// It does what was recorded, as far as that goes.
        case same
        /// It starts as recorded and then does something else, or stops for lack of a record.
        case different
        /// It starts an instance where there was none.
        case new
        /// It does not start the instance that there was.
        case gone
        /// Its input or the kernel refuses the start.
        case refused
    }

    /// One trigger.
    public struct Item: Sendable {
        /// Where the trigger stands in the log; the start itself, if it was made by hand.
        public var position: Position
        public var at: Timestamp
        /// What it is, in words.
        public var trigger: String
        public var verdict: Verdict
        /// The instance that really ran, or nil.
        public var instance: EventID?
        public var recorded: WhatIf.Outcome?
        public var imagined: WhatIf.Outcome?
        public var difference: HistoryDifference?
        /// Why the imagined instance stands still; empty if it ended.
        public var standstill: [String]
        public var calls: [Reimagining.Call]
        /// Why it does not start.
        public var problems: [String]
    }

    /// How many triggers a backtest can hold; a longer one must be cut by time.
    public static let itemsMax = 100_000
    private static let pageEvents = 500

    public let candidate: WorkflowDefinition
    public let since: Timestamp
    public let until: Timestamp
    public private(set) var items: [Item] = []
    /// How many events the candidate's triggers were compared with.
    public private(set) var eventCount = 0

    private let store: any EventStore
    private let match: TriggerMatch

    private struct Start {
        var instance: EventID
        var workflow: String
        var event: Event
    }

    /// Runs a backtest.
    ///
    /// - Parameters:
    ///   - candidate: the workflow.
    ///   - store: the log.
    ///   - since: triggers that were recorded before are not looked at.
    ///   - until: nor those that were recorded later.
    ///   - logger: told of conditions that have no value.
    ///   - progress: called with how much is done of how much.
    /// - Throws: ``TravelError``: `outOfRange` if there are too many triggers, `unreadable` or
    ///   `log`.
    public init(
        _ candidate: WorkflowDefinition,
        store: any EventStore,
        since: Timestamp,
        until: Timestamp,
        logger: Logger,
        progress: (UInt64, UInt64) -> Void = { _, _ in }
    ) throws(TravelError) {
        self.candidate = candidate
        self.since = since
        self.until = until
        self.store = store
        match = TriggerMatch(store: store, logger: logger)
        let head = max(1, store.head.value)
        var byTrigger: [String: [Start]] = [:]
        var own: [Start] = []
        var filter = EventFilter(
            categories: ["instance"],
            types: ["InstanceStarted"],
            since: since,
            until: until
        )
        try Self.walk(store, filter) { event throws(TravelError) in
            progress(event.position.value, head * 2)
            guard let instance = InstanceStream.instance(of: event.stream) else { return }
            let workflow = event.data["workflow"]?.stringValue ?? ""
            let start = Start(instance: instance, workflow: workflow, event: event)
            if workflow == candidate.name { own.append(start) }
            guard let trigger = event.data["trigger"]?["event"]?.stringValue else { return }
            byTrigger[trigger, default: []].append(start)
        }
        var explained: Set<EventID> = []
        filter.categories = []
        filter.types = TriggerMatch.types.union(candidate.eventTypesWanted)
        try Self.walk(store, filter) { event throws(TravelError) in
            progress(head + event.position.value, head * 2)
            // What was erased starts nothing any more.
            guard event.metadata[SealedBox.erasedMember] == nil else { return }
            eventCount += 1
            let siblings = byTrigger[event.id.text] ?? []
            for start in try starts(of: event) {
                let recorded = siblings.first { $0.workflow == candidate.name }
                if let recorded { explained.insert(recorded.instance) }
                try add(start, because: event, recorded, siblings)
            }
        }
        for start in own where !explained.contains(start.instance) { try addOwn(start) }
        items.sort { $0.position < $1.position }
    }

    /// How many items have a verdict.
    public func count(_ verdict: Verdict) -> Int {
        items.reduce(0) { $0 + ($1.verdict == verdict ? 1 : 0) }
    }

    /// Walks over the events that a filter wants, in order.
    private static func walk(
        _ store: any EventStore,
        _ filter: EventFilter,
        _ body: (Event) throws(TravelError) -> Void
    ) throws(TravelError) {
        var from = Position(1)
        while true {
            let page: [Event]
            do throws(EventLogError) {
                page = try store.read(
                    from: from,
                    direction: .forward,
                    limit: pageEvents,
                    filter: filter
                )
            } catch {
                throw TravelError(error)
            }
            for event in page { try body(event) }
            guard let last = page.last, page.count == pageEvents else { return }
            from = last.position.advanced(by: 1)
        }
    }

    private func starts(of event: Event) throws(TravelError) -> [TriggerMatch.Start] {
        do {
            return try match.starts(of: event, for: [candidate])
        } catch {
            throw TravelError(.unreadable, "the trigger at \(event.position): \(error)")
        }
    }

    private mutating func add(
        _ start: TriggerMatch.Start,
        because event: Event,
        _ recorded: Start?,
        _ siblings: [Start]
    ) throws(TravelError) {
        var world = RecordedWorld()
        var end = event.recordedAt
        let record = try recorded.map { start throws(TravelError) in
            try WhatIf.Record(of: start.instance, store: store)
        }
        if let record {
            world.add(record.history)
            end = record.end
        }
        for sibling in siblings where sibling.instance != recorded?.instance {
            let other = try WhatIf.Record(of: sibling.instance, store: store)
            world.add(other.history, takesRequests: false)
            end = max(end, other.end)
        }
        var item = item(event, start.command.trigger, record)
        item.problems = candidate.inputProblems(start.command.input)
        if item.problems.isEmpty {
            if let record {
                try imagine(record, start.command.input, world, &item)
            } else {
                imagine(start, at: event.recordedAt, world, end, &item)
            }
        }
        try append(item)
    }

    /// A start that no event explains with the candidate's triggers.
    private mutating func addOwn(_ start: Start) throws(TravelError) {
        let record = try WhatIf.Record(of: start.instance, store: store)
        var item = item(start.event, record.state.trigger, record)
        if isRepeatable(record.state.trigger) {
            item.problems = candidate.inputProblems(record.state.input)
            if item.problems.isEmpty {
                var world = RecordedWorld()
                world.add(record.history)
                try imagine(record, record.state.input, world, &item)
            }
        } else {
            item.verdict = .gone
        }
        try append(item)
    }

    /// Whether the candidate would be started too by what is no event that triggers wait for.
    private func isRepeatable(_ trigger: Value) -> Bool {
        switch trigger["kind"]?.stringValue {
        case "webhook", "record", "event", "task", "request", "workflow": false
        case "schedule":
            candidate.triggers.contains { if case .schedule = $0 { true } else { false } }
        case "manual":
            candidate.triggers.contains { if case .manual = $0 { true } else { false } }
        // Started by another instance, which asks for it by its name.
        case _: true
        }
    }

    private func item(_ event: Event, _ trigger: Value, _ record: WhatIf.Record?) -> Item {
        Item(
            position: event.position,
            at: event.recordedAt,
            trigger: EventSentence.trigger(trigger),
            verdict: .refused,
            instance: record?.instance,
            recorded: record.map { WhatIf.Outcome($0.state) },
            standstill: [],
            calls: [],
            problems: []
        )
    }

    private func imagine(
        _ record: WhatIf.Record,
        _ input: Value,
        _ world: RecordedWorld,
        _ item: inout Item
    ) throws(TravelError) {
        do throws(TravelError) {
            let result = try WhatIf(record, candidate, input, in: world)
            item.imagined = result.imagined
            item.difference = result.difference
            item.standstill = result.run.standstill
            item.calls = result.run.calls
            let isKnown = !result.run.isBrokenOff || result.goesBeyondRecord
            let isSame = result.difference == nil && isKnown
            item.verdict = isSame ? .same : .different
        } catch {
            guard error.code == .refused else { throw error }
            item.problems = [error.message]
        }
    }

    private func imagine(
        _ start: TriggerMatch.Start,
        at time: Timestamp,
        _ world: RecordedWorld,
        _ end: Timestamp,
        _ item: inout Item
    ) {
        let begin = Reimagining.Start(
            instance: start.instance,
            input: start.command.input,
            trigger: start.command.trigger,
            at: time
        )
        do throws(Rejection) {
            let run = try Reimagining(candidate, from: begin, in: world, recordEnd: end)
            item.imagined = WhatIf.Outcome(run.state)
            item.standstill = run.standstill
            item.calls = run.calls
            item.verdict = .new
        } catch {
            item.problems = [error.message]
        }
    }

    private mutating func append(_ item: Item) throws(TravelError) {
        guard items.count < Self.itemsMax else {
            throw TravelError(
                .outOfRange,
                "there are more than \(Self.itemsMax) triggers; look at a shorter time with "
                    + "--since and --until"
            )
        }
        items.append(item)
    }
}

public import EventLog
public import EventModel

/// Why a step came to what it did: what happened in it, and the chain of events that led to it.
///
/// It reads only what the log has: the order of the events, which of them were appended together,
/// and the ids of the events that caused them.
public struct StepCauses: Sendable, Hashable {
    /// An event of the chain.
    public struct Link: Sendable, Hashable {
        public var event: Event
        /// What it says.
        public var sentence: String
        /// The conditions of the steps around that were decided between it and what it led to.
        public var conditions: [Event]
    }

    public var instance: EventID
    /// The step's path.
    public var step: String
    /// The story that the instance belongs to.
    public var correlation: EventID
    /// The step's own events, in order.
    public var own: [Event]
    /// What led to the step's first event: the nearest cause first, what began the story last.
    public var chain: [Link]
    /// What the newest event of the chain was caused by, if that event is not in the log.
    public var missing: EventID?

    /// Events outside of the instance that a chain is followed through.
    private static let outsideMax = 20
    private static let pageEvents = 500

    /// Looks for the causes of a step.
    ///
    /// - Parameters:
    ///   - step: its path, or its name alone if no other step has that name.
    ///   - instance: the instance.
    ///   - store: the log.
    /// - Throws: ``TravelError``: `unknown` if the instance has no such step or it has not begun.
    public init(
        of step: String,
        in instance: EventID,
        store: any EventStore
    ) throws(TravelError) {
        let history = try InstanceTravel(store: store).history(of: instance)
        let path = try Self.path(of: step, in: history)
        self.instance = instance
        self.step = path
        correlation = history[0].correlation
        own = history.filter { $0.data["step"]?.stringValue == path }
        chain = []
        guard var current = own.first?.revision else { return }
        let batches = Self.batches(history)
        let places = Dictionary(history.map { ($0.id, $0.revision) }) { first, _ in first }
        while true {
            let head = batches[Int(current)]
            if head < current {
                let between = history[Int(head) + 1..<Int(current)]
                let conditions = between.filter { event in
                    guard event.type == "ConditionEvaluated" else { return false }
                    return path.hasPrefix((event.data["step"]?.stringValue ?? "?") + ".")
                }
                add(history[Int(head)], conditions)
                current = head
            }
            let event = history[Int(current)]
            let setter = Self.setter(of: event, in: history)
            guard let cause = setter?.id ?? event.causation else { return }
            guard let place = places[cause], place < current else {
                try followOutside(cause, from: event, store)
                return
            }
            add(history[Int(place)])
            current = place
        }
    }

    private mutating func add(_ event: Event, _ conditions: [Event] = []) {
        if chain.last?.event.id == event.id { return }
        chain.append(
            Link(
                event: event,
                sentence: EventSentence.text(type: event.type, data: event.data),
                conditions: conditions
            )
        )
    }

    /// Follows causes through other streams.
    private mutating func followOutside(
        _ cause: EventID,
        from event: Event,
        _ store: any EventStore
    ) throws(TravelError) {
        var wanted = cause
        var effect = event
        for _ in 0..<Self.outsideMax {
            guard let found = try Self.find(wanted, before: effect, store) else {
                missing = wanted
                return
            }
            add(found)
            guard let next = found.causation else { return }
            (wanted, effect) = (next, found)
        }
    }

    /// The event of an id that comes before another one; the trigger says where it is, else the
    /// story is searched.
    private static func find(
        _ id: EventID,
        before effect: Event,
        _ store: any EventStore
    ) throws(TravelError) -> Event? {
        do throws(EventLogError) {
            if let place = effect.data["trigger"]?["position"]?.intValue, place > 0 {
                let found = try store.read(
                    from: Position(UInt64(place)),
                    direction: .forward,
                    limit: 1,
                    filter: .all
                )
                if let event = found.first, event.id == id { return event }
            }
            var from = effect.position.value
            while from > 1 {
                let page = try store.read(
                    from: Position(from - 1),
                    direction: .backward,
                    limit: pageEvents,
                    filter: EventFilter(correlation: effect.correlation)
                )
                if let event = page.first(where: { $0.id == id }) { return event }
                guard let last = page.last, page.count == pageEvents else { return nil }
                from = last.position.value
            }
            return nil
        } catch {
            throw TravelError(error)
        }
    }

    /// The event that an event without a recorded cause answers: a timer that fires was set, and
    /// who is let go on stood still.
    private static func setter(of event: Event, in history: [Event]) -> Event? {
        let wanted: (type: String, member: String)
        switch event.type {
        case "TimerFired": wanted = ("TimerSet", "timer")
        case "InstanceResumed": wanted = ("InstancePaused", "step")
        case _: return nil
        }
        return history[..<Int(event.revision)].last {
            $0.type == wanted.type && $0.data[wanted.member] == event.data[wanted.member]
        }
    }

    /// For every event the revision of the first one that was appended together with it.
    ///
    /// Events that were decided together have the same cause, the same actor and the same time; the
    /// mark that a call is made is appended alone.
    private static func batches(_ history: [Event]) -> [UInt64] {
        var heads: [UInt64] = []
        for (index, event) in history.enumerated() {
            let before = index > 0 ? history[index - 1] : nil
            let isTogether =
                before?.recordedAt == event.recordedAt && before?.causation == event.causation
                && before?.actor == event.actor && !isMark(event)
                && !(before.map(isMark) ?? false)
            heads.append(isTogether ? heads[index - 1] : event.revision)
        }
        return heads
    }

    private static func isMark(_ event: Event) -> Bool {
        event.type == "StepStarted" && event.data["attempt"]?.intValue ?? 0 > 0
    }

    private static func path(
        of step: String,
        in history: [Event]
    ) throws(TravelError) -> String {
        var seen: Set<String> = []
        let paths = history.compactMap { $0.data["step"]?.stringValue }
            .filter { seen.insert($0).inserted }
        if seen.contains(step) { return step }
        let named = paths.filter { $0.split(separator: ".").last.map(String.init) == step }
        if named.count == 1 { return named[0] }
        guard named.isEmpty else {
            throw TravelError(
                .ambiguous,
                "several steps are called '\(step)': \(named.joined(separator: ", "))"
            )
        }
        throw TravelError(
            .unknown,
            paths.isEmpty
                ? "no step of the instance has begun"
                : "no step '\(step)' has begun in the instance; these have: "
                    + paths.joined(separator: ", ")
        )
    }
}

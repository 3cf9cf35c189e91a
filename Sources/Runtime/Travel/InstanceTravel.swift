public import EventLog
public import EventModel
public import WorkflowEngine

/// Looks at instances as they were at any moment, folding their events anew.
///
/// A state takes as many reads as the instance has events and keeps none of them, so the length of
/// a history costs time and no memory.
public struct InstanceTravel: Sendable {
    private static let pageEvents = 500

    let store: any EventStore

    public init(store: any EventStore) { self.store = store }

    /// An instance as it was.
    public struct Snapshot: Sendable, Hashable {
        public var instance: EventID
        public var state: InstanceState
        /// How many events the instance has today; the state counts those that made it.
        public var eventCountToday: UInt64
        /// The event that came last before the moment.
        public var lastEvent: Event
        /// The steps that had begun, in the order in which they did.
        public var stepOrder: [String]

        public init(
            instance: EventID,
            state: InstanceState,
            eventCountToday: UInt64,
            lastEvent: Event,
            stepOrder: [String]
        ) {
            self.instance = instance
            self.state = state
            self.eventCountToday = eventCountToday
            self.lastEvent = lastEvent
            self.stepOrder = stepOrder
        }
    }

    /// The state of an instance at a moment.
    ///
    /// - Throws: ``TravelError``: `unknown` if there is no such instance, `outOfRange` if it had no
    ///   event yet or does not have so many, `unreadable` or `log` if it cannot be read.
    public func snapshot(
        of instance: EventID,
        at moment: InstanceMoment = .latest
    ) throws(TravelError) -> Snapshot {
        let today = try eventCount(of: instance)
        if case .afterEvents(let count) = moment, count > today {
            throw TravelError(
                .outOfRange,
                "the instance has \(today) events, so there is no state after \(count)"
            )
        }
        var loaded = LoadedInstance.absent
        var order: [String] = []
        var seen: Set<String> = []
        var last: Event?
        try events(of: instance) { event throws(TravelError) in
            guard moment.includes(event) else { return false }
            do throws(CommandError) {
                try loaded.take(event, of: instance)
            } catch {
                throw TravelError(error)
            }
            if let step = event.data["step"]?.stringValue, seen.insert(step).inserted {
                order.append(step)
            }
            last = event
            return true
        }
        guard let last else {
            throw TravelError(
                .outOfRange,
                "the instance had not begun then; its first event is "
                    + (try firstEvent(of: instance))
            )
        }
        return Snapshot(
            instance: instance,
            state: loaded.state,
            eventCountToday: today,
            lastEvent: last,
            stepOrder: order.filter { loaded.state.steps[$0] != nil }
        )
    }

    /// The events of an instance in order.
    ///
    /// - Throws: ``TravelError``: `unknown` if there is no such instance.
    public func history(of instance: EventID) throws(TravelError) -> [Event] {
        _ = try eventCount(of: instance)
        var all: [Event] = []
        try events(of: instance) { event throws(TravelError) in
            all.append(event)
            return true
        }
        return all
    }

    /// Walks over the events of an instance until the body says no.
    func events(
        of instance: EventID,
        _ body: (Event) throws(TravelError) -> Bool
    ) throws(TravelError) {
        var next: UInt64 = 0
        while true {
            let page = try page(of: instance, from: next, limit: Self.pageEvents)
            for event in page where try !body(event) { return }
            guard page.count == Self.pageEvents else { return }
            next += UInt64(page.count)
        }
    }

    private func eventCount(of instance: EventID) throws(TravelError) -> UInt64 {
        let count: UInt64
        do throws(EventLogError) {
            count = try store.eventCount(of: InstanceStream.name(instance))
        } catch {
            throw TravelError(error)
        }
        guard count > 0 else {
            throw TravelError(
                .unknown,
                "there is no instance \(instance); 'daybook instance list' shows them"
            )
        }
        return count
    }

    private func firstEvent(of instance: EventID) throws(TravelError) -> String {
        guard let first = try page(of: instance, from: 0, limit: 1).first else { return "missing" }
        return "at position \(first.position), \(first.recordedAt)"
    }

    private func page(
        of instance: EventID,
        from revision: UInt64,
        limit: Int
    ) throws(TravelError) -> [Event] {
        do throws(EventLogError) {
            return try store.readStream(
                InstanceStream.name(instance),
                from: revision,
                direction: .forward,
                limit: limit
            )
        } catch {
            throw TravelError(error)
        }
    }
}

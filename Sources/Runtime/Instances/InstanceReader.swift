public import EventLog
public import EventModel
public import WorkflowEngine

/// Reads instances from the log alone, folding anew; slow for many, and always the truth.
public struct InstanceReader: Sendable {
    private static let pageEvents = 500

    let store: any EventStore

    public init(store: any EventStore) { self.store = store }

    /// The state of an instance, or nil if there is none.
    ///
    /// - Parameters:
    ///   - instance: which one.
    ///   - count: fold only its first events, this many; nil folds all.
    /// - Throws: ``CommandError`` if the log cannot be read or an event of it cannot.
    public func state(
        of instance: EventID,
        afterEvents count: UInt64? = nil
    ) throws(CommandError) -> InstanceState? {
        var loaded = LoadedInstance.absent
        try InstanceStream.fold(&loaded, of: instance, from: store, upTo: count)
        return loaded.count == 0 ? nil : loaded.state
    }

    /// The events of an instance, the first one first; none if there is no such instance.
    ///
    /// - Throws: ``CommandError`` if the log cannot be read.
    public func history(of instance: EventID) throws(CommandError) -> [Event] {
        var events: [Event] = []
        do throws(EventLogError) {
            while true {
                let page = try store.readStream(
                    InstanceStream.name(instance),
                    from: UInt64(events.count),
                    direction: .forward,
                    limit: InstanceReader.pageEvents
                )
                events += page
                if page.count < InstanceReader.pageEvents { return events }
            }
        } catch {
            throw .log(error)
        }
    }

    /// Instances, the newest first, each folded from its stream.
    ///
    /// - Throws: ``CommandError`` if the log cannot be read or an event of it cannot.
    public func summaries(
        _ filter: InstanceFilter = InstanceFilter()
    ) throws(CommandError) -> [InstanceSummary] {
        var found: [InstanceSummary] = []
        var from = filter.before.map { Position($0.value &- 1) }
        while found.count < filter.limit, from != .start {
            let page = try starts(before: from)
            for start in page where found.count < filter.limit {
                guard let instance = InstanceStream.instance(of: start.stream) else { continue }
                var loaded = LoadedInstance.absent
                try InstanceStream.fold(&loaded, of: instance, from: store)
                let summary = InstanceSummary(
                    instance: instance,
                    state: loaded.state,
                    firstPosition: start.position,
                    lastPosition: loaded.position
                )
                if filter.matches(summary) { found.append(summary) }
            }
            guard let last = page.last, page.count == InstanceReader.pageEvents else { break }
            from = Position(last.position.value - 1)
        }
        return found
    }

    private func starts(before position: Position?) throws(CommandError) -> [Event] {
        do throws(EventLogError) {
            return try store.read(
                from: position,
                direction: .backward,
                limit: InstanceReader.pageEvents,
                filter: EventFilter(categories: ["instance"], types: ["InstanceStarted"])
            )
        } catch {
            throw .log(error)
        }
    }
}

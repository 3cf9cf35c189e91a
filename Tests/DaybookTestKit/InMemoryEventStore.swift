public import EventLog
public import EventModel
import Synchronization

/// A log in memory that keeps the contract of ``EventLog/EventStore`` and dies on command.
public final class InMemoryEventStore: EventStore {
    /// How an append at the point of death looks to its caller.
    public enum Death: Sendable, Hashable {
        /// Nothing was added.
        case beforeAppend
        /// The events are durable, but the caller never hears of it.
        case afterAppend
    }

    private struct Plan {
        var position: Position
        var death: Death
    }

    private struct State {
        var events: [Event] = []
        var streams: [StreamName: [Int]] = [:]
        var places: [EventID: Int] = [:]
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter = 0
        var isClosed = false
        var plan: Plan?
        var failures: [EventLogError] = []
    }

    private let state = Mutex(State())
    private let now: @Sendable () -> Timestamp

    /// Begins empty.
    ///
    /// - Parameters:
    ///   - events: what the log holds already.
    ///   - now: the clock that stamps events.
    public init(events: [Event] = [], now: @escaping @Sendable () -> Timestamp) {
        self.now = now
        state.withLock { state in for event in events { InMemoryEventStore.add(event, to: &state) }
        }
    }

    public var head: Position { state.withLock { Position(UInt64($0.events.count)) } }

    /// Everything that the log holds.
    public var events: [Event] { state.withLock { $0.events } }

    /// True once the log died or was closed.
    public var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Lets the log die at the append that would bring the head to `position` or beyond.
    public func die(at position: Position, _ death: Death) {
        state.withLock { $0.plan = Plan(position: position, death: death) }
    }

    /// Makes the next appends fail, one error each, with nothing added.
    public func failNextAppends(with errors: [EventLogError]) {
        state.withLock { $0.failures += errors }
    }

    /// Ends all subscriptions and refuses everything from now on.
    public func close() {
        let waiters = state.withLock { state in
            state.isClosed = true
            return InMemoryEventStore.takeWaiters(&state)
        }
        for waiter in waiters { waiter.resume() }
    }

    public func append(
        _ writes: [StreamWrite],
        unless condition: AppendCondition?
    ) async throws(EventLogError) -> AppendResult {
        let now = now()
        typealias Outcome = (
            result: Result<AppendResult, EventLogError>, waiters: [CheckedContinuation<Void, Never>]
        )
        let outcome = state.withLock { state -> Outcome in
            let result = InMemoryEventStore.append(writes, unless: condition, now: now, to: &state)
            return (result, InMemoryEventStore.takeWaiters(&state))
        }
        for waiter in outcome.waiters { waiter.resume() }
        return try outcome.result.get()
    }

    public func readStream(
        _ stream: StreamName,
        from revision: Revision?,
        direction: ReadDirection,
        limit: Int
    ) throws(EventLogError) -> [Event] {
        state.withLock { state in
            let indices = state.streams[stream] ?? []
            let wanted = indices.filter { index in
                guard let revision else { return true }
                let own = state.events[index].revision
                return direction == .forward ? own >= revision : own <= revision
            }
            let ordered = direction == .forward ? wanted : wanted.reversed()
            return ordered.prefix(limit).map { state.events[$0] }
        }
    }

    public func read(
        from position: Position?,
        direction: ReadDirection,
        limit: Int,
        filter: EventFilter
    ) throws(EventLogError) -> [Event] {
        state.withLock { state in
            let wanted = state.events.lazy.filter { event in
                guard filter.matches(event) else { return false }
                guard let position else { return true }
                return direction == .forward
                    ? event.position >= position : event.position <= position
            }
            if direction == .forward { return Array(wanted.prefix(limit)) }
            return Array(wanted.reversed().prefix(limit))
        }
    }

    public func eventCount(of stream: StreamName) throws(EventLogError) -> UInt64 {
        state.withLock { UInt64($0.streams[stream]?.count ?? 0) }
    }

    public func subscribe(after position: Position, filter: EventFilter) -> EventSubscription {
        EventSubscription { [self] in
            let cursor = Mutex(position)
            return { [self] in try await next(cursor, filter: filter) }
        }
    }
}

extension InMemoryEventStore {
    private func next(
        _ cursor: borrowing Mutex<Position>,
        filter: EventFilter
    ) async throws -> EventSubscription.Batch? {
        while true {
            try Task.checkCancellation()
            let after = cursor.withLock { $0 }
            let batch = state.withLock { state -> EventSubscription.Batch? in
                let start = Int(after.value)
                guard start < state.events.count else { return nil }
                let stretch = state.events[start..<min(start + 64, state.events.count)]
                let end = Position(UInt64(stretch.endIndex))
                return EventSubscription.Batch(
                    events: stretch.filter(filter.matches),
                    position: end
                )
            }
            if let batch {
                cursor.withLock { $0 = batch.position }
                return batch
            }
            if isClosed { return nil }
            await waitForMore(after: after)
        }
    }

    private func waitForMore(after position: Position) async {
        let number = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    let hasMore = state.events.count > Int(position.value)
                    if hasMore || state.isClosed || Task.isCancelled { return true }
                    state.waiters[number] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
        }
    }

    private static func takeWaiters(_ state: inout State) -> [CheckedContinuation<Void, Never>] {
        defer { state.waiters = [:] }
        return Array(state.waiters.values)
    }

    private static func append(
        _ writes: [StreamWrite],
        unless condition: AppendCondition?,
        now: Timestamp,
        to state: inout State
    ) -> Result<AppendResult, EventLogError> {
        guard !state.isClosed else { return .failure(EventLogError(.closed, "the log is closed")) }
        if !state.failures.isEmpty { return .failure(state.failures.removeFirst()) }
        let proposed = writes.flatMap(\.events)
        let known = proposed.compactMap { state.places[$0.id] }
        let streams = writes.flatMap { write in write.events.map { _ in write.stream } }
        let isSame = zip(known, streams).allSatisfy { state.events[$0].stream == $1 }
        if !proposed.isEmpty, known.count == proposed.count, isSame {
            let places = known.map { index in
                let event = state.events[index]
                return AppendResult.Place(position: event.position, revision: event.revision)
            }
            return .success(AppendResult(places: places, isRepeat: true))
        }
        guard known.isEmpty, Set(proposed.map(\.id)).count == proposed.count else {
            return .failure(EventLogError(.identityConflict, "some of the ids are in the log"))
        }
        for write in writes {
            let count = UInt64(state.streams[write.stream]?.count ?? 0)
            guard isMet(write.expected, count: count) else {
                let message = "\(write.stream) holds \(count) events, expected \(write.expected)"
                return .failure(EventLogError(.wrongExpectedRevision, message))
            }
        }
        if let condition, let found = InMemoryEventStore.obstacle(condition, in: state) {
            let message = "event \(found) stands against the append"
            return .failure(EventLogError(.conditionFailed, message))
        }
        let reach = Position(UInt64(state.events.count + proposed.count))
        let isDying = state.plan.map { reach >= $0.position } ?? false
        if isDying, state.plan?.death == .beforeAppend {
            state.isClosed = true
            return .failure(EventLogError(.closed, "the log died before the append"))
        }
        let result = add(writes, now: now, to: &state)
        if isDying {
            state.isClosed = true
            return .failure(EventLogError(.closed, "the log died after the append"))
        }
        return .success(result)
    }

    private static func obstacle(_ condition: AppendCondition, in state: State) -> Position? {
        let known = min(condition.after.value, UInt64(state.events.count))
        return state.events[Int(known)...].first(where: condition.filter.matches)?.position
    }

    private static func isMet(_ expected: ExpectedRevision, count: UInt64) -> Bool {
        switch expected {
        case .any: true
        case .none: count == 0
        case .exists: count > 0
        case .exact(let revision): count == revision + 1
        }
    }

    private static func add(
        _ writes: [StreamWrite],
        now: Timestamp,
        to state: inout State
    ) -> AppendResult {
        var places: [AppendResult.Place] = []
        let recordedAt = max(now, state.events.last?.recordedAt ?? now)
        for write in writes {
            for proposed in write.events {
                let event = Event(
                    position: Position(UInt64(state.events.count + 1)),
                    id: proposed.id,
                    stream: write.stream,
                    revision: UInt64(state.streams[write.stream]?.count ?? 0),
                    type: proposed.type,
                    schema: proposed.schema,
                    recordedAt: Timestamp(microseconds: recordedAt.microseconds),
                    entity: proposed.entity,
                    actor: proposed.actor,
                    correlation: proposed.correlation ?? proposed.id,
                    causation: proposed.causation,
                    data: proposed.data,
                    metadata: proposed.metadata
                )
                places.append(
                    AppendResult.Place(position: event.position, revision: event.revision)
                )
                add(event, to: &state)
            }
        }
        return AppendResult(places: places, isRepeat: false)
    }

    private static func add(_ event: Event, to state: inout State) {
        state.places[event.id] = state.events.count
        state.streams[event.stream, default: []].append(state.events.count)
        state.events.append(event)
    }
}

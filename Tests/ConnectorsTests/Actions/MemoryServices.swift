import EventModel
import Synchronization
import WorkflowEngine

@testable import Connectors

/// A log in memory that keeps its promises: all or nothing, expected counts, repeats are no-ops.
final class MemoryServices: ActionServices {
    private struct State {
        var streams: [StreamName: [Event]] = [:]
        var known: Set<EventID> = []
        var position: UInt64 = 0
    }

    private let state = Mutex(State())
    let now: Timestamp

    init(now: Timestamp = Timestamp(seconds: 1_796_000_000)) { self.now = now }

    var streams: [StreamName: [Event]] { state.withLock { $0.streams } }

    func read(_ stream: StreamName) async throws(ActionFailure) -> [Event] {
        // Others may come between a reading and what follows from it.
        await Task.yield()
        return state.withLock { $0.streams[stream] ?? [] }
    }

    func append(_ writes: [ActionWrite]) async throws(ActionFailure) {
        await Task.yield()
        let failure = state.withLock { state -> ActionFailure? in
            let ids = writes.flatMap { $0.events.map(\.id) }
            let repeats = ids.count { state.known.contains($0) }
            if repeats == ids.count { return nil }
            guard repeats == 0 else {
                return ActionFailure(code: "identity_conflict", message: "", isRetryable: false)
            }
            for write in writes {
                let count = UInt64(state.streams[write.stream]?.count ?? 0)
                guard write.expectedCount ?? count == count else {
                    return ActionFailure(code: "conflict", message: "", isRetryable: true)
                }
            }
            for write in writes {
                for proposed in write.events { add(proposed, to: write.stream, &state) }
            }
            return nil
        }
        if let failure { throw failure }
    }

    private func add(_ proposed: ProposedEvent, to stream: StreamName, _ state: inout State) {
        state.position += 1
        state.known.insert(proposed.id)
        let events = state.streams[stream] ?? []
        let event = Event(
            position: Position(state.position),
            id: proposed.id,
            stream: stream,
            revision: UInt64(events.count),
            type: proposed.type,
            schema: proposed.schema,
            recordedAt: now,
            entity: proposed.entity,
            actor: proposed.actor,
            correlation: proposed.correlation ?? proposed.id,
            causation: proposed.causation,
            data: proposed.data,
            metadata: proposed.metadata
        )
        state.streams[stream] = events + [event]
    }
}

/// Tables in memory.
struct MemoryFinder: RecordFinding {
    var tables: [String: [Value]]

    func records(
        in database: String,
        where conditions: ValueMap,
        limit: Int
    ) async throws(ActionFailure) -> [Value] {
        Array((tables[database] ?? []).prefix(limit))
    }
}

/// A request of a step, with everything else made up.
func request(
    _ input: Value,
    instance: UInt64 = 1,
    step: String = "step",
    attempt: Int = 1,
    key: String? = nil
) -> ActionRequest {
    let instanceID = Identifier.build(
        unixMilliseconds: 1_796_000_000_000,
        randA: 0,
        randB: instance
    )
    return ActionRequest(
        instance: instanceID,
        workflow: "wellness_booking_automation",
        step: step,
        attempt: attempt,
        idempotencyKey: key ?? "\(instanceID.text)/\(step)",
        entity: "the_7_space",
        input: input,
        correlation: instanceID,
        causation: instanceID,
        deadline: nil
    )
}

/// The failure of an action; nil if it succeeded.
func failure(_ body: () async throws -> Value) async -> ActionFailure? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? ActionFailure
    }
}

import EventLog
import EventModel
import Logging
import Records
import WorkflowEngine

/// Brings what happens to the instances whose steps wait for it.
///
/// The views say who waits; whether it is what they wait for, each instance decides by itself.
struct WaitDelivery: Sendable {
    private static let pageRows = 500

    let context: EngineContext
    let processor: InstanceProcessor

    /// What came, seen as somebody may wait for it.
    private struct Arrival {
        var kind: AwaitedEvent.Kind
        var name: String
        var word: String?
        var data: Value
        var variables: ValueMap
        var output: ValueMap
    }

    /// Delivers an event to all who wait for it.
    func deliver(_ event: Event) async throws {
        for arrival in try arrivals(event) {
            let prefix = WaitRow.prefix(arrival.kind, arrival.name)
            // Who began to wait before the event must be among the rows.
            await context.board.wait { state in
                state.isStopping
                    || (state.positions[InstanceFold.follower] ?? .start) >= event.position
            }
            // Stopped before that, the event is to be delivered after the next start.
            guard context.board.position(InstanceFold.follower) >= event.position else {
                throw CancellationError()
            }
            var from: [UInt8]?
            while true {
                let page = try context.views.rows(
                    ViewTables.waits,
                    prefix: prefix,
                    from: from,
                    limit: WaitDelivery.pageRows
                )
                for row in page {
                    guard let waiting = WaitRow(try Value(canonicalBytes: row.value)),
                        waiting.position < event.position,
                        waiting.event.fits(word: arrival.word, data: arrival.data)
                    else { continue }
                    try await deliver(arrival, to: waiting, because: event)
                }
                guard let last = page.last, page.count == WaitDelivery.pageRows else { break }
                from = last.key + [0]
            }
        }
    }

    private func deliver(
        _ arrival: Arrival,
        to waiting: WaitRow,
        because event: Event
    ) async throws {
        var output = arrival.output
        output["timed_out"] = false
        let delivery = InstanceCommand.Delivery(
            step: waiting.step,
            kind: arrival.kind,
            name: arrival.name,
            word: arrival.word,
            data: arrival.data,
            variables: arrival.variables,
            output: .map(output)
        )
        do throws(CommandError) {
            try await processor.execute(
                .deliver(delivery),
                on: waiting.instance,
                origin: InstanceProcessor.Origin(
                    actor: context.configuration.actor,
                    causation: event.id
                )
            )
        } catch {
            // It waits for something else, or not any more; it will say so again and again.
            if case .rejected = error { return }
            guard error.isOfInstance else { throw error }
            context.logger.error(
                "an event could not be given to an instance that waits for it",
                metadata: ["instance": "\(waiting.instance)", "error": "\(error)"]
            )
        }
    }

    private func arrivals(_ event: Event) throws -> [Arrival] {
        let seen = EventView.value(event)
        var arrivals = [
            Arrival(
                kind: .event,
                name: event.type,
                data: event.data,
                variables: ["event": seen, "data": event.data],
                output: seen.mapValue ?? ValueMap()
            )
        ]
        if event.type == WebhookEvents.receivedType, let source = event.data["source"]?.stringValue
        {
            let payload = event.data["payload"] ?? .null
            arrivals.append(
                Arrival(
                    kind: .webhook,
                    name: source,
                    word: event.data["event"]?.stringValue,
                    data: payload,
                    variables: ["payload": payload],
                    output: [
                        "source": .string(source), "event": event.data["event"] ?? .null,
                        "payload": payload,
                    ]
                )
            )
        } else if RecordEvent.types.contains(event.type),
            let change = try RecordChange(event, store: context.store)
        {
            let record = change.after.isNull ? change.before : change.after
            arrivals.append(
                Arrival(
                    kind: .record,
                    name: change.database,
                    word: change.kind.rawValue,
                    data: change.input,
                    variables: [
                        "record": record, "before": change.before, "after": change.after,
                        "changes": change.changes,
                    ],
                    output: [
                        "id": .string(change.sourceID), "record": record,
                        "change": .string(change.kind.rawValue), "changes": change.changes,
                    ]
                )
            )
        }
        return arrivals
    }
}

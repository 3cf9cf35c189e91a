import EventLog
import EventModel
import WorkflowEngine

/// One instance as it was read from its stream.
struct LoadedInstance: Sendable {
    var state: InstanceState
    /// How many events were folded; the revision of the next one.
    var count: UInt64 = 0
    /// The story that the instance belongs to; nil while it does not exist.
    var correlation: EventID?
    var entity: String?
    /// Where its last event stands in the log.
    var position: Position = .start

    static let absent = LoadedInstance(state: .initial)

    /// Takes in one event of the stream.
    mutating func take(_ event: Event, of instance: EventID) throws(CommandError) {
        let happened: InstanceEvent
        do {
            happened = try InstanceEvent(type: event.type, data: event.data)
        } catch {
            throw .unreadable(instance: instance, reason: "event \(event.position): \(error)")
        }
        state.evolve(happened, recordedAt: event.recordedAt)
        count = event.revision + 1
        position = event.position
        if correlation == nil {
            correlation = event.correlation
            entity = event.entity
        }
    }
}

/// Reads instances from their streams.
enum InstanceStream {
    private static let pageEvents = 500

    static func name(_ instance: EventID) -> StreamName {
        StreamName(category: "instance", instance.text)
    }

    /// The instance of an event's stream; nil if the stream is none of an instance.
    static func instance(of stream: StreamName) -> EventID? {
        guard stream.category == "instance" else { return nil }
        return Identifier(stream.identifier)
    }

    /// Folds on from what was loaded before, up to a count of events or to the stream's end.
    static func fold(
        _ loaded: inout LoadedInstance,
        of instance: EventID,
        from store: any EventStore,
        upTo countMax: UInt64? = nil
    ) throws(CommandError) {
        while countMax.map({ loaded.count < $0 }) ?? true {
            let left = countMax.map { Int(min($0 - loaded.count, UInt64(pageEvents))) }
            let limit = left ?? pageEvents
            let page: [Event]
            do throws(EventLogError) {
                page = try store.readStream(
                    name(instance),
                    from: loaded.count,
                    direction: .forward,
                    limit: limit
                )
            } catch {
                throw .log(error)
            }
            for event in page { try loaded.take(event, of: instance) }
            if page.count < limit { return }
        }
    }
}

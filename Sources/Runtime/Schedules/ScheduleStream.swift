import EventLog
import EventModel
import Schedules

/// One schedule as it was read from its stream.
struct LoadedSchedule: Sendable {
    var state: ScheduleState = .initial
    /// How many events were folded; the revision of the next one.
    var count: UInt64 = 0
    /// Where its last event stands in the log.
    var position: Position = .start

    static let absent = LoadedSchedule()

    /// Takes in one event of the stream.
    mutating func take(_ event: Event) throws(ScheduleError) {
        do {
            let happened = try ScheduleEvent(type: event.type, data: event.data)
            state.evolve(happened, at: event.position)
        } catch {
            throw .unreadable(position: event.position, reason: "\(error)")
        }
        count = event.revision + 1
        position = event.position
    }

    var value: Value {
        ["state": state.value, "count": .uint(count), "position": .uint(position.value)]
    }

    init() {}

    init?(_ value: Value) {
        guard let state = value["state"].flatMap({ try? ScheduleState($0) }),
            let count = value["count"]?.intValue,
            let position = value["position"]?.intValue
        else { return nil }
        self.state = state
        self.count = UInt64(count)
        self.position = Position(UInt64(position))
    }
}

/// Reads schedules from their streams.
enum ScheduleStream {
    static let category = "schedule"
    private static let pageEvents = 500

    static func name(_ id: String) -> StreamName { StreamName(category: "schedule", id) }

    /// Folds on from what was loaded before, to the stream's end.
    static func fold(
        _ loaded: inout LoadedSchedule,
        of id: String,
        from store: any EventStore
    ) throws(ScheduleError) {
        while true {
            let page: [Event]
            do throws(EventLogError) {
                page = try store.readStream(
                    name(id),
                    from: loaded.count,
                    direction: .forward,
                    limit: pageEvents
                )
            } catch {
                throw .log(error)
            }
            for event in page { try loaded.take(event) }
            if page.count < pageEvents { return }
        }
    }
}

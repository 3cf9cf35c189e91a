import EventModel
import Synchronization

/// Decides which refusals are worth an event, so that nobody can fill the log with rubbish.
///
/// In each minute the first ``eventsPerMinuteMax`` refusals of a source become events; the others are
/// counted, and the count stands in the next refusal's event. Unknown sources share one window.
final class RefusalBudget: Sendable {
    static let eventsPerMinuteMax = 30

    private struct Window {
        var minute: Int64
        var taken = 0
        var dropped = 0
    }

    private let windows = Mutex<[String: Window]>([:])

    /// Asks for an event's worth: how many refusals were left out before it, or nil for no event.
    func take(source: String, at now: Timestamp) -> Int? {
        windows.withLock { windows in
            let minute = now.seconds / 60
            var window = windows[source] ?? Window(minute: minute)
            if window.minute != minute {
                window.minute = minute
                window.taken = 0
            }
            defer { windows[source] = window }
            guard window.taken < RefusalBudget.eventsPerMinuteMax else {
                window.dropped += 1
                return nil
            }
            window.taken += 1
            defer { window.dropped = 0 }
            return window.dropped
        }
    }
}

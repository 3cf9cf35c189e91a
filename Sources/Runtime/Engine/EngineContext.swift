import EventLog
import EventModel
import Logging
import WorkflowEngine

/// What all parts of an engine share.
struct EngineContext: Sendable {
    let store: any EventStore
    let views: TableStore
    let time: any TimeSource
    let board: Board
    let configuration: EngineConfiguration
    let logger: Logger

    func cursor(_ name: String) throws -> Cursor? {
        try views.value(ViewTables.cursors, ViewKey.text(name))
            .flatMap { Cursor(try Value(canonicalBytes: $0)) }
    }

    /// Sleeps; everybody can see until when.
    ///
    /// Returns early if the task is cancelled.
    func pause(_ name: String, for duration: Duration) async {
        let end = time.now + duration
        board.sleeps(name, until: end)
        defer { board.sleeps(name, until: nil) }
        try? await time.sleep(until: end)
    }

    /// Sleeps like ``pause(_:for:)`` in the middle of something that is counted as busy.
    func rest(_ name: String, for duration: Duration) async {
        let end = time.now + duration
        board.update { state in
            state.wakeUps[name] = end
            state.busyCount -= 1
        }
        defer {
            board.update { state in
                state.wakeUps[name] = nil
                state.busyCount += 1
            }
        }
        try? await time.sleep(until: end)
    }

    /// Waits for a beat or an instant, whichever comes first.
    func wait(for pulse: Pulse, until instant: Timestamp?) async {
        guard let instant else { return await pulse.wait() }
        let time = time
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await pulse.wait() }
            group.addTask { try? await time.sleep(until: instant) }
            await group.next()
            group.cancelAll()
        }
    }
}

import EventLog
import EventModel
import Logging
import WorkflowEngine

/// Thrown by what a follower does with a batch, when events that the filter left out are wanted now;
/// it then follows anew from before the batch.
struct FilterChange: Error {}

/// Follows the log from a cursor that is kept in the views, in one transaction with what it makes of
/// the events.
///
/// A follower that fails says so, waits and tries again from its cursor; it never holds up the log or
/// another follower.
struct Follower: Sendable {
    /// Deals with a batch: what it puts into the changes is written together with the cursor.
    typealias Apply = @Sendable (EventSubscription.Batch, inout ViewChanges) async throws -> Void

    // A cursor without rows is only written now and then; to look at the same events again is cheap.
    private static let idleStretchMax: UInt64 = 1000

    let name: String
    let filter: EventFilter
    let version: Int64
    let context: EngineContext
    var onMoved: @Sendable () -> Void = {}
    /// Gives the filter anew whenever following begins; nil if it never changes.
    var currentFilter: (@Sendable () throws -> EventFilter)?

    /// Follows until the task is cancelled or the log is closed.
    func run(_ apply: Apply) async {
        var failures = 0
        while !Task.isCancelled {
            do {
                try await follow(apply)
                return
            } catch is CancellationError {
                return
            } catch is FilterChange {
                failures = 0
                continue
            } catch {
                if Task.isCancelled { return }
                failures += 1
                context.logger.error(
                    "a follower failed",
                    metadata: ["follower": "\(name)", "error": "\(error)"]
                )
                context.board.failed(name, "\(error)", at: context.time.now)
            }
            let delay = Backoff.standard.delay(afterFailures: failures)
            await context.pause(name, for: delay)
        }
    }

    private func follow(_ apply: Apply) async throws {
        let start = try context.cursor(name)?.position ?? .start
        context.board.moved(name, to: start)
        onMoved()
        var kept = start
        var seen = start
        do {
            try await follow(from: start, apply, kept: &kept, seen: &seen)
        } catch is CancellationError {
            // Told to stop: what was passed over need not be looked at again.
            if seen > kept { try? await keep(seen) }
            throw CancellationError()
        }
    }

    private func follow(
        from start: Position,
        _ apply: Apply,
        kept: inout Position,
        seen: inout Position
    ) async throws {
        let filter = try currentFilter?() ?? filter
        for try await batch in context.store.subscribe(after: start, filter: filter) {
            try Task.checkCancellation()
            var changes = ViewChanges(context.views)
            if !batch.events.isEmpty { try await apply(batch, &changes) }
            let isWorthKeeping =
                !batch.events.isEmpty || batch.position.value - kept.value >= Self.idleStretchMax
            if isWorthKeeping {
                let cursor = try Cursor(at: batch.position, of: context.store, version: version)
                changes.put(ViewTables.cursors, ViewKey.text(name), cursor.value)
                try await changes.commit()
                kept = batch.position
            }
            seen = batch.position
            context.board.recovered(name)
            context.board.moved(name, to: batch.position)
            onMoved()
        }
    }

    private func keep(_ position: Position) async throws {
        let cursor = try Cursor(at: position, of: context.store, version: version)
        try await context.views.put([
            (
                table: ViewTables.cursors, key: ViewKey.text(name),
                value: cursor.value.canonicalBytes
            )
        ])
    }
}

public import EventLog
import EventModel
import WorkflowEngine

extension Engine {
    /// Appends the result of a scrub of the log.
    ///
    /// - Parameters:
    ///   - report: the result.
    ///   - actor: who had it done.
    /// - Throws: ``EventLogError``.
    public func record(scrub report: ScrubReport, actor: String) async throws {
        let event = ScrubEvents.proposed(
            report,
            id: RandomIdentity.next(at: context.time.now),
            actor: actor
        )
        _ = try await context.store.append(
            [StreamWrite(stream: ScrubEvents.stream, expected: .any, events: [event])]
        )
    }
}

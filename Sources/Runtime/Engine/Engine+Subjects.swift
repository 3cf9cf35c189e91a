import EventLog
public import EventModel

extension Engine {
    /// Erases a person; returns when nothing that the engine keeps or shows holds the values any more.
    ///
    /// What sinks show is owed to them from then on, like any other change.
    ///
    /// - Parameters:
    ///   - text: who, see ``SubjectService/subject(_:)``.
    ///   - reason: why; it must name no one.
    ///   - actor: who wants it.
    ///   - includingRunning: also if instances that carry the values still run.
    /// - Throws: ``SubjectError``; nothing was erased.
    public func erase(
        subject text: String,
        reason: String,
        actor: String,
        includingRunning: Bool
    ) async throws -> SubjectService.Outcome {
        guard let subjects else { throw SubjectError.noKeys }
        let outcome = try await onOwnThreads {
            try await subjects.erase(
                text,
                reason: reason,
                actor: actor,
                includingRunning: includingRunning
            )
        }
        let names = [InstanceFold.follower, RecordFold.follower] + projections.map(\.name)
        await context.board.wait { state in
            guard !state.hasEnded, !state.parts.isEmpty else { return true }
            return names.allSatisfy { name in
                (state.positions[name] ?? .start) >= outcome.position
                    || state.failures[name] != nil
            }
        }
        return outcome
    }

    /// Forbids to erase a person, or allows it again.
    ///
    /// - Throws: ``SubjectError``.
    public func hold(
        subject text: String,
        isHeld: Bool,
        reason: String,
        actor: String
    ) async throws -> Position {
        guard let subjects else { throw SubjectError.noKeys }
        return try await onOwnThreads {
            if isHeld {
                return try await subjects.hold(text, reason: reason, actor: actor)
            }
            return try await subjects.release(text, reason: reason, actor: actor)
        }
    }
}

public import EventModel

extension InstanceState {
    /// Takes in what has happened.
    ///
    /// Total: it never fails, evaluates nothing, and does the same on every machine and in every
    /// release.
    /// - Parameters:
    ///   - event: the next event of the instance's stream.
    ///   - recordedAt: when the log took it.
    public mutating func evolve(_ event: InstanceEvent, recordedAt: Timestamp) {
        eventCount += 1
        updatedAt = recordedAt
        switch event {
        case .instanceStarted(let event): evolve(started: event, at: recordedAt)
        case .conditionEvaluated(let event): evolve(condition: event)
        case .stepScheduled(let event): evolve(scheduled: event)
        case .stepStarted(let event): evolve(stepStarted: event)
        case .stepCompleted(let event): evolve(completed: event)
        case .stepFailed(let event): evolve(failed: event)
        case .stepSkipped(let event): evolve(skipped: event)
        case .fallbackEntered(let event): evolve(fallback: event)
        case .timerSet(let event): evolve(timerSet: event)
        case .timerFired(let event), .timerCancelled(let event): evolve(timerEnded: event)
        case .instanceCompleted(let event): evolve(completed: event, at: recordedAt)
        case .instanceFailed(let event): evolve(failed: event, at: recordedAt)
        case .instancePaused(let event): evolve(paused: event)
        case .instanceResumed(let event): evolve(resumed: event)
        case .instanceCancelled(let event): evolve(cancelled: event, at: recordedAt)
        case .resultRefused(let event): evolve(refused: event)
        }
    }
}

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
        case .loopStarted(let event): evolve(loop: event)
        case .roundStarted(let event): evolve(roundStarted: event)
        case .roundEnded(let event): evolve(roundEnded: event)
        case .roundFailed(let event): evolve(roundFailed: event)
        case .branchFailed(let event): evolve(branchFailed: event)
        case .stepsAbandoned(let event): abandonSteps(inside: event.step, doneToo: false)
        case .eventAwaited(let event): evolve(awaited: event)
        case .approvalRequested(let event): evolve(requested: event)
        case .approvalReminded(let event): evolve(reminded: event)
        case .approvalDecided(let event): evolve(decided: event, at: recordedAt)
        case .signalReceived(let event): evolve(signal: event)
        case .signalTaken(let event): evolve(taken: event)
        case .childRequested(let event): evolve(child: event)
        case .childEnded(let event): children[event.child.text] = nil
        case .childCloseRequested(let event): children[event.child.text] = nil
        case .stepHeard(let event): steps[event.step]?.heardAt = recordedAt
        case .compensationStarted(let event): evolve(compensation: event)
        case .compensationEntered(let event): evolve(undoing: event)
        case .stepCompensated(let event): evolve(undone: event)
        case .instanceQueued(let event): evolve(queued: event)
        case .instanceAdmitted: evolveAdmitted()
        case .instanceSuspended: evolveSuspended()
        case .instanceContinued: evolveContinued()
        case .instanceTerminated(let event): evolve(terminated: event, at: recordedAt)
        case .instanceReset(let event): evolve(reset: event, at: recordedAt)
        case .instanceMigrated(let event): definition = event.definition
        }
    }
}

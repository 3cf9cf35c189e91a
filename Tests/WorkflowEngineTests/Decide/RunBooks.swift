import EventModel
import WorkflowEngine

/// Keeps books of a run beside the kernel: what was begun, has ended, can be undone.
struct RunBooks {
    private(set) var broken: [String] = []
    private(set) var timers: Set<String> = []
    private var completed: Set<String> = []
    private var ended: Set<String> = []
    private var lastAttempts: [String: Int] = [:]
    /// What has completed and can be undone, in order.
    private var undoable: [String] = []
    private var isEnding = false
    private var hasEnded = false

    /// Any step that was called, with its newest attempt.
    func anyAttempt(_ lots: inout Lots) -> (step: String, attempt: Int)? {
        lastAttempts.sorted { $0.key < $1.key }.randomElement(using: &lots).map {
            ($0.key, $0.value)
        }
    }

    /// - Parameter state: the state after the decision that the event belongs to.
    mutating func note(_ event: InstanceEvent, _ state: InstanceState) {
        if hasEnded, event.type != "ResultRefused", event.type != "InstanceReset" {
            broken.append("\(event.type) after the end")
        }
        switch event {
        case .stepScheduled(let event):
            schedule(event)
        case .stepCompleted(let event):
            if event.isCompensable { undoable.append(event.step) }
            guard event.attempt > 0, lastAttempts[event.step] != nil else { return }
            if !completed.insert("\(event.step)#\(event.attempt)").inserted {
                broken.append("\(event.step) took attempt \(event.attempt) twice")
            }
            end(event.step, event.attempt)
        case .stepFailed(let event):
            guard event.attempt > 0, lastAttempts[event.step] != nil else { return }
            end(event.step, event.attempt)
        case .timerSet(let event):
            let isNew = timers.insert(event.timer).inserted
            if !isNew, event.purpose != .heartbeat { broken.append("\(event.timer) is set twice") }
        case .timerFired(let event), .timerCancelled(let event):
            if timers.remove(event.timer) == nil { broken.append("\(event.timer) was not set") }
        case .compensationStarted:
            isEnding = true
        case .compensationEntered(let event):
            if undoable.last != event.step {
                broken.append("\(event.step) is undone before \(undoable.last ?? "nothing")")
            }
        case .stepCompensated(let event):
            if undoable.popLast() != event.step { broken.append("\(event.step) was not to undo") }
        case .instanceFailed, .instanceCancelled:
            if !undoable.isEmpty { broken.append("\(undoable.count) steps were not undone") }
            hasEnded = true
        case .instanceCompleted, .instanceTerminated:
            hasEnded = true
        case .instanceReset(let event):
            startAnew(event)
        case .instanceStarted, .conditionEvaluated, .stepStarted, .stepSkipped, .fallbackEntered,
            .instancePaused, .instanceResumed, .resultRefused, .loopStarted, .roundStarted,
            .roundEnded, .roundFailed, .branchFailed, .stepsAbandoned, .eventAwaited,
            .approvalRequested, .approvalReminded, .approvalDecided, .signalReceived,
            .signalTaken, .childRequested, .childEnded, .childCloseRequested, .stepHeard,
            .instanceQueued, .instanceAdmitted, .instanceSuspended, .instanceContinued,
            .instanceMigrated:
            break
        }
    }

    private mutating func schedule(_ event: InstanceEvent.StepScheduled) {
        if event.attempt <= lastAttempts[event.step, default: 0] {
            broken.append("attempt \(event.attempt) of \(event.step) is out of turn")
        }
        lastAttempts[event.step] = event.attempt
        let isUndoing = undoable.contains { event.step.hasPrefix($0 + ".") }
        if isEnding, !isUndoing { broken.append("\(event.step) is called after the end has begun") }
    }

    private mutating func end(_ step: String, _ attempt: Int) {
        if !ended.insert("\(step)#\(attempt)").inserted {
            broken.append("attempt \(attempt) of \(step) ended twice")
        }
    }

    /// After a return to an earlier state that state says what is set and what can be undone.
    private mutating func startAnew(_ event: InstanceEvent.InstanceReset) {
        guard let state = try? InstanceState(value: event.state) else {
            return broken.append("the state of a reset cannot be read")
        }
        timers = Set(state.timers.keys)
        undoable = state.compensations.map(\.step)
        isEnding = state.ending != nil
        hasEnded = false
    }

    /// Everything that was begun must have ended or be accounted for.
    func check(_ state: InstanceState) -> [String] {
        var broken: [String] = []
        if timers != Set(state.timers.keys) { broken.append("the timers do not add up") }
        for (step, attempt) in lastAttempts where !ended.contains("\(step)#\(attempt)") {
            let phase = state.steps[step]?.phase
            // A round that is over takes its steps along, and so does a return to an earlier event.
            let isAwaited = state.currentAttempts[step] == attempt
            guard !isAwaited, let phase, !phase.isOver, phase != .incident else { continue }
            broken.append("attempt \(attempt) of \(step) is lost")
        }
        if state.status.isEnded, !state.openSteps.isEmpty || !state.timers.isEmpty {
            broken.append("an ended instance still waits")
        }
        for step in state.openSteps.map(\.step) + state.timers.values.map(\.step) {
            if let dead = deadStep(around: step, in: state) {
                broken.append("\(step) goes on inside \(dead), which is over")
            }
        }
        let waits =
            !state.openSteps.isEmpty || !state.timers.isEmpty || !state.incidents.isEmpty
            || !state.awaitedEvents.isEmpty || !state.openApprovals.isEmpty
            || !state.children.isEmpty || state.isSuspended || state.status == .queued
        if !state.status.isEnded, !waits { broken.append("nothing is awaited") }
        let isPaused = state.status == .paused
        if isPaused != !state.incidents.isEmpty, !state.status.isEnded, !state.isSuspended {
            broken.append("paused without an incident, or the other way round")
        }
        return broken
    }

    private func deadStep(around path: String, in state: InstanceState) -> String? {
        // What undoes a step runs after all that was around it has ended.
        if let undone = state.compensations.last?.step, path.hasPrefix(undone + ".") { return nil }
        var parts = path.split(separator: ".")
        while parts.popLast() != nil, !parts.isEmpty {
            var around = parts.joined(separator: ".")
            // A round is no step of its own, its loop is.
            if around.hasSuffix("]"), let open = around.lastIndex(of: "[") {
                around = String(around[..<open])
            }
            // A branch has a path but is no step.
            guard let phase = state.steps[around]?.phase else { continue }
            if phase != .entered, phase != .fallback { return around }
        }
        return nil
    }
}

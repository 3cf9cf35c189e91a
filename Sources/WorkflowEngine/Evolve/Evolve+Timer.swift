import EventModel

extension InstanceState {
    mutating func evolve(timerSet event: InstanceEvent.TimerSet) {
        timers[event.timer] = TimerState(step: event.step, purpose: event.purpose, due: event.due)
        switch event.purpose {
        case .wait: steps[event.step, default: StepState(phase: .waiting)].phase = .waiting
        case .retry, .timeout, .deadline, .reminder, .next, .start, .heartbeat: break
        }
    }

    mutating func evolve(timerEnded event: InstanceEvent.TimerEnded) {
        timers[event.timer] = nil
    }
}

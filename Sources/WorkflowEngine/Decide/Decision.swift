import EventModel

/// One command's consequences while they are worked out: a working copy of the state that takes in
/// each event as it is decided, and a list of what is still to be looked at.
struct Decision {
    /// A place in a sequence that the flow has reached.
    struct Place {
        var sequence: Int
        var offset: Int
        var rounds: [Int]
    }

    private(set) var state: InstanceState
    let instance: EventID
    let definition: WorkflowDefinition
    let at: Timestamp
    private(set) var events: [InstanceEvent] = []
    /// Taken from the end, so that a branch is followed until it waits before the next one begins.
    var places: [Place] = []

    var plan: Plan { definition.plan }

    init(
        state: InstanceState,
        instance: EventID,
        definition: WorkflowDefinition,
        at: Timestamp
    ) {
        self.state = state
        self.instance = instance
        self.definition = definition
        self.at = at
    }

    mutating func emit(_ event: InstanceEvent) throws(Rejection) {
        guard events.count < WorkflowLimits.eventsPerDecisionMax else {
            throw Rejection(
                .limit,
                "one command would lead to more than "
                    + "\(WorkflowLimits.eventsPerDecisionMax) events; "
                    + "split the workflow '\(definition.name)'"
            )
        }
        events.append(event)
        state.evolve(event, recordedAt: at)
    }

    /// Goes on wherever the flow has got to, until everything waits or the instance has ended.
    mutating func drain() throws(Rejection) {
        while !state.status.isEnded, let place = places.popLast() {
            let nodes = plan.sequences[place.sequence].nodes
            if place.offset < nodes.count {
                try begin(Spot(node: nodes[place.offset], rounds: place.rounds))
            } else {
                try finish(place)
            }
        }
    }

    // MARK: What may be asked of which instance

    func requireInstance() throws(Rejection) {
        guard state.status != .absent else {
            throw Rejection(.missing, "there is no instance \(instance.text)")
        }
        guard state.definition == definition.hash else {
            let kept = state.definition?.hexadecimal ?? "none"
            throw Rejection(
                .wrongStatus,
                "the instance \(instance.text) keeps to definition \(kept), "
                    + "not \(definition.hash.hexadecimal)"
            )
        }
    }

    func requireLive() throws(Rejection) {
        try requireInstance()
        guard !state.status.isEnded else { throw ended() }
    }

    func ended() -> Rejection {
        Rejection(.ended, "the instance \(instance.text) is \(state.status.rawValue)")
    }

    /// The step that a command or a timer names.
    func spot(_ path: String) throws(Rejection) -> Spot {
        guard let spot = plan.spot(path) else {
            throw Rejection(.missing, "the workflow '\(definition.name)' has no step '\(path)'")
        }
        return spot
    }

    // MARK: Sequences

    /// What stands behind a step comes next, unless the instance stands still: then the state keeps
    /// in mind that it has to.
    mutating func goOn(behind spot: Spot) {
        guard !state.isSuspended else { return }
        let here = plan.nodes[spot.node]
        places.append(
            Place(sequence: here.sequence, offset: here.offset + 1, rounds: spot.rounds)
        )
    }

    mutating func enter(_ sequence: Int, rounds: [Int]) {
        places.append(Place(sequence: sequence, offset: 0, rounds: rounds))
    }

    /// Every step of a sequence is over.
    private mutating func finish(_ place: Place) throws(Rejection) {
        let sequence = plan.sequences[place.sequence]
        guard let owner = plan.owner(of: place.sequence, rounds: place.rounds) else {
            return try finishInstance()
        }
        switch sequence.role {
        case .root, .way: try finishStep(owner, .null)
        case .branch: try joinBranches(of: owner)
        case .round: try finishRound(of: owner, place)
        case .timeout: try finishStep(owner, ["timed_out": true])
        case .rejection: try finishStep(owner, approvalOutput(plan.path(owner)))
        case .fallback: try finishFallback(of: owner, level: sequence.index)
        case .compensation: try finishCompensation(of: owner)
        }
    }

    /// A step is over, and has given something.
    ///
    /// - Parameter attempt: 0 for a step that the kernel runs itself.
    mutating func finishStep(
        _ spot: Spot,
        _ output: Value,
        attempt: Int = 0
    ) throws(Rejection) {
        let path = plan.path(spot)
        let isCompensable = plan.nodes[spot.node].compensation != nil && state.ending == nil
        let event = InstanceEvent.StepCompleted(
            step: path,
            attempt: attempt,
            output: output,
            isCompensable: isCompensable
        )
        try emit(.stepCompleted(event))
        try cancelTimers(of: path)
        goOn(behind: spot)
    }

    private mutating func finishInstance() throws(Rejection) {
        var output = Value.null
        if let template = definition.output {
            switch evaluate(template, at: nil) {
            case .success(let value): output = value
            case .failure(let failure): return try end(.failed(step: "output", failure))
            }
        }
        let problems = definition.outputProblems(output)
        guard problems.isEmpty else {
            let failure = ActionFailure(
                code: "invalid_output",
                message: problems.joined(separator: "; "),
                isRetryable: false
            )
            return try end(.failed(step: "output", failure))
        }
        try complete(output: output, outcome: "completed")
    }

    /// The instance ends in order.
    mutating func complete(output: Value, outcome: String) throws(Rejection) {
        try closeChildren { _ in true }
        try cancelAllTimers()
        try emit(.instanceCompleted(.init(output: output, outcome: outcome)))
    }

    /// Forgets the places inside a step that the flow had reached in this decision.
    mutating func leave(_ spot: Spot) {
        guard !places.isEmpty else { return }
        let plan = plan
        places.removeAll { place in
            plan.isSequence(place.sequence, inside: spot.node)
                && place.rounds.starts(with: spot.rounds)
        }
    }

    // MARK: Timers

    mutating func setTimer(
        _ suffix: String,
        _ purpose: InstanceEvent.TimerSet.Purpose,
        due: Timestamp,
        step: String
    ) throws(Rejection) {
        let event = InstanceEvent.TimerSet(
            timer: "\(step)#\(suffix)",
            step: step,
            purpose: purpose,
            due: due
        )
        try emit(.timerSet(event))
    }

    /// Cancels a step's own timers.
    mutating func cancelTimers(of path: String) throws(Rejection) {
        try cancelTimers { $0 == path }
    }

    /// Cancels the timers of a step and of all that is inside it.
    mutating func cancelTimers(inside path: String) throws(Rejection) {
        try cancelTimers { $0 == path || InstanceState.isInside($0, path) }
    }

    mutating func cancelAllTimers() throws(Rejection) {
        try cancelTimers { _ in true }
    }

    private mutating func cancelTimers(
        where matches: (String) -> Bool
    ) throws(Rejection) {
        guard !state.timers.isEmpty else { return }
        let timers = state.timers.filter { matches($0.value.step) }
        for (name, timer) in timers.sorted(by: { $0.key < $1.key }) {
            try emit(.timerCancelled(.init(timer: name, step: timer.step)))
        }
    }
}

import EventModel

/// One command's consequences while they are worked out: a working copy of the state that takes in
/// each event as it is decided, and a list of what is still to be looked at.
struct Decision {
    /// A place in a sequence that the flow has reached.
    struct Place {
        var sequence: Int
        var offset: Int
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
                try begin(nodes[place.offset])
            } else {
                try finish(place.sequence)
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

    // MARK: Sequences

    mutating func goOn(behind node: Int) {
        let here = plan.nodes[node]
        places.append(Place(sequence: here.sequence, offset: here.offset + 1))
    }

    mutating func enter(_ sequence: Int) {
        places.append(Place(sequence: sequence, offset: 0))
    }

    /// Every step of a sequence is over.
    private mutating func finish(_ sequence: Int) throws(Rejection) {
        guard let owner = plan.sequences[sequence].owner else { return try finishInstance() }
        switch plan.sequences[sequence].role {
        case .root, .way:
            try complete(owner)
        case .branch:
            let branches = plan.nodes[owner].branches
            if branches.allSatisfy(isOver) { try complete(owner) }
        case .fallback:
            try finishFallback(of: owner)
        }
    }

    private func isOver(_ sequence: Int) -> Bool {
        guard let last = plan.sequences[sequence].nodes.last else { return true }
        return state.steps[plan.nodes[last].step.path]?.phase.isDone ?? false
    }

    /// A step that holds others, or that its `on_failure` has mended, is over.
    private mutating func complete(_ node: Int) throws(Rejection) {
        let path = plan.nodes[node].step.path
        try emit(.stepCompleted(.init(step: path, attempt: 0, output: .null)))
        try cancelTimers(of: path)
        goOn(behind: node)
    }

    private mutating func finishFallback(of node: Int) throws(Rejection) {
        let step = plan.nodes[node].step
        switch step.onFailure?.sequel {
        case .proceed?:
            try complete(node)
        case .fail?, nil:
            let failure = state.steps[step.path]?.failure ?? Decision.unknownFailure
            let cause = state.steps[step.path]?.cause ?? step.path
            try passOn(failure, of: node, cause: cause, endsInstance: true, ownHasRun: true)
        }
    }

    private mutating func finishInstance() throws(Rejection) {
        var output = Value.null
        if let template = definition.output {
            switch evaluate(template, at: nil) {
            case .success(let value):
                output = value
            case .failure(let failure):
                try cancelAllTimers()
                return try emit(.instanceFailed(.init(step: "output", failure: failure)))
            }
        }
        let problems = definition.outputProblems(output)
        guard problems.isEmpty else {
            try cancelAllTimers()
            let failure = ActionFailure(
                code: "invalid_output",
                message: problems.joined(separator: "; "),
                isRetryable: false
            )
            return try emit(.instanceFailed(.init(step: "output", failure: failure)))
        }
        try emit(.instanceCompleted(.init(output: output, outcome: "completed")))
    }

    private static let unknownFailure = ActionFailure(
        code: "unknown",
        message: "the failure was not recorded",
        isRetryable: false
    )

    // MARK: Timers

    /// Cancels a step's own timers.
    mutating func cancelTimers(of path: String) throws(Rejection) {
        try cancelTimers { $0 == path }
    }

    /// Cancels the timers of a step and of all that is inside it.
    mutating func cancelTimers(inside path: String) throws(Rejection) {
        let prefix = path + "."
        try cancelTimers { $0 == path || $0.hasPrefix(prefix) }
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

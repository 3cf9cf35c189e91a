import CEL
import EventModel

extension Decision {
    mutating func wait(_ rule: StepDefinition.WaitRule, _ spot: Spot) throws(Rejection) {
        switch rule {
        case .event(let wait):
            try awaitEvent(wait, spot)
        case .duration(let template):
            try wait(until: evaluate(template, at: spot).flatMap(instant(after:)), spot)
        case .until(let template):
            try wait(until: evaluate(template, at: spot).flatMap(instant(of:)), spot)
        }
    }

    private mutating func wait(
        until due: Result<Timestamp, ActionFailure>,
        _ spot: Spot
    ) throws(Rejection) {
        switch due {
        case .failure(let failure):
            try giveUp(spot, failure, attempt: 0)
        case .success(let instant):
            let due = instant.roundedUpToMilliseconds
            guard due > at else { return try finishStep(spot, .null) }
            try setTimer("wait", .wait, due: due, step: plan.path(spot))
        }
    }

    private func instant(after value: Value) -> Result<Timestamp, ActionFailure> {
        let text = value.stringValue.flatMap(TimeText.duration)
        guard let length = value.durationValue ?? text else {
            return .failure(.wrongType("'for'", "a length of time", value))
        }
        guard length <= WorkflowLimits.durationMax else {
            return .failure(.tooFar("'for' is longer than ten years"))
        }
        return .success(at + max(length, .zero))
    }

    private func instant(of value: Value) -> Result<Timestamp, ActionFailure> {
        let text = value.stringValue.flatMap(TimeText.timestamp)
        guard let instant = value.timestampValue ?? text else {
            return .failure(.wrongType("'until'", "an instant", value))
        }
        guard instant <= at + WorkflowLimits.durationMax else {
            return .failure(.tooFar("'until' is more than ten years away"))
        }
        return .success(instant)
    }

    /// How long a wait or an approval is patient: a length of time or an instant; nil for ever.
    func patience(
        _ template: ValueTemplate?,
        _ spot: Spot
    ) -> Result<Timestamp?, ActionFailure> {
        guard let template else { return .success(nil) }
        return evaluate(template, at: spot).flatMap { value in
            let isInstant =
                value.timestampValue ?? value.stringValue.flatMap(TimeText.timestamp) != nil
            let due = isInstant ? instant(of: value) : instant(after: value)
            return due.map { Optional($0.roundedUpToMilliseconds) }
        }
    }

    // MARK: Events

    private mutating func awaitEvent(
        _ wait: StepDefinition.EventWait,
        _ spot: Spot
    ) throws(Rejection) {
        var match = ValueMap()
        for member in wait.match {
            switch evaluate(member.template, at: spot) {
            case .failure(let failure): return try giveUp(spot, failure, attempt: 0)
            case .success(let value): match[member.key] = value
            }
        }
        let deadline: Timestamp?
        switch patience(wait.timeout, spot) {
        case .failure(let failure): return try giveUp(spot, failure, attempt: 0)
        case .success(let instant): deadline = instant
        }
        let path = plan.path(spot)
        let awaited = wait.source.awaited(match)
        if let index = keptSignal(for: awaited, wait, spot) {
            let signal = state.signals[index]
            try emit(.signalTaken(.init(step: path, index: index)))
            return try finishStep(spot, signal.output)
        }
        try emit(.eventAwaited(.init(step: path, awaited: awaited)))
        if let deadline { try setTimer("deadline", .deadline, due: deadline, step: path) }
    }

    /// The oldest kept signal that a step takes; nil if there is none.
    private func keptSignal(
        for awaited: AwaitedEvent,
        _ wait: StepDefinition.EventWait,
        _ spot: Spot
    ) -> Int? {
        guard awaited.kind == .signal else { return nil }
        return state.signals.firstIndex { signal in
            signal.name == awaited.name && awaited.fits(word: nil, data: signal.data)
                && accepts(signal.variables, wait, spot)
        }
    }

    /// What a condition does not say yes to does not end the wait; that is so also if it fails.
    private func accepts(
        _ known: ValueMap,
        _ wait: StepDefinition.EventWait,
        _ spot: Spot
    ) -> Bool {
        guard let condition = wait.condition else { return true }
        let variables = variables(at: spot).merging(known)
        return (try? evaluate(condition, with: variables).get()) ?? false
    }

    /// Something has come that a step may be waiting for.
    mutating func deliver(_ delivery: InstanceCommand.Delivery) throws(Rejection) {
        let spot = try spot(delivery.step)
        guard case .wait(.event(let wait)) = plan.nodes[spot.node].step.body,
            state.steps[delivery.step]?.phase == .waiting,
            case .event(let awaited)? = state.steps[delivery.step]?.pending
        else {
            throw Rejection(.stale, "'\(delivery.step)' does not wait for anything any more")
        }
        guard awaited.kind == delivery.kind, awaited.name == delivery.name,
            awaited.fits(word: delivery.word, data: delivery.data),
            accepts(delivery.variables, wait, spot)
        else {
            throw Rejection(.unneeded, "'\(delivery.step)' waits for something else")
        }
        try finishStep(spot, delivery.output)
    }

    /// A signal goes to the first step that waits for it, or is kept.
    mutating func signal(_ name: String, _ data: Value, actor: String) throws(Rejection) {
        let signal = SignalState(name: name, data: data, actor: actor)
        for path in state.steps.keys.sorted() where state.steps[path]?.phase == .waiting {
            guard case .event(let awaited)? = state.steps[path]?.pending,
                awaited.kind == .signal, awaited.name == name,
                awaited.fits(word: nil, data: data), let spot = plan.spot(path),
                case .wait(.event(let wait)) = plan.nodes[spot.node].step.body,
                accepts(signal.variables, wait, spot)
            else { continue }
            try emit(.signalReceived(.init(name: name, payload: data, actor: actor, step: path)))
            return try finishStep(spot, signal.output)
        }
        guard state.signals.count < WorkflowLimits.signalsKeptMax else {
            throw Rejection(
                .limit,
                "\(WorkflowLimits.signalsKeptMax) signals wait to be taken already"
            )
        }
        try emit(.signalReceived(.init(name: name, payload: data, actor: actor)))
    }

    /// A wait or an approval has waited long enough.
    mutating func expire(_ spot: Spot) throws(Rejection) {
        let path = plan.path(spot)
        try cancelTimers(of: path)
        if let late = plan.nodes[spot.node].timeout {
            // From here on nothing that comes ends the wait.
            try emit(.stepStarted(.init(step: path, attempt: 0)))
            return enter(late, rounds: spot.rounds)
        }
        let failure = ActionFailure(
            code: "timeout",
            message: "nothing came for '\(plan.nodes[spot.node].step.name)' in time",
            isRetryable: false
        )
        try giveUp(spot, failure, attempt: 0)
    }
}

extension StepDefinition.EventWait.Source {
    func awaited(_ match: ValueMap) -> AwaitedEvent {
        switch self {
        case .event(let type):
            AwaitedEvent(kind: .event, name: type, match: match)
        case .record(let database, let changes):
            AwaitedEvent(
                kind: .record,
                name: database,
                words: changes.map(\.rawValue),
                match: match
            )
        case .webhook(let source, let event):
            AwaitedEvent(
                kind: .webhook,
                name: source,
                words: event.map { [$0] } ?? [],
                match: match
            )
        case .signal(let name):
            AwaitedEvent(kind: .signal, name: name, match: match)
        }
    }
}

extension SignalState {
    /// What a wait's condition sees.
    var variables: ValueMap {
        ["signal": ["name": .string(name), "actor": .string(actor), "data": data], "data": data]
    }

    /// What a wait gives when it takes the signal.
    var output: Value {
        ["timed_out": false, "name": .string(name), "actor": .string(actor), "data": data]
    }
}

extension ActionFailure {
    static func tooFar(_ message: String) -> ActionFailure {
        ActionFailure(code: "expression_error", message: message, isRetryable: false)
    }
}

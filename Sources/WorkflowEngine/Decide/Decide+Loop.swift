import CEL
import EventModel

extension Decision {
    /// A `for_each` begins.
    mutating func enter(_ loop: StepDefinition.Loop, _ spot: Spot) throws(Rejection) {
        var items = Value.null
        if let template = loop.items {
            switch evaluate(template, at: spot).flatMap({ rounds(of: $0, limit: loop.limit) }) {
            case .failure(let failure): return try giveUp(spot, failure, attempt: 0)
            case .success(let value): items = value
            }
        }
        try emit(.loopStarted(.init(step: plan.path(spot), items: items)))
        try setTimeout(of: spot)
        try advance(spot)
    }

    /// A list, or a number of rounds.
    private func rounds(of value: Value, limit: Int) -> Result<Value, ActionFailure> {
        switch value {
        case .list(let items):
            return .success(.list(items.count > limit ? Array(items.prefix(limit)) : items))
        case .map(let map):
            let items = map.entries.prefix(limit).map { entry -> Value in
                ["key": entry.key.value, "value": entry.value]
            }
            return .success(.list(items))
        case .int, .uint:
            guard let count = value.intValue, count >= 0 else {
                return .failure(.wrongType("'items'", "at least 0", value))
            }
            return .success(.int(min(count, Int64(limit))))
        case .null, .bool, .double, .string, .bytes, .timestamp, .duration:
            return .failure(
                .wrongType("'items'", "a list, a map or a whole number", value)
            )
        }
    }

    /// Begins as many rounds as may run; ends the loop if there are none left.
    mutating func advance(_ spot: Spot) throws(Rejection) {
        guard case .loop(let loop) = plan.nodes[spot.node].step.body,
            let sequence = plan.nodes[spot.node].round
        else { return }
        let path = plan.path(spot)
        var begun: [Place] = []
        while let current = state.loops[path], current.open.count < loop.concurrency {
            let round = current.next
            if let total = current.total, round >= total { break }
            guard state.timers["\(path)#next\(round)"] == nil else {
                return places += begun.reversed()
            }
            // What runs at once would hold up everybody, so a long loop goes on in turns.
            guard events.count < WorkflowLimits.eventsPerTurn else {
                try setTimer("next\(round)", .next, due: at.roundedUpToMilliseconds, step: path)
                return places += begun.reversed()
            }
            if let condition = loop.condition, current.open.isEmpty {
                switch wants(condition, round: round, spot) {
                case .failure(let failure): return try giveUp(spot, failure, attempt: 0)
                case .success(false):
                    try emitCondition(condition, false, of: spot)
                    continue
                case .success(true):
                    guard round < loop.limit else {
                        return try giveUp(spot, .tooManyRounds(loop.limit), attempt: 0)
                    }
                }
            }
            try emit(.roundStarted(.init(step: path, round: round)))
            begun.append(Place(sequence: sequence, offset: 0, rounds: spot.rounds + [round]))
        }
        places += begun.reversed()
        if state.loops[path]?.open.isEmpty ?? false { try finish(loop, spot) }
    }

    private func wants(
        _ condition: StepDefinition.Condition,
        round: Int,
        _ spot: Spot
    ) -> Result<Bool, ActionFailure> {
        var variables = variables(at: spot)
        variables["round"] = ["index": .int(Int64(round)), "item": .int(Int64(round))]
        return evaluate(condition, with: variables)
    }

    private mutating func finish(_ loop: StepDefinition.Loop, _ spot: Spot) throws(Rejection) {
        guard let end = state.loops[plan.path(spot)] else { return }
        guard end.failedCount == 0 else {
            let failure = ActionFailure(
                code: "rounds_failed",
                message: "\(end.failedCount) of \(end.next) rounds have failed",
                isRetryable: false,
                details: ["failures": .list(end.failures), "collected": .list(end.collected)]
            )
            return try giveUp(spot, failure, attempt: 0)
        }
        guard loop.collect != nil else { return try finishStep(spot, .null) }
        // Rounds that gave null have left no trace at the end.
        let missing = end.next - end.collected.count
        let output = end.collected + Array(repeating: .null, count: max(0, missing))
        try finishStep(spot, .list(output))
    }

    /// Every step of a round is over.
    mutating func finishRound(of spot: Spot, _ place: Place) throws(Rejection) {
        guard case .loop(let loop) = plan.nodes[spot.node].step.body,
            let round = place.rounds.last
        else { return }
        var output = Value.null
        if let template = loop.collect, let last = plan.sequences[place.sequence].nodes.last {
            switch evaluate(template, at: Spot(node: last, rounds: place.rounds)) {
            case .failure(let failure): return try giveUp(spot, failure, attempt: 0)
            case .success(let value): output = value
            }
        }
        let path = plan.path(spot)
        try emit(.roundEnded(.init(step: path, round: round, output: output)))
        let size = state.loops[path]?.collectedBytes ?? 0
        guard size <= WorkflowLimits.collectedBytesMax else {
            return try giveUp(spot, .collectedTooMuch, attempt: 0)
        }
        try advance(spot)
    }

    /// A round has failed, and the others go on.
    mutating func failRound(
        _ round: Int,
        of spot: Spot,
        _ failure: ActionFailure,
        cause: String
    ) throws(Rejection) {
        let path = plan.path(spot)
        try closeChildren(inside: "\(path)[\(round)]")
        try cancelTimers(inside: "\(path)[\(round)]")
        leave(Spot(node: spot.node, rounds: spot.rounds + [round]))
        let event = InstanceEvent.RoundFailed(
            step: path,
            round: round,
            cause: cause,
            failure: failure
        )
        try emit(.roundFailed(event))
        try advance(spot)
    }
}

extension MapKey {
    /// The key as a value.
    var value: Value {
        switch self {
        case .int(let key): .int(key)
        case .uint(let key): .uint(key)
        case .string(let key): .string(key)
        case .bool(let key): .bool(key)
        }
    }
}

extension ActionFailure {
    static func tooManyRounds(_ limit: Int) -> ActionFailure {
        ActionFailure(
            code: "loop_limit",
            message: "the condition still holds after \(limit) rounds",
            isRetryable: false
        )
    }

    static let collectedTooMuch = ActionFailure(
        code: "output_too_large",
        message:
            "the rounds give more than \(WorkflowLimits.collectedBytesMax) bytes to 'collect'; "
            + "collect references to big things",
        isRetryable: false
    )
}

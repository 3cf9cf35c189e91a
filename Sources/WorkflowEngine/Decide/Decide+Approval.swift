import EventModel

extension Decision {
    /// People are asked.
    mutating func ask(
        _ approval: StepDefinition.Approval,
        _ spot: Spot
    ) throws(Rejection) {
        let title: String
        var text = ""
        var who: [String] = []
        let deadline: Timestamp?
        switch evaluate(approval.title, at: spot).flatMap(Decision.line) {
        case .failure(let failure): return try giveUp(spot, failure, attempt: 0)
        case .success(let line): title = line
        }
        if let template = approval.text {
            switch evaluate(template, at: spot).flatMap(Decision.line) {
            case .failure(let failure): return try giveUp(spot, failure, attempt: 0)
            case .success(let line): text = line
            }
        }
        if let template = approval.who {
            switch evaluate(template, at: spot).flatMap(Decision.people) {
            case .failure(let failure): return try giveUp(spot, failure, attempt: 0)
            case .success(let people): who = people
            }
        }
        switch patience(approval.deadline, spot) {
        case .failure(let failure): return try giveUp(spot, failure, attempt: 0)
        case .success(let instant): deadline = instant
        }
        let path = plan.path(spot)
        let event = InstanceEvent.ApprovalRequested(
            step: path,
            title: title,
            text: text,
            who: who,
            deadline: deadline
        )
        try emit(.approvalRequested(event))
        if let deadline { try setTimer("deadline", .deadline, due: deadline, step: path) }
        for (index, pause) in approval.reminders.enumerated() {
            let due = (at + pause).roundedUpToMilliseconds
            if let deadline, due >= deadline { continue }
            try setTimer("reminder\(index + 1)", .reminder, due: due, step: path)
        }
    }

    private static func line(_ value: Value) -> Result<String, ActionFailure> {
        guard let text = value.stringValue else {
            return .failure(.wrongType("what people are asked", "a text", value))
        }
        return .success(text)
    }

    private static func people(_ value: Value) -> Result<[String], ActionFailure> {
        if value.isNull { return .success([]) }
        if let text = value.stringValue { return .success([text]) }
        let people = value.listValue?.compactMap(\.stringValue)
        guard let people, people.count == value.listValue?.count else {
            return .failure(.wrongType("'who'", "a text or a list of texts", value))
        }
        return .success(people)
    }

    mutating func remind(_ spot: Spot) throws(Rejection) {
        let path = plan.path(spot)
        guard case .approval(let approval)? = state.steps[path]?.pending else { return }
        let number = approval.remindersSent + 1
        try emit(.approvalReminded(.init(step: path, number: number)))
    }

    /// A person has answered.
    mutating func approve(_ answer: InstanceCommand.Answer) throws(Rejection) {
        let path = try openApproval(answer.step)
        let spot = try spot(path)
        guard case .approval(let approval)? = state.steps[path]?.pending else { return }
        guard approval.accepts(answer.actor) else {
            throw Rejection(
                .notAllowed,
                "'\(path)' asks \(approval.who.joined(separator: ", ")), not \(answer.actor)"
            )
        }
        guard !state.isSuspended else {
            throw Rejection(
                .wrongStatus,
                "the instance \(instance.text) stands still; resume it first"
            )
        }
        let event = InstanceEvent.ApprovalDecided(
            step: path,
            outcome: answer.outcome,
            comment: answer.comment,
            actor: answer.actor
        )
        try cancelTimers(of: path)
        try emit(.approvalDecided(event))
        if answer.outcome == .rejected, let denied = plan.nodes[spot.node].rejection {
            return enter(denied, rounds: spot.rounds)
        }
        try finishStep(spot, approvalOutput(path))
    }

    /// The step that is meant: the named one, or the only one that waits for an answer.
    private func openApproval(_ name: String?) throws(Rejection) -> String {
        let open = state.steps.filter { $0.value.phase == .approving }.keys.sorted()
        if let name {
            guard open.contains(name) else {
                let known =
                    open.isEmpty ? "none does" : "there are: \(open.joined(separator: ", "))"
                throw Rejection(.stale, "'\(name)' does not wait for an answer; \(known)")
            }
            return name
        }
        guard open.count == 1, let only = open.first else {
            throw Rejection(
                open.isEmpty ? .stale : .ambiguous,
                open.isEmpty
                    ? "no step of the instance \(instance.text) waits for an answer"
                    : "several steps wait for an answer: \(open.joined(separator: ", ")); name one"
            )
        }
        return only
    }

    /// What an answered approval gives.
    func approvalOutput(_ path: String) -> Value {
        guard case .approval(let approval)? = state.steps[path]?.pending else { return .null }
        return [
            "approved": .bool(approval.outcome == .approved), "timed_out": false,
            "outcome": approval.outcome.map { .string($0.rawValue) } ?? .null,
            "comment": approval.comment.map { .string($0) } ?? .null,
            "actor": approval.actor.map { .string($0) } ?? .null,
            "decided_at": approval.decidedAt.map { .timestamp($0) } ?? .null,
        ]
    }
}

/// The steps of a workflow laid out flat, so that the decider finds what comes next without a
/// search.
///
/// Each list of steps in the document is a sequence; each sequence but the first belongs to a step.
struct Plan: Sendable {
    /// Why a sequence runs.
    enum Role: Sendable, Hashable {
        case root
        /// One way of an `if`.
        case way
        /// One branch of a `parallel`.
        case branch
        /// The rounds of a `for_each`.
        case round
        /// What is done when a `wait` or an `approval` has waited long enough.
        case timeout
        /// What is done when an `approval` was denied.
        case rejection
        /// A level of an `on_failure`.
        case fallback
        /// What undoes a step.
        case compensation
    }

    struct Sequence: Sendable {
        var role: Role
        /// The node that the sequence belongs to; nil for the root.
        var owner: Int?
        /// Which of the owner's branches or levels it is.
        var index = 0
        var nodes: [Int] = []
    }

    struct PlanNode: Sendable {
        var step: StepDefinition
        var sequence: Int
        var offset: Int
        /// Where in the path the rounds of the loops around the step go, in bytes.
        var roundPlaces: [Int]
        var then: Int?
        var otherwise: Int?
        var branches: [Int] = []
        var round: Int?
        var timeout: Int?
        var rejection: Int?
        var fallbacks: [Int] = []
        var compensation: Int?
    }

    private(set) var nodes: [PlanNode] = []
    private(set) var sequences: [Sequence] = []
    private(set) var indexByPath: [String: Int] = [:]

    /// The sequence that an instance begins with.
    static let rootSequence = 0

    init(_ steps: [StepDefinition]) {
        _ = add(steps, role: .root, owner: nil, roundPlaces: [])
    }

    private mutating func add(
        _ steps: [StepDefinition],
        role: Role,
        owner: Int?,
        index: Int = 0,
        roundPlaces: [Int]
    ) -> Int {
        let sequence = sequences.count
        sequences.append(Sequence(role: role, owner: owner, index: index))
        for (offset, step) in steps.enumerated() {
            let node = nodes.count
            nodes.append(
                PlanNode(step: step, sequence: sequence, offset: offset, roundPlaces: roundPlaces)
            )
            sequences[sequence].nodes.append(node)
            indexByPath[step.path] = node
            addInner(of: step, node, roundPlaces)
            for (level, fallback) in (step.onFailure?.levels ?? []).enumerated() {
                let inner = add(
                    fallback.steps,
                    role: .fallback,
                    owner: node,
                    index: level,
                    roundPlaces: roundPlaces
                )
                nodes[node].fallbacks.append(inner)
            }
            if !step.compensation.isEmpty {
                nodes[node].compensation = add(
                    step.compensation,
                    role: .compensation,
                    owner: node,
                    roundPlaces: roundPlaces
                )
            }
        }
        return sequence
    }

    private mutating func addInner(of step: StepDefinition, _ node: Int, _ places: [Int]) {
        switch step.body {
        case .choice(let choice):
            nodes[node].then = add(choice.then, role: .way, owner: node, roundPlaces: places)
            nodes[node].otherwise = add(
                choice.otherwise,
                role: .way,
                owner: node,
                roundPlaces: places
            )
        case .parallel(let parallel):
            nodes[node].branches = parallel.branches.enumerated().map { index, branch in
                add(branch.steps, role: .branch, owner: node, index: index, roundPlaces: places)
            }
        case .loop(let loop):
            let inner = places + [step.path.utf8.count]
            nodes[node].round = add(loop.steps, role: .round, owner: node, roundPlaces: inner)
        case .approval(let approval):
            if !approval.onRejected.isEmpty {
                nodes[node].rejection = add(
                    approval.onRejected,
                    role: .rejection,
                    owner: node,
                    roundPlaces: places
                )
            }
            addTimeout(approval.onTimeout, node, places)
        case .wait(.event(let wait)):
            addTimeout(wait.onTimeout, node, places)
        case .action, .set, .wait, .call, .stop, .fail:
            break
        }
    }

    private mutating func addTimeout(_ steps: [StepDefinition], _ node: Int, _ places: [Int]) {
        guard !steps.isEmpty else { return }
        nodes[node].timeout = add(steps, role: .timeout, owner: node, roundPlaces: places)
    }

    /// The nearest sequence around a node that has a role; nil if there is none.
    func sequence(around node: Int, _ role: Role) -> Int? {
        var current = nodes[node].sequence
        while sequences[current].role != role {
            guard let owner = sequences[current].owner else { return nil }
            current = nodes[owner].sequence
        }
        return current
    }

    /// Whether a sequence stands somewhere inside a node.
    func isSequence(_ sequence: Int, inside node: Int) -> Bool {
        var owner = sequences[sequence].owner
        while let current = owner {
            if current == node { return true }
            owner = sequences[nodes[current].sequence].owner
        }
        return false
    }
}

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
        case fallback
    }

    struct Sequence: Sendable {
        var role: Role
        /// The node that the sequence belongs to; nil for the root.
        var owner: Int?
        var nodes: [Int] = []
    }

    struct PlanNode: Sendable {
        var step: StepDefinition
        var sequence: Int
        var offset: Int
        var then: Int?
        var otherwise: Int?
        var branches: [Int] = []
        var fallback: Int?
    }

    private(set) var nodes: [PlanNode] = []
    private(set) var sequences: [Sequence] = []
    private(set) var indexByPath: [String: Int] = [:]

    /// The sequence that an instance begins with.
    static let rootSequence = 0

    init(_ steps: [StepDefinition]) {
        _ = add(steps, role: .root, owner: nil)
    }

    private mutating func add(_ steps: [StepDefinition], role: Role, owner: Int?) -> Int {
        let sequence = sequences.count
        sequences.append(Sequence(role: role, owner: owner))
        for (offset, step) in steps.enumerated() {
            let index = nodes.count
            nodes.append(PlanNode(step: step, sequence: sequence, offset: offset))
            sequences[sequence].nodes.append(index)
            indexByPath[step.path] = index
            switch step.body {
            case .choice(let choice):
                nodes[index].then = add(choice.then, role: .way, owner: index)
                nodes[index].otherwise = add(choice.otherwise, role: .way, owner: index)
            case .parallel(let branches):
                nodes[index].branches = branches.map { add($0.steps, role: .branch, owner: index) }
            case .action, .set, .wait, .stop, .fail:
                break
            }
            if let handler = step.onFailure {
                nodes[index].fallback = add(handler.steps, role: .fallback, owner: index)
            }
        }
        return sequence
    }

    /// The nodes whose `on_failure` may take over when a node has failed, the nearest first.
    ///
    /// A failure inside an `on_failure` is not for the step that this belongs to, which has failed
    /// already.
    func handlers(of node: Int) -> [Int] {
        var handlers: [Int] = []
        var current = node
        while true {
            if nodes[current].fallback != nil { handlers.append(current) }
            var sequence = sequences[nodes[current].sequence]
            while sequence.role == .fallback, let owner = sequence.owner {
                sequence = sequences[nodes[owner].sequence]
            }
            guard let owner = sequence.owner else { return handlers }
            current = owner
        }
    }

    /// The step whose `on_failure` a node stands in, the nearest one; nil if it stands in none.
    func failedStep(around node: Int) -> Int? {
        var sequence = sequences[nodes[node].sequence]
        while sequence.role != .fallback {
            guard let owner = sequence.owner else { return nil }
            sequence = sequences[nodes[owner].sequence]
        }
        return sequence.owner
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

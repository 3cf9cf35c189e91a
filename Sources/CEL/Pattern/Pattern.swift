/// A regular expression in the syntax of RE2, matched in time linear in the text.
///
/// It is a non-deterministic automaton after Thompson (Communications of the ACM 11, 1968), whose
/// states are all followed at once. Only whether there is a match is asked, so greedy and lazy
/// repetitions are the same and groups capture nothing.
struct Pattern: Sendable {
    enum Instruction: Sendable {
        /// Consumes one scalar of a set.
        case scalar(ScalarSet, next: Int)
        case split(Int, Int)
        case assert(Assertion, next: Int)
        /// Remembers the place, for the beginning or end of a group.
        case mark(Int, next: Int)
        case match
    }

    let instructions: [Instruction]

    /// Compiles a pattern.
    ///
    /// - Throws: `invalidArgument`, with the place in the pattern in its message.
    init(_ source: String) throws(Fault) {
        let tree = try PatternParser.parse(source)
        var compiler = PatternCompiler()
        try compiler.compile(tree)
        instructions = compiler.instructions
    }

    /// Instructions of the program.
    var count: Int { instructions.count }

    /// Whether the pattern matches some part of a text.
    func matches(_ text: String, _ context: inout Context) throws(Fault) -> Bool {
        var current = StateSet(count: instructions.count)
        var following = StateSet(count: instructions.count)
        var previous: Unicode.Scalar?
        var iterator = text.unicodeScalars.makeIterator()
        var scalar = iterator.next()
        while true {
            if add(0, to: &current, between: previous, scalar) { return true }
            // A step of the budget pays for about a dozen states.
            try context.steps(1 + current.states.count / 12)
            guard let consumed = scalar else { return false }
            let upcoming = iterator.next()
            for state in current.states {
                guard case .scalar(let set, let next) = instructions[state], set.contains(consumed)
                else { continue }
                if add(next, to: &following, between: consumed, upcoming) { return true }
            }
            swap(&current, &following)
            following.removeAll()
            previous = consumed
            scalar = upcoming
        }
    }

    /// Adds a state and all that are reached from it without consuming; true if that is a match.
    private func add(
        _ state: Int,
        to set: inout StateSet,
        between previous: Unicode.Scalar?,
        _ next: Unicode.Scalar?
    ) -> Bool {
        // Most states follow directly; only a split needs a list of what is to be followed yet.
        if case .scalar = instructions[state] {
            _ = set.insert(state)
            return false
        }
        var pending = [state]
        while let state = pending.popLast() {
            guard set.insert(state) else { continue }
            switch instructions[state] {
            case .scalar: break
            case .match: return true
            case .split(let first, let second):
                pending.append(second)
                pending.append(first)
            case .assert(let assertion, let target):
                if assertion.holds(between: previous, next) { pending.append(target) }
            case .mark(_, let target):
                pending.append(target)
            }
        }
        return false
    }
}

/// The states that an automaton is in: insertion, membership and clearing take constant time.
private struct StateSet {
    private(set) var states: [Int] = []
    private var places: [Int]

    init(count: Int) {
        places = Array(repeating: 0, count: count)
        states.reserveCapacity(count)
    }

    mutating func insert(_ state: Int) -> Bool {
        let place = places[state]
        guard place >= states.count || states[place] != state else { return false }
        places[state] = states.count
        states.append(state)
        return true
    }

    mutating func removeAll() { states.removeAll(keepingCapacity: true) }
}

/// What must hold at a place between two scalars.
enum Assertion: Sendable {
    case textStart
    case textEnd
    case lineStart
    case lineEnd
    case wordBoundary
    case noWordBoundary

    func holds(between previous: Unicode.Scalar?, _ next: Unicode.Scalar?) -> Bool {
        switch self {
        case .textStart: previous == nil
        case .textEnd: next == nil
        case .lineStart: previous == nil || previous == "\n"
        case .lineEnd: next == nil || next == "\n"
        case .wordBoundary: Self.isWord(previous) != Self.isWord(next)
        case .noWordBoundary: Self.isWord(previous) == Self.isWord(next)
        }
    }

    private static func isWord(_ scalar: Unicode.Scalar?) -> Bool {
        guard let scalar else { return false }
        return scalar.isIdentifierStart || scalar.isDigit
    }
}

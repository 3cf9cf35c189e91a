/// A regular expression that says where it matches, and where its groups do.
///
/// The same automaton as `Pattern`, with the states in the order in which a backtracking matcher would
/// try them (R. Cox, "Regular Expression Matching: the Virtual Machine Approach", 2009, after R. Pike):
/// of the matches that begin first it finds the one that greedy and lazy repetitions prefer, in
/// time linear in the text.
struct CapturePattern: Sendable {
    /// Marks of a match: where it begins and ends, then the same of each group; -1 for a group that
    /// takes no part.
    typealias Marks = [Int]

    private let instructions: [Pattern.Instruction]
    /// The groups that capture, all of them.
    let groupCount: Int
    private let markCount: Int

    /// Groups that a replacement can speak of: `\1` to `\9`.
    static let groupsMax = 9

    /// Compiles a pattern.
    ///
    /// - Throws: `invalidArgument`, with the place in the pattern in its message.
    init(_ source: String) throws(Fault) {
        let (tree, groupCount) = try PatternParser.parseCounting(source)
        var compiler = PatternCompiler(groupsMax: Self.groupsMax)
        try compiler.compile(tree)
        instructions = compiler.instructions
        self.groupCount = groupCount
        markCount = 2 + 2 * min(groupCount, Self.groupsMax)
    }

    /// Instructions of the program.
    var count: Int { instructions.count }

    /// States in the order of their preference, each with the marks that led to it.
    private struct Threads {
        var list: [(state: Int, marks: Marks)] = []
        private var seen: [Int]
        private var round = 0

        init(count: Int) { seen = Array(repeating: 0, count: count) }

        mutating func begin() {
            list.removeAll(keepingCapacity: true)
            round += 1
        }

        mutating func insert(_ state: Int) -> Bool {
            guard seen[state] != round else { return false }
            seen[state] = round
            return true
        }
    }

    /// The first match at or after a place.
    func first(
        in text: [Unicode.Scalar],
        from start: Int,
        _ context: inout Context
    ) throws(Fault) -> Marks? {
        var current = Threads(count: instructions.count)
        var following = Threads(count: instructions.count)
        var found: Marks?
        current.begin()
        for position in start...text.count {
            if found == nil {
                var marks = Array(repeating: -1, count: markCount)
                marks[0] = position
                add(0, marks, position, text, &current)
            }
            if current.list.isEmpty { break }
            try context.steps(1 + current.list.count / 4)
            following.begin()
            for thread in current.list {
                switch instructions[thread.state] {
                case .scalar(let set, let next):
                    if position < text.count, set.contains(text[position]) {
                        add(next, thread.marks, position + 1, text, &following)
                    }
                    continue
                case .match:
                    var marks = thread.marks
                    marks[1] = position
                    found = marks
                case .split, .assert, .mark:
                    continue
                }
                // What follows in the list is less preferred than this match.
                break
            }
            swap(&current, &following)
        }
        return found
    }

    private func add(
        _ state: Int,
        _ marks: Marks,
        _ position: Int,
        _ text: [Unicode.Scalar],
        _ threads: inout Threads
    ) {
        var pending = [(state: state, marks: marks)]
        while let (state, marks) = pending.popLast() {
            guard threads.insert(state) else { continue }
            switch instructions[state] {
            case .scalar, .match: threads.list.append((state, marks))
            case .split(let first, let second):
                pending.append((second, marks))
                pending.append((first, marks))
            case .assert(let assertion, let next):
                let before = position > 0 ? text[position - 1] : nil
                let after = position < text.count ? text[position] : nil
                if assertion.holds(between: before, after) { pending.append((next, marks)) }
            case .mark(let index, let next):
                var moved = marks
                if index < moved.count { moved[index] = position }
                pending.append((next, moved))
            }
        }
    }

    /// All matches that do not overlap, from the first on; an empty one right behind another does not
    /// count.
    func all(
        in text: [Unicode.Scalar],
        max: Int,
        _ context: inout Context
    ) throws(Fault) -> [Marks] {
        var found: [Marks] = []
        var position = 0
        var lastEnd = -1
        while found.count < max, position <= text.count,
            let marks = try first(in: text, from: position, &context)
        {
            let (start, end) = (marks[0], marks[1])
            let isEmpty = start == end
            if !(isEmpty && start == lastEnd) {
                try context.elements(1)
                found.append(marks)
            }
            position = isEmpty ? end + 1 : end
            lastEnd = end
        }
        return found
    }
}

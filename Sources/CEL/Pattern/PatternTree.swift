/// A regular expression as it was written.
indirect enum PatternTree {
    case empty
    case scalar(ScalarSet)
    case assertion(Assertion)
    case sequence([PatternTree])
    case alternatives([PatternTree])
    case repetition(PatternTree, min: Int, max: Int?, isLazy: Bool)
    /// A group that captures, counted from 1.
    case group(PatternTree, Int)
}

/// Turns the tree of a pattern into instructions.
struct PatternCompiler {
    private(set) var instructions: [Pattern.Instruction] = []
    /// Parts that were emitted, those included that take no instruction.
    private var partCount = 0
    /// Groups up to this number leave marks; the others only group.
    let groupsMax: Int

    init(groupsMax: Int = 0) { self.groupsMax = groupsMax }

    /// - Throws: `invalidArgument` if counted repetitions make the program too big.
    mutating func compile(_ tree: PatternTree) throws(Fault) {
        try emit(tree)
        instructions.append(.match)
    }

    /// Emits a tree; its match goes on at the instruction after the last one.
    private mutating func emit(_ tree: PatternTree) throws(Fault) {
        // Repetitions of nothing take no instructions, but time.
        partCount += 1
        let partsMax = 5 * LanguageLimits.regexInstructionsMax
        guard instructions.count < LanguageLimits.regexInstructionsMax, partCount < partsMax else {
            throw Fault(
                .invalidArgument,
                "the regular expression is too big; use smaller repetition counts"
            )
        }
        switch tree {
        case .empty: break
        case .scalar(let set):
            instructions.append(.scalar(set, next: instructions.count + 1))
        case .assertion(let assertion):
            instructions.append(.assert(assertion, next: instructions.count + 1))
        case .sequence(let parts):
            for part in parts { try emit(part) }
        case .alternatives(let parts):
            try emitAlternatives(parts)
        case .repetition(let part, let min, let max, let isLazy):
            try emitRepetition(part, min, max, isLazy)
        case .group(let part, let number):
            guard number <= groupsMax else { return try emit(part) }
            instructions.append(.mark(2 * number, next: instructions.count + 1))
            try emit(part)
            instructions.append(.mark(2 * number + 1, next: instructions.count + 1))
        }
    }

    private mutating func emitAlternatives(_ parts: [PatternTree]) throws(Fault) {
        var jumps: [Int] = []
        for (index, part) in parts.enumerated() {
            guard index + 1 < parts.count else {
                try emit(part)
                break
            }
            let split = instructions.count
            instructions.append(.match)
            try emit(part)
            jumps.append(instructions.count)
            instructions.append(.match)
            instructions[split] = .split(split + 1, instructions.count)
        }
        for jump in jumps { instructions[jump] = .split(instructions.count, instructions.count) }
    }

    private mutating func emitRepetition(
        _ part: PatternTree,
        _ min: Int,
        _ max: Int?,
        _ isLazy: Bool
    ) throws(Fault) {
        func split(_ enter: Int, _ leave: Int) -> Pattern.Instruction {
            isLazy ? .split(leave, enter) : .split(enter, leave)
        }
        for _ in 0..<min { try emit(part) }
        guard let max else {
            let start = instructions.count
            instructions.append(.match)
            try emit(part)
            instructions.append(.split(start, start))
            instructions[start] = split(start + 1, instructions.count)
            return
        }
        var splits: [Int] = []
        for _ in min..<Swift.max(min, max) {
            splits.append(instructions.count)
            instructions.append(.match)
            try emit(part)
        }
        for start in splits { instructions[start] = split(start + 1, instructions.count) }
    }
}

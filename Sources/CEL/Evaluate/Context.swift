import EventModel

/// What an evaluation carries along: its variables and what it may still spend.
struct Context {
    let variables: ValueMap
    /// The variables of macros, by slot.
    var locals: [Operand] = []
    var stepsLeft: Int
    let sizeMax: Int

    init(variables: ValueMap, limits: EvaluationLimits, slots: Int) {
        self.variables = variables
        stepsLeft = limits.stepsMax
        sizeMax = limits.sizeMax
        if slots > 0 { locals = Array(repeating: .null, count: slots) }
    }

    /// Spends one step.
    @inline(__always)
    mutating func step() throws(Fault) {
        stepsLeft -= 1
        if stepsLeft < 0 { throw Self.spent }
    }

    /// Spends many steps.
    mutating func steps(_ count: Int) throws(Fault) {
        let (left, overflow) = stepsLeft.subtractingReportingOverflow(count)
        stepsLeft = overflow ? -1 : left
        if stepsLeft < 0 { throw Self.spent }
    }

    /// Spends steps for walking over so many bytes.
    mutating func bytes(_ count: Int) throws(Fault) {
        try steps(1 + count / LanguageLimits.bytesPerStep)
    }

    /// Spends steps for building a text of so many bytes, which must not be too long.
    mutating func text(_ count: Int) throws(Fault) {
        guard count <= sizeMax else {
            throw Fault(.costLimit, "the expression builds a text of more than \(sizeMax) bytes")
        }
        try bytes(count)
    }

    /// Spends steps for building a list or map of so many elements, which must not be too long.
    mutating func elements(_ count: Int) throws(Fault) {
        guard count <= sizeMax else {
            throw Fault(
                .costLimit,
                "the expression builds a list or map of more than \(sizeMax) elements"
            )
        }
        try steps(count)
    }

    /// An operand as a value, with a step for each of its elements.
    mutating func value(_ operand: Operand) throws(Fault) -> Value {
        var left = min(sizeMax, stepsLeft)
        let before = left
        let value = try operand.value(&left)
        try steps(before - left)
        return value
    }

    private static let spent = Fault(
        .costLimit,
        "the expression needs more steps than it may; shorten the lists that it walks over"
    )
}

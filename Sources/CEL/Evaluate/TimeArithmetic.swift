import EventModel

/// Sums and differences of timestamps and durations, within the ranges of the language.
enum TimeArithmetic {
    /// 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z, in seconds since 1970.
    static let timestampSeconds: ClosedRange<Int64> = -62_135_596_800...253_402_300_799
    /// About 10,000 years to either side.
    static let durationAttosecondsMax: UInt128 = 315_576_000_000 * 1_000_000_000_000_000_000

    /// The result, or nil if the operands are not of these types.
    static func result(
        _ op: BinaryOperator,
        _ left: Value,
        _ right: Value
    ) throws(Fault) -> Value? {
        switch (left, op, right) {
        case (.timestamp(let left), .add, .duration(let right)),
            (.duration(let right), .add, .timestamp(let left)):
            .timestamp(try checked(try checked(left) + (try checked(right))))
        case (.timestamp(let left), .subtract, .duration(let right)):
            .timestamp(try checked(try checked(left) - (try checked(right))))
        case (.timestamp(let left), .subtract, .timestamp(let right)):
            .duration(try checked(try checked(left) - (try checked(right))))
        case (.duration(let left), .add, .duration(let right)):
            .duration(try checked(try checked(left) + (try checked(right))))
        case (.duration(let left), .subtract, .duration(let right)):
            .duration(try checked(try checked(left) - (try checked(right))))
        default:
            nil
        }
    }

    static func checked(_ timestamp: Timestamp) throws(Fault) -> Timestamp {
        guard timestampSeconds.contains(timestamp.seconds) else {
            throw Fault(.overflow, "the timestamp is outside the years 1 to 9999")
        }
        return timestamp
    }

    static func checked(_ duration: Duration) throws(Fault) -> Duration {
        // Not by `components`, which is a crash for a duration of more seconds than 64 bits hold.
        guard duration.attoseconds.magnitude <= durationAttosecondsMax else {
            throw Fault(.overflow, "the duration is longer than 10,000 years")
        }
        return duration
    }
}

/// The fields of a cron expression, in the order in which six of them are written.
enum CronField: Int, Sendable, CaseIterable {
    case second, minute, hour, day, month, weekday

    /// The values that can be written; 7 is Sunday once more.
    var range: ClosedRange<Int> {
        switch self {
        case .second, .minute: 0...59
        case .hour: 0...23
        case .day: 1...31
        case .month: 1...12
        case .weekday: 0...7
        }
    }

    var name: String {
        switch self {
        case .second: "second"
        case .minute: "minute"
        case .hour: "hour"
        case .day: "day of the month"
        case .month: "month"
        case .weekday: "weekday"
        }
    }

    /// Names that stand for values, from the first value on.
    var names: [String] {
        switch self {
        case .second, .minute, .hour, .day: []
        case .month:
            [
                "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
            ]
        case .weekday: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
        }
    }

    /// What the field may hold, for messages.
    var remedy: String {
        let numbers = "write \(range.lowerBound) to \(range.upperBound)"
        switch self {
        case .second, .minute, .hour: return numbers + ", *, a-b, */n or a list with commas"
        case .day: return numbers + ", *, ?, L, LW, 15W, a-b, */n or a list with commas"
        case .month: return numbers + ", JAN to DEC, *, a-b, */n or a list with commas"
        case .weekday:
            return numbers
                + " (0 and 7 are Sunday), SUN to SAT, *, ?, MON#2, 5L, a-b, */n or a list"
        }
    }
}

/// Values of a field as the bits of a number.
struct CronSet: Sendable, Hashable {
    var bits: UInt64 = 0

    var isEmpty: Bool { bits == 0 }

    func contains(_ value: Int) -> Bool { bits & (1 << UInt64(value)) != 0 }

    mutating func insert(_ value: Int) { bits |= 1 << UInt64(value) }

    /// The first value at or after another; nil if there is none.
    func first(from value: Int) -> Int? {
        guard value < 64 else { return nil }
        let left = bits & (~0 << UInt64(value))
        return left == 0 ? nil : left.trailingZeroBitCount
    }
}

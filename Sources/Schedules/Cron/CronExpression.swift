import EventModel

/// A cron expression of five fields, or of six with the seconds first.
///
/// The rules are those of Debian's cron: if the day or the weekday begins with a star, both must
/// match, otherwise either is enough; and an expression whose minute or hour begins with a star follows
/// the running clock, while any other has fixed times of day (see ``DaylightSaving``).
public struct CronExpression: Sendable {
    /// The text it was read from.
    public let source: String
    /// Whether the expression follows the running clock through a change of the clocks, instead of
    /// having fixed times of day.
    public let followsClock: Bool
    let seconds: CronSet
    let minutes: CronSet
    let hours: CronSet
    let months: CronSet
    let days: CronDays
    let weekdays: CronWeekdays

    /// Reads an expression, `0 9 * * MON-FRI`, `*/10 * * * * *` or one of `@yearly`, `@annually`,
    /// `@monthly`, `@weekly`, `@daily`, `@midnight` and `@hourly`.
    ///
    /// - Throws: ``CronError`` with the field, the place and a remedy; also for dates that never come.
    public init(_ text: String) throws(CronError) {
        var parser = CronParser(text)
        self = try parser.expression()
        guard canMatch else {
            throw CronError(
                nil,
                at: 1,
                "'\(text)' never comes: none of its months has such a day",
                remedy: "take another day, or L for the last one of the month"
            )
        }
    }

    init(
        source: String,
        followsClock: Bool,
        seconds: CronSet,
        minutes: CronSet,
        hours: CronSet,
        months: CronSet,
        days: CronDays,
        weekdays: CronWeekdays
    ) {
        self.source = source
        self.followsClock = followsClock
        self.seconds = seconds
        self.minutes = minutes
        self.hours = hours
        self.months = months
        self.days = days
        self.weekdays = weekdays
    }

    /// Within 28 years from 2001 every month has begun on every weekday, leap years too.
    private var canMatch: Bool {
        guard let first = CivilDate(year: 2001, month: 1, day: 1) else { return false }
        return nextDay(from: first.daysSince1970, through: first.daysSince1970 + 10_227) != nil
    }
}

extension CronExpression: Hashable {
    public static func == (left: CronExpression, right: CronExpression) -> Bool {
        left.source == right.source
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(source) }
}

/// What the field of the day asks for.
struct CronDays: Sendable, Hashable {
    var days = CronSet()
    /// `L`: the month's last day.
    var hasLast = false
    /// `LW`: the month's last Monday to Friday.
    var hasLastWorkday = false
    /// `15W`: the Monday to Friday nearest to a day, in the same month.
    var nearestWorkdays = CronSet()
    /// The field begins with a star, so the weekday must match as well.
    var isOpen = false

    func contains(_ date: CivilDate) -> Bool {
        if days.contains(date.day) { return true }
        guard hasLast || hasLastWorkday || !nearestWorkdays.isEmpty else { return false }
        let last = CivilDate.dayCount(year: date.year, month: date.month)
        if hasLast, date.day == last { return true }
        guard date.weekday <= 5 else { return false }
        if hasLastWorkday, isNearest(date, to: last, lastDay: last) { return true }
        return (1...last).contains { wanted in
            nearestWorkdays.contains(wanted) && isNearest(date, to: wanted, lastDay: last)
        }
    }

    /// Whether a Monday to Friday is the one that stands for a wanted day.
    private func isNearest(_ date: CivilDate, to wanted: Int, lastDay: Int) -> Bool {
        let weekday = (date.weekday - 1 + (wanted - date.day) % 7 + 7) % 7 + 1
        let shift =
            switch weekday {
            // A Saturday is a day early, but the 1st cannot go back into the month before.
            case 6: wanted == 1 ? 2 : -1
            case 7: wanted == lastDay ? -2 : 1
            default: 0
            }
        return date.day == wanted + shift
    }
}

/// What the field of the weekday asks for; 0 is Sunday.
struct CronWeekdays: Sendable, Hashable {
    var days = CronSet()
    /// `MON#2`: bit `weekday * 6 + number`, numbers from 1 to 5.
    var numbered = CronSet()
    /// `5L`: the month's last such weekday.
    var last = CronSet()
    /// The field begins with a star, so the day must match as well.
    var isOpen = false

    func contains(_ date: CivilDate) -> Bool {
        let weekday = date.weekday % 7
        if days.contains(weekday) { return true }
        if numbered.contains(weekday * 6 + (date.day - 1) / 7 + 1) { return true }
        guard last.contains(weekday) else { return false }
        return date.day + 7 > CivilDate.dayCount(year: date.year, month: date.month)
    }
}

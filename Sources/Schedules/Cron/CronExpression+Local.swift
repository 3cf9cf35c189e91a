import EventModel

/// The search on the wall clock: a reading is counted in seconds from 1970-01-01 00:00, without a zone.
extension CronExpression {
    private static let lastDay = 2_932_896

    /// Whether the expression has times on a day.
    func matches(_ date: CivilDate) -> Bool {
        guard months.contains(date.month) else { return false }
        let isDay = days.contains(date)
        let isWeekday = weekdays.contains(date)
        return days.isOpen || weekdays.isOpen ? isDay && isWeekday : isDay || isWeekday
    }

    /// The first day with times, at or after one and not after another; both are days since 1970.
    func nextDay(from first: Int, through last: Int = CronExpression.lastDay) -> Int? {
        var day = first
        while day <= last {
            let date = CivilDate(daysSince1970: day)
            guard months.contains(date.month) else {
                day += CivilDate.dayCount(year: date.year, month: date.month) - date.day + 1
                continue
            }
            if matches(date) { return day }
            day += 1
        }
        return nil
    }

    /// The first reading at or after another; nil after the year 9999.
    func nextReading(from reading: Int64) -> Int64? {
        let day = reading.floorDivided(by: 86_400)
        let time = Int(reading - day * 86_400)
        guard let found = nextDay(from: Int(day)) else { return nil }
        if found == Int(day), let second = nextTime(from: time) {
            return day * 86_400 + Int64(second)
        }
        let later = found == Int(day) ? nextDay(from: found + 1) : found
        guard let later, let second = nextTime(from: 0) else { return nil }
        return Int64(later) * 86_400 + Int64(second)
    }

    /// The first second of a day at or after another.
    private func nextTime(from time: Int) -> Int? {
        guard let firstMinute = minutes.first(from: 0), let firstSecond = seconds.first(from: 0)
        else { return nil }
        let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60)
        if hours.contains(hour) {
            let base = hour * 3600
            if minutes.contains(minute), let found = seconds.first(from: second) {
                return base + minute * 60 + found
            }
            if let found = minutes.first(from: minute + 1) {
                return base + found * 60 + firstSecond
            }
        }
        guard let found = hours.first(from: hour + 1) else { return nil }
        return found * 3600 + firstMinute * 60 + firstSecond
    }
}

extension Int64 {
    /// The quotient rounded towards negative infinity.
    func floorDivided(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}

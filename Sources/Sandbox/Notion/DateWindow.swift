import EventModel

/// Dates that a filter names relative to today; all days are days in UTC.
enum DateWindow {
    /// Words that stand for a date, as days from today; a month is read as 30 days.
    static let relativeDays = [
        "today": 0, "tomorrow": 1, "yesterday": -1, "one_week_ago": -7, "one_week_from_now": 7,
        "one_month_ago": -30, "one_month_from_now": 30,
    ]

    static let names: Set<String> = [
        "past_week", "past_month", "past_year", "this_week", "next_week", "next_month",
        "next_year",
    ]

    /// The first and the last day of a window, both in it; nil for an unknown name.
    static func days(_ name: String, today: Int) -> ClosedRange<Int>? {
        switch name {
        case "past_week": return today - 7...today
        case "past_month": return shifted(today, months: -1)...today
        case "past_year": return shifted(today, months: -12)...today
        case "this_week":
            // 1970-01-01 was a Thursday; Notion's week begins on Sunday.
            let weekday = ((today + 4) % 7 + 7) % 7
            return today - weekday...today - weekday + 6
        case "next_week": return today...today + 7
        case "next_month": return today...shifted(today, months: 1)
        case "next_year": return today...shifted(today, months: 12)
        default: return nil
        }
    }

    /// The same day of another month, or its last one where that month is shorter.
    private static func shifted(_ day: Int, months: Int) -> Int {
        let date = CivilDate(daysSince1970: day)
        let index = date.year * 12 + date.month - 1 + months
        let year = NotionTime.floorDivide(index, 12)
        let month = index - year * 12 + 1
        let last = CivilDate.dayCount(year: year, month: month)
        return CivilDate(year: year, month: month, day: min(date.day, last))?.daysSince1970 ?? day
    }
}

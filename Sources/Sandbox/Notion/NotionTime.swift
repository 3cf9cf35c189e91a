import EventModel
import Foundation

/// A date or an instant as ISO 8601 writes it, with the offset that was written.
struct NotionTime: Equatable {
    /// Days since 1970-01-01, of the wall clock at the offset.
    var day: Int
    /// Seconds since midnight of the wall clock; nil for a date alone.
    var secondOfDay: Int?
    var offsetSeconds: Int

    /// Reads `2026-07-01`, `2026-07-01T10:00`, with seconds, fraction and offset; nil for anything else.
    ///
    /// - Parameters:
    ///   - text: the date.
    ///   - timeZone: where a time without an offset is meant; nil for UTC.
    init?(_ text: String, timeZone: TimeZone? = nil) {
        var scanner = Scanner(text)
        guard let year = scanner.number(4), scanner.take("-"), let month = scanner.number(2),
            scanner.take("-"), let dayOfMonth = scanner.number(2),
            let date = CivilDate(year: year, month: month, day: dayOfMonth)
        else { return nil }
        day = date.daysSince1970
        offsetSeconds = 0
        secondOfDay = nil
        if scanner.isAtEnd { return }
        guard scanner.take("T") || scanner.take(" "), let hour = scanner.number(2), hour < 24,
            scanner.take(":"), let minute = scanner.number(2), minute < 60
        else { return nil }
        var second = 0
        if scanner.take(":") {
            guard let seconds = scanner.number(2), seconds < 61 else { return nil }
            second = min(seconds, 59)
            if scanner.take(".") || scanner.take(",") {
                guard scanner.skipDigits() > 0 else { return nil }
            }
        }
        let clock = hour * 3600 + minute * 60 + second
        secondOfDay = clock
        if scanner.isAtEnd {
            if let timeZone {
                let wall = Double(day * 86_400 + clock)
                let guess = timeZone.secondsFromGMT(for: Date(timeIntervalSince1970: wall))
                offsetSeconds = timeZone.secondsFromGMT(
                    for: Date(timeIntervalSince1970: wall - Double(guess))
                )
            }
            return
        }
        if scanner.take("Z") || scanner.take("z") {
            guard scanner.isAtEnd else { return nil }
            return
        }
        let sign = scanner.take("+") ? 1 : scanner.take("-") ? -1 : 0
        guard sign != 0, let hours = scanner.number(2), hours < 24 else { return nil }
        _ = scanner.take(":")
        let minutes = scanner.isAtEnd ? 0 : scanner.number(2)
        guard let minutes, minutes < 60, scanner.isAtEnd else { return nil }
        offsetSeconds = sign * (hours * 3600 + minutes * 60)
    }

    /// The instant in seconds since 1970, floored to the minute; a date alone is its midnight in UTC.
    var minuteSeconds: Int {
        guard let secondOfDay else { return day * 86_400 }
        return day * 86_400 + secondOfDay / 60 * 60 - offsetSeconds
    }

    /// The day in UTC, in days since 1970.
    var utcDay: Int { NotionTime.floorDivide(minuteSeconds, 86_400) }

    /// As Notion writes a date property: minutes only, the offset kept.
    var text: String {
        let date = NotionTime.dateText(day)
        guard let secondOfDay else { return date }
        let hour = NotionTime.padded(secondOfDay / 3600, 2)
        let minute = NotionTime.padded(secondOfDay / 60 % 60, 2)
        let offset = abs(offsetSeconds) / 60
        let sign = offsetSeconds < 0 ? "-" : "+"
        let shift = "\(NotionTime.padded(offset / 60, 2)):\(NotionTime.padded(offset % 60, 2))"
        return "\(date)T\(hour):\(minute):00.000\(sign)\(shift)"
    }

    /// As Notion writes the times of pages and data sources: UTC, floored to the minute.
    static func minutes(_ time: Timestamp) -> String {
        let seconds = floorDivide(Int(time.seconds), 60) * 60
        return clock(seconds) + ".000Z"
    }

    /// As Notion writes the times of databases: UTC with milliseconds.
    static func milliseconds(_ time: Timestamp) -> String {
        "\(clock(Int(time.seconds))).\(padded(Int(time.nanoseconds) / 1_000_000, 3))+00:00"
    }

    /// UTC with milliseconds and a Z, for those who watch.
    static func precise(_ time: Timestamp) -> String {
        "\(clock(Int(time.seconds))).\(padded(Int(time.nanoseconds) / 1_000_000, 3))Z"
    }

    static func dateText(_ day: Int) -> String {
        CivilDate(daysSince1970: day).description
    }

    private static func clock(_ seconds: Int) -> String {
        let day = floorDivide(seconds, 86_400)
        let rest = seconds - day * 86_400
        let time = [rest / 3600, rest / 60 % 60, rest % 60].map { padded($0, 2) }
        return "\(dateText(day))T" + time.joined(separator: ":")
    }

    static func padded(_ number: Int, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    static func floorDivide(_ number: Int, _ divisor: Int) -> Int {
        let quotient = number / divisor
        return number % divisor < 0 ? quotient - 1 : quotient
    }
}

/// Reads digits and marks from the front of a text.
private struct Scanner {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = text[...].utf8 }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ character: Character) -> Bool {
        guard let byte = rest.first, byte == character.asciiValue else { return false }
        rest.removeFirst()
        return true
    }

    mutating func number(_ digits: Int) -> Int? {
        let bytes = rest.prefix(digits)
        guard bytes.count == digits, bytes.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        rest.removeFirst(digits)
        return bytes.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    mutating func skipDigits() -> Int {
        let digits = rest.prefix { (0x30...0x39).contains($0) }.count
        rest.removeFirst(digits)
        return digits
    }
}

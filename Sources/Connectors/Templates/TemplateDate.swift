import EventModel
import Foundation

/// `{{ starts_at|date('%A, %-d %B %Y at %H:%M') }}`: an instant in words, by the codes of strftime.
///
/// The time zone is the second argument, else the variable `time_zone`, else UTC. Names are
/// English.
enum TemplateDate {
    static func text(of call: TemplateFilter.Call) throws(TemplateFailure) -> String {
        let subject = call.subject
        guard !subject.isMissing else { return "" }
        let read = subject.value?.stringValue.flatMap { try? Timestamp(rfc3339: $0) }
        guard let instant = subject.value?.timestampValue ?? read else {
            let message = "'date' wants an instant such as 2026-12-01T10:00:00Z"
            throw TemplateFailure(.evaluation, "\(message), not '\(subject.text)'")
        }
        let zoneName = call.text(1, default: call.zone.isEmpty ? "UTC" : call.zone)
        guard let zone = zoneName == "UTC" ? .gmt : TimeZone(identifier: zoneName) else {
            let remedy = "use a name such as Europe/Ljubljana"
            throw TemplateFailure(.evaluation, "there is no time zone '\(zoneName)'; \(remedy)")
        }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let date = Date(timeIntervalSince1970: Double(instant.seconds))
        let parts = calendar.dateComponents(
            [.year, .month, .day, .hour, .minute, .second, .weekday, .dayOfYear],
            from: date
        )
        return try text(call.text(0, default: "%Y-%m-%d %H:%M"), parts, zone, date)
    }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]
    private static let days = [
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
    ]

    private static func text(
        _ pattern: String,
        _ parts: DateComponents,
        _ zone: TimeZone,
        _ date: Date
    ) throws(TemplateFailure) -> String {
        var result = ""
        var characters = pattern.makeIterator()
        while let character = characters.next() {
            guard character == "%" else {
                result.append(character)
                continue
            }
            var code = characters.next()
            let isUnpadded = code == "-"
            if isUnpadded { code = characters.next() }
            guard let code, let text = text(code, parts, zone, date) else {
                let remedy = "there are %Y %m %d %H %M %S %I %p %A %a %B %b %j %y %Z %z %%"
                throw TemplateFailure(.evaluation, "a date has no such code; \(remedy)")
            }
            let digits = text.drop { $0 == "0" }
            result += isUnpadded ? (digits.isEmpty ? "0" : digits) : text[...]
        }
        return result
    }

    private static func text(
        _ code: Character,
        _ parts: DateComponents,
        _ zone: TimeZone,
        _ date: Date
    ) -> String? {
        func padded(_ number: Int?, _ width: Int = 2) -> String {
            let digits = String(number ?? 0)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let month = (parts.month ?? 1) - 1
        let day = (parts.weekday ?? 1) - 1
        let hour = parts.hour ?? 0
        let offset = zone.secondsFromGMT(for: date)
        let offsetText =
            (offset < 0 ? "-" : "+") + padded(abs(offset) / 3600) + padded(abs(offset) / 60 % 60)
        return switch code {
        case "Y": padded(parts.year, 4)
        case "y": padded((parts.year ?? 0) % 100)
        case "m": padded(parts.month)
        case "d": padded(parts.day)
        case "H": padded(hour)
        case "I": padded((hour + 11) % 12 + 1)
        case "M": padded(parts.minute)
        case "S": padded(parts.second)
        case "p": hour < 12 ? "AM" : "PM"
        case "A": days[day]
        case "a": String(days[day].prefix(3))
        case "B": months[month]
        case "b": String(months[month].prefix(3))
        case "j": padded(parts.dayOfYear, 3)
        case "z": offsetText
        case "Z": offset == 0 ? "UTC" : zone.abbreviation(for: date) ?? offsetText
        case "%": "%"
        default: nil
        }
    }
}

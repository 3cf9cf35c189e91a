import EventModel

/// Writes times by a pattern of `strftime`'s letters, in English.
enum TimeFormat {
    private static let days = [
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
    ]
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]

    /// - Throws: `invalidArgument` for a letter without meaning.
    static func write(
        _ time: LocalTime,
        _ format: String,
        _ context: inout Context
    ) throws(Fault) -> String {
        try context.text(format.utf8.count)
        var result = ""
        var scalars = format.unicodeScalars.makeIterator()
        while let scalar = scalars.next() {
            guard scalar == "%" else {
                result.unicodeScalars.append(scalar)
                continue
            }
            guard let letter = scalars.next(), let part = part(letter, time) else {
                throw Fault(
                    .invalidArgument,
                    "the time format '\(format.prefix(100))' has a '%' without one of"
                        + " Y m d e H I M S p A a B b j y F T %"
                )
            }
            result += part
        }
        return result
    }

    private static func part(_ letter: Unicode.Scalar, _ time: LocalTime) -> String? {
        let date = time.date
        let hour = time.secondOfDay / 3600
        let minute = time.secondOfDay / 60 % 60
        let second = time.secondOfDay % 60
        func padded(_ number: some BinaryInteger, _ width: Int = 2) -> String {
            NumberText.padded(Int64(number), width)
        }
        switch letter {
        case "Y": return padded(date.year, 4)
        case "y": return padded(date.year % 100)
        case "m": return padded(date.month)
        case "d": return padded(date.day)
        case "e": return String(date.day)
        case "H": return padded(hour)
        case "I": return padded((hour + 11) % 12 + 1)
        case "M": return padded(minute)
        case "S": return padded(second)
        case "p": return hour < 12 ? "AM" : "PM"
        case "A": return days[Int(TimePart.dayOfWeek.of(time))]
        case "a": return String(days[Int(TimePart.dayOfWeek.of(time))].prefix(3))
        case "B": return months[date.month - 1]
        case "b": return String(months[date.month - 1].prefix(3))
        case "j": return padded(date.dayOfYear, 3)
        case "F": return "\(padded(date.year, 4))-\(padded(date.month))-\(padded(date.day))"
        case "T": return "\(padded(hour)):\(padded(minute)):\(padded(second))"
        case "%": return "%"
        default: return nil
        }
    }
}

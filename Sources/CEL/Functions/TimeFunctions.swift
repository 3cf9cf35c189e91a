import EventModel

extension FunctionLibrary {
    /// Timestamps, durations and their parts.
    mutating func addTime(_ timeZones: any TimeZoneProvider) {
        global("timestamp") { (_, value) throws(Fault) in
            .plain(.timestamp(try TimeFunctions.timestamp(value)))
        }
        global("duration") { (_, value) throws(Fault) in
            .plain(.duration(try TimeFunctions.duration(value, isExtended: false)))
        }
        for part in TimePart.allCases {
            receiver(part.rawValue) { (_, value) throws(Fault) in
                switch value {
                case .plain(.timestamp(let timestamp)):
                    return .int(part.of(LocalTime(timestamp, secondsAhead: 0)))
                case .plain(.duration(let duration)):
                    guard let number = part.of(try TimeArithmetic.checked(duration)) else {
                        throw .overload
                    }
                    return .int(number)
                case .plain, .type, .optional, .list, .map, .network: throw .overload
                }
            }
            receiver(part.rawValue) { (_, value, zone) throws(Fault) in
                let timestamp = try Cast.timestamp(value)
                let local = try LocalTime(timestamp, zone: try Cast.string(zone), timeZones)
                return .int(part.of(local))
            }
        }
    }
}

enum TimeFunctions {
    static func timestamp(_ operand: Operand) throws(Fault) -> Timestamp {
        switch operand {
        case .plain(.timestamp(let timestamp)): return timestamp
        case .plain(.int(let seconds)):
            return try TimeArithmetic.checked(Timestamp(seconds: seconds))
        case .plain(.string(let text)):
            guard let timestamp = try? Timestamp(rfc3339: text), timestamp.isInCalendar else {
                throw Conversion.malformed(
                    text,
                    "a timestamp of the years 1 to 9999 as in '2026-12-01T10:00:00Z'"
                )
            }
            return timestamp
        case .plain, .type, .optional, .list, .map, .network: throw .overload
        }
    }

    static func duration(_ operand: Operand, isExtended: Bool) throws(Fault) -> Duration {
        switch operand {
        case .plain(.duration(let duration)): return duration
        case .plain(.int(let seconds)):
            return try TimeArithmetic.checked(.seconds(seconds))
        case .plain(.string(let text)):
            var duration = DurationSyntax.parse(text)
            if duration == nil, isExtended, let extended = try? DurationText.parse(text) {
                duration = try? TimeArithmetic.checked(extended)
            }
            guard let duration else {
                throw Conversion.malformed(
                    text,
                    "a duration below 10,000 years as in '1h30m' or '0.5s'"
                )
            }
            return duration
        case .plain, .type, .optional, .list, .map, .network: throw .overload
        }
    }
}

/// A timestamp as a clock on the wall shows it.
struct LocalTime {
    let date: CivilDate
    let days: Int
    let secondOfDay: Int64
    let milliseconds: Int64
    /// How far the clock is ahead of UTC.
    let secondsAhead: Int

    init(_ timestamp: Timestamp, secondsAhead: Int) {
        // Instants come from outside too: wrapping keeps an absurd one from being a crash.
        self.secondsAhead = secondsAhead
        let seconds = timestamp.seconds &+ Int64(secondsAhead)
        let remainder = seconds % 86_400
        secondOfDay = remainder < 0 ? remainder + 86_400 : remainder
        days = Int(seconds / 86_400) - (remainder < 0 ? 1 : 0)
        date = CivilDate(daysSince1970: days)
        milliseconds = Int64(timestamp.nanoseconds) / 1_000_000
    }

    /// The local time in a zone.
    ///
    /// - Throws: `invalidArgument` if nobody knows the zone.
    init(
        _ timestamp: Timestamp,
        zone: String,
        _ timeZones: any TimeZoneProvider
    ) throws(Fault) {
        let seconds =
            FixedTimeZones.seconds(zone)
            ?? timeZones.secondsAheadOfUTC(zone: zone, at: timestamp)
        guard let seconds else {
            throw Fault(
                .invalidArgument,
                "there is no time zone '\(zone.prefix(100))'; a fixed offset is written '+02:00'"
            )
        }
        self.init(timestamp, secondsAhead: seconds)
    }
}

/// The parts of a time that have functions.
enum TimePart: String, CaseIterable, Sendable {
    case fullYear = "getFullYear"
    case month = "getMonth"
    case date = "getDate"
    case dayOfMonth = "getDayOfMonth"
    case dayOfWeek = "getDayOfWeek"
    case dayOfYear = "getDayOfYear"
    case hours = "getHours"
    case minutes = "getMinutes"
    case seconds = "getSeconds"
    case milliseconds = "getMilliseconds"

    func of(_ time: LocalTime) -> Int64 {
        switch self {
        case .fullYear: Int64(time.date.year)
        case .month: Int64(time.date.month - 1)
        case .date: Int64(time.date.day)
        case .dayOfMonth: Int64(time.date.day - 1)
        case .dayOfWeek: Int64(time.date.weekday % 7)
        case .dayOfYear: Int64(time.date.dayOfYear - 1)
        case .hours: time.secondOfDay / 3600
        case .minutes: time.secondOfDay / 60 % 60
        case .seconds: time.secondOfDay % 60
        case .milliseconds: time.milliseconds
        }
    }

    /// The whole duration in this unit; milliseconds are those after the last whole second.
    func of(_ duration: Duration) -> Int64? {
        let (seconds, attoseconds) = duration.components
        return switch self {
        case .hours: seconds / 3600
        case .minutes: seconds / 60
        case .seconds: seconds
        case .milliseconds: attoseconds / 1_000_000_000_000_000
        case .fullYear, .month, .date, .dayOfMonth, .dayOfWeek, .dayOfYear: nil
        }
    }
}

import EventModel

extension FunctionLibrary {
    /// What asks about spans of time, business days and time zones.
    mutating func addCalendar(_ timeZones: any TimeZoneProvider) {
        global("overlaps") { (_, first, second) throws(Fault) in
            let first = try CalendarFunctions.Span(first)
            return .bool(first.overlaps(try CalendarFunctions.Span(second)))
        }
        global("business_days", 2...4) { (context, operands) throws(Fault) in
            .int(try CalendarFunctions.businessDays(&context, operands, timeZones))
        }
        global("add_business_days", 2...4) { (context, operands) throws(Fault) in
            .plain(
                .timestamp(try CalendarFunctions.addBusinessDays(&context, operands, timeZones))
            )
        }
        global("in_timezone") { (_, time, zone) throws(Fault) in
            let instant = try TimeFunctions.timestamp(time)
            let zone = try Cast.string(zone)
            let local = try LocalTime(instant, zone: zone, timeZones)
            return .plain(.map(CalendarFunctions.parts(of: local, zone)))
        }
    }
}

enum CalendarFunctions {
    /// From a start up to, and without, an end; nil is open.
    struct Span {
        var start: Timestamp
        var end: Timestamp?

        /// Reads a map with `start` and `end`, or a list of the two; times may be RFC 3339 texts.
        init(_ operand: Operand) throws(Fault) {
            var start: Operand?
            var end: Operand?
            if let entries = Entries(operand) {
                start = entries[.string("start")]
                end = entries[.string("end")]
            } else if let elements = Elements(operand), elements.count == 2 {
                start = elements[0]
                end = elements[1]
            }
            guard let start else {
                throw Fault(
                    .invalidArgument,
                    "overlaps() compares spans: maps with 'start' and 'end', or lists of the two"
                )
            }
            self.start = try TimeFunctions.timestamp(start)
            guard let end, !end.isNull else { return }
            let last = try TimeFunctions.timestamp(end)
            guard last >= self.start else {
                throw Fault(.invalidArgument, "a span ends before it starts")
            }
            self.end = last
        }

        /// Spans that only touch do not overlap.
        func overlaps(_ other: Span) -> Bool {
            let startsBeforeEnd = other.end.map { start < $0 } ?? true
            let endsAfterStart = end.map { $0 > other.start } ?? true
            return startsBeforeEnd && endsAfterStart
        }
    }

    /// Days that nobody works: Saturdays, Sundays and the listed ones.
    struct Calendar {
        /// The listed days that are no weekend, as days since 1970.
        private(set) var holidays: Set<Int> = []

        init(_ context: inout Context, _ operand: Operand?) throws(Fault) {
            guard let operand else { return }
            let elements = try Cast.elements(operand)
            for index in 0..<elements.count {
                try context.step()
                let text = try Cast.string(elements[index])
                guard let day = CivilDate(text: text) else {
                    throw Conversion.malformed(text, "a day as in '2026-12-25'")
                }
                if day.weekday <= 5 { holidays.insert(day.daysSince1970) }
            }
        }

        /// The business days before a day, counted from one long ago.
        func count(before day: Int) -> Int {
            // 1970-01-05 was a Monday.
            let fromMonday = day - 4
            let week = fromMonday >= 0 ? fromMonday / 7 : (fromMonday - 6) / 7
            let weekdays = week * 5 + min(fromMonday - week * 7, 5)
            return weekdays - holidays.count { $0 < day }
        }

        func isBusinessDay(_ day: Int) -> Bool {
            CivilDate(daysSince1970: day).weekday <= 5 && !holidays.contains(day)
        }
    }

    /// `(…, zone, holidays)`, each of which may be left out.
    private static func rest(
        _ context: inout Context,
        _ operands: ArraySlice<Operand>
    ) throws(Fault) -> (zone: String, calendar: Calendar) {
        var zone = "UTC"
        var left = operands
        if let first = left.first, case .plain(.string(let name)) = first {
            zone = name
            left.removeFirst()
        }
        guard left.count <= 1 else { throw .overload }
        return (zone, try Calendar(&context, left.first))
    }

    /// The business days from one day up to, and without, another; negative if it goes backwards.
    static func businessDays(
        _ context: inout Context,
        _ operands: [Operand],
        _ timeZones: any TimeZoneProvider
    ) throws(Fault) -> Int {
        let (zone, calendar) = try rest(&context, operands.dropFirst(2))
        let start = try LocalTime(try TimeFunctions.timestamp(operands[0]), zone: zone, timeZones)
        let end = try LocalTime(try TimeFunctions.timestamp(operands[1]), zone: zone, timeZones)
        try context.steps(2 * calendar.holidays.count / 16)
        return calendar.count(before: end.days) - calendar.count(before: start.days)
    }

    /// The same time of day so many business days later, or earlier if the number is negative.
    static func addBusinessDays(
        _ context: inout Context,
        _ operands: [Operand],
        _ timeZones: any TimeZoneProvider
    ) throws(Fault) -> Timestamp {
        let instant = try TimeArithmetic.checked(try TimeFunctions.timestamp(operands[0]))
        let number = try Cast.int(operands[1])
        let (zone, calendar) = try rest(&context, operands.dropFirst(2))
        guard number.magnitude <= LanguageLimits.businessDaysMax else {
            throw Fault(
                .invalidArgument,
                "at most \(LanguageLimits.businessDaysMax) business days can be added"
            )
        }
        let local = try LocalTime(instant, zone: zone, timeZones)
        var day = local.days
        var left = number.magnitude
        while left > 0 {
            try context.step()
            day += number < 0 ? -1 : 1
            if calendar.isBusinessDay(day) { left -= 1 }
        }
        let moved = instant + .seconds(86_400 * (day - local.days))
        // The zone may be another number of hours ahead by then; the time of day stays.
        let after = try LocalTime(moved, zone: zone, timeZones)
        let shift = Int64(local.secondsAhead - after.secondsAhead)
        return try TimeArithmetic.checked(moved + .seconds(shift))
    }

    /// The parts of a local time, by name.
    static func parts(of time: LocalTime, _ zone: String) -> ValueMap {
        let date = time.date
        let hour = time.secondOfDay / 3600
        let minute = time.secondOfDay / 60 % 60
        let second = time.secondOfDay % 60
        func padded(_ number: some BinaryInteger, _ width: Int = 2) -> String {
            NumberText.padded(Int64(number), width)
        }
        let day = "\(padded(date.year, 4))-\(padded(date.month))-\(padded(date.day))"
        let clock = "\(padded(hour)):\(padded(minute)):\(padded(second))"
        let minutesAhead = time.secondsAhead / 60
        let sign = minutesAhead < 0 ? "-" : "+"
        let (offsetHour, offsetMinute) = (abs(minutesAhead) / 60, abs(minutesAhead) % 60)
        let offset = "\(sign)\(padded(offsetHour)):\(padded(offsetMinute))"
        return [
            "year": .int(Int64(date.year)), "month": .int(Int64(date.month)),
            "day": .int(Int64(date.day)), "hour": .int(hour), "minute": .int(minute),
            "second": .int(second), "weekday": .int(Int64(date.weekday)),
            "day_of_year": .int(Int64(date.dayOfYear)), "date": .string(day),
            "time": .string(clock), "offset": .string(offset), "zone": .string(zone),
            "text": .string("\(day)T\(clock)\(offset)"),
        ]
    }
}

extension CivilDate {
    /// Reads `2026-12-25`; what stands behind a `T` is left out.
    fileprivate init?(text: String) {
        var reader = DigitReader(String(text.prefix(10)))
        guard text.utf8.count == 10 || text.utf8.dropFirst(10).first == 84,
            let year = reader.number(4), reader.skip("-"), let month = reader.number(2),
            reader.skip("-"), let day = reader.number(2), reader.isAtEnd
        else { return nil }
        self.init(year: Int(year), month: Int(month), day: Int(day))
    }
}

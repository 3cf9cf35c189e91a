/// Reads cron expressions.
struct CronParser {
    private static let aliases = [
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *",
        "@weekly": "0 0 * * 0", "@daily": "0 0 * * *", "@midnight": "0 0 * * *",
        "@hourly": "0 * * * *",
    ]

    /// A piece of the expression and the character at which it begins, from 1.
    struct Piece {
        var text: String
        var column: Int

        /// The pieces between separators; empty ones are kept.
        func split(_ separator: Character) -> [Piece] {
            var pieces: [Piece] = []
            var column = column
            for part in text.split(separator: separator, omittingEmptySubsequences: false) {
                pieces.append(Piece(text: String(part), column: column))
                column += part.count + 1
            }
            return pieces
        }
    }

    private let source: String

    init(_ text: String) { source = text }

    mutating func expression() throws(CronError) -> CronExpression {
        guard source.utf8.count <= ScheduleLimits.expressionBytesMax else {
            throw CronError(
                nil,
                at: 1,
                "the expression is longer than \(ScheduleLimits.expressionBytesMax) bytes",
                remedy: "write ranges instead of lists"
            )
        }
        let pieces = try fields()
        let first = pieces.count == 5 ? CronField.minute : .second
        var sets: [CronField: CronSet] = [.second: CronSet(bits: 1)]
        var days = CronDays()
        var weekdays = CronWeekdays()
        for (index, piece) in pieces.enumerated() {
            guard let field = CronField(rawValue: first.rawValue + index) else { continue }
            switch field {
            case .second, .minute, .hour, .month:
                var set = CronSet()
                for item in piece.split(",") { try plain(item, field, into: &set) }
                sets[field] = set
            case .day: days = try self.days(piece)
            case .weekday: weekdays = try self.weekdays(piece)
            }
        }
        let clockFields = pieces.prefix(pieces.count - 3)
        return CronExpression(
            source: source,
            followsClock: clockFields.contains { $0.text.hasPrefix("*") },
            seconds: sets[.second] ?? CronSet(),
            minutes: sets[.minute] ?? CronSet(),
            hours: sets[.hour] ?? CronSet(),
            months: sets[.month] ?? CronSet(),
            days: days,
            weekdays: weekdays
        )
    }

    private func fields() throws(CronError) -> [Piece] {
        let fields = words(source)
        if let first = fields.first, first.text.hasPrefix("@") {
            guard fields.count == 1, let meaning = CronParser.aliases[first.text.lowercased()]
            else { throw unknownAlias(first) }
            return words(meaning)
        }
        guard fields.count == 5 || fields.count == 6 else {
            throw CronError(
                nil,
                at: 1,
                "a cron expression has five fields, or six with the seconds first, "
                    + "but here are \(fields.count)",
                remedy: "write minute, hour, day, month and weekday: 0 9 * * MON"
            )
        }
        return fields
    }

    private func unknownAlias(_ piece: Piece) -> CronError {
        let remedy =
            piece.text.lowercased() == "@every"
            ? "a length of time is its own kind of schedule: write 'every: 5m'"
            : "there are: \(CronParser.aliases.keys.sorted().joined(separator: ", "))"
        return CronError(
            nil,
            at: piece.column,
            "'\(piece.text)' is no name of a schedule",
            remedy: remedy
        )
    }

    /// Splits at spaces, tabs and line ends; other white space is no separator.
    private func words(_ text: String) -> [Piece] {
        var pieces: [Piece] = []
        var word = ""
        var column = 0
        for character in text + " " {
            column += 1
            let isSpace = character.isASCII && character.isWhitespace
            if !isSpace {
                word.append(character)
            } else if !word.isEmpty {
                pieces.append(Piece(text: word, column: column - word.count))
                word = ""
            }
        }
        return pieces
    }

    private func days(_ piece: Piece) throws(CronError) -> CronDays {
        var days = CronDays()
        days.isOpen = piece.text.hasPrefix("*") || piece.text == "?"
        for item in piece.split(",") {
            let text = item.text.uppercased()
            if text == "L" {
                days.hasLast = true
            } else if text == "LW" || text == "WL" {
                days.hasLastWorkday = true
            } else if text.hasSuffix("W"), text.count > 1 {
                let number = Piece(text: String(text.dropLast()), column: item.column)
                days.nearestWorkdays.insert(try value(number, .day))
            } else if text == "?", piece.text == "?" {
                try plain(Piece(text: "*", column: item.column), .day, into: &days.days)
            } else {
                try plain(item, .day, into: &days.days)
            }
        }
        return days
    }

    private func weekdays(_ piece: Piece) throws(CronError) -> CronWeekdays {
        var weekdays = CronWeekdays()
        weekdays.isOpen = piece.text.hasPrefix("*") || piece.text == "?"
        var plainDays = CronSet()
        for item in piece.split(",") {
            let text = item.text.uppercased()
            let parts = item.split("#")
            if parts.count == 2 {
                let weekday = try value(parts[0], .weekday) % 7
                guard let number = Int(digits: parts[1].text), (1...5).contains(number) else {
                    throw CronError(
                        .weekday,
                        at: parts[1].column,
                        "'\(parts[1].text)' is no number of a weekday in its month",
                        remedy: "write MON#1 to MON#5"
                    )
                }
                weekdays.numbered.insert(weekday * 6 + number)
            } else if text.hasSuffix("L"), text.count > 1 {
                let day = Piece(text: String(text.dropLast()), column: item.column)
                weekdays.last.insert(try value(day, .weekday) % 7)
            } else if text == "?", piece.text == "?" {
                try plain(Piece(text: "*", column: item.column), .weekday, into: &plainDays)
            } else {
                try plain(item, .weekday, into: &plainDays)
            }
        }
        for day in 0...7 where plainDays.contains(day) { weekdays.days.insert(day % 7) }
        return weekdays
    }

    /// `*`, `a`, `a-b`, each also with `/n`; `a/n` runs to the field's end.
    private func plain(
        _ item: Piece,
        _ field: CronField,
        into set: inout CronSet
    ) throws(CronError) {
        let parts = item.split("/")
        guard parts.count <= 2, let base = parts.first else {
            throw CronError(
                field,
                at: item.column,
                "'\(item.text)' has more than one step",
                remedy: "write one step, such as */5"
            )
        }
        var step = 1
        if parts.count == 2 {
            guard let number = Int(digits: parts[1].text), number > 0 else {
                throw CronError(
                    field,
                    at: parts[1].column,
                    "the step '\(parts[1].text)' is no number from 1 on",
                    remedy: "write a step such as */5"
                )
            }
            step = number
        }
        let span = try span(base, field, isOpen: parts.count == 2)
        for value in stride(from: span.lowerBound, through: span.upperBound, by: step) {
            set.insert(value)
        }
    }

    private func span(
        _ base: Piece,
        _ field: CronField,
        isOpen: Bool
    ) throws(CronError) -> ClosedRange<Int> {
        if base.text == "*" { return field.range }
        let ends = base.split("-")
        guard ends.count == 2 else {
            let only = try value(base, field)
            return only...(isOpen ? field.range.upperBound : only)
        }
        let first = try value(ends[0], field)
        let last = try value(ends[1], field)
        guard first <= last else {
            throw CronError(
                field,
                at: base.column,
                "the range '\(base.text)' runs backwards",
                remedy: "ranges run upwards; write two of them with a comma"
                    + (field == .weekday ? ", or 7 for a Sunday at the end" : "")
            )
        }
        return first...last
    }

    private func value(_ piece: Piece, _ field: CronField) throws(CronError) -> Int {
        if let index = field.names.firstIndex(of: piece.text.uppercased()) {
            return index + field.range.lowerBound
        }
        guard let number = Int(digits: piece.text) else {
            let shown = piece.text.isEmpty ? "a value is missing" : "'\(piece.text)' is no value"
            throw CronError(field, at: piece.column, shown, remedy: field.remedy)
        }
        guard field.range.contains(number) else {
            throw CronError(
                field,
                at: piece.column,
                "\(number) is not from \(field.range.lowerBound) to \(field.range.upperBound)",
                remedy: field.remedy
            )
        }
        return number
    }
}

extension Int {
    /// Reads one to four ASCII digits; nil for anything else.
    fileprivate init?(digits text: String) {
        let bytes = text.utf8
        guard (1...4).contains(bytes.count), bytes.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        self = bytes.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
}

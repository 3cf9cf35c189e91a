import EventModel

/// Timestamps as text: RFC 3339, date-time.
enum TimestampText {
    /// The instant that a text names; nil if it is not RFC 3339 or outside the years 1 to 9999.
    static func parse(_ text: String) -> Timestamp? {
        var reader = DigitReader(text)
        guard let year = reader.number(4), reader.skip("-"),
            let month = reader.number(2), reader.skip("-"),
            let day = reader.number(2), reader.skip("T") || reader.skip("t"),
            let hour = reader.number(2), reader.skip(":"),
            let minute = reader.number(2), reader.skip(":"),
            let second = reader.number(2)
        else { return nil }
        var nanoseconds: Int64 = 0
        if reader.skip(".") {
            guard let fraction = reader.fraction() else { return nil }
            nanoseconds = fraction
        }
        guard let offset = zone(&reader), reader.isAtEnd,
            (1...12).contains(month), hour < 24, minute < 60, second < 60,
            day >= 1, day <= CivilDate.daysInMonth(month, year: year)
        else { return nil }
        let days = CivilDate(year: year, month: month, day: day).days
        let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset
        guard TimeArithmetic.timestampSeconds.contains(seconds) else { return nil }
        return Timestamp(seconds: seconds, nanoseconds: Int32(nanoseconds))
    }

    private static func zone(_ reader: inout DigitReader) -> Int64? {
        if reader.skip("Z") || reader.skip("z") { return 0 }
        let isNegative = reader.skip("-")
        guard isNegative || reader.skip("+"), let hours = reader.number(2), hours < 24,
            reader.skip(":"), let minutes = reader.number(2), minutes < 60
        else { return nil }
        return (hours * 3600 + minutes * 60) * (isNegative ? -1 : 1)
    }

    /// The timestamp in UTC, with as many groups of three decimals as it needs.
    static func format(_ timestamp: Timestamp) -> String {
        let days = timestamp.seconds.floorQuotient(86_400)
        let second = timestamp.seconds - days * 86_400
        let date = CivilDate(days: days)
        var text = "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))"
        text += "T\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2))"
        text += ":\(padded(second % 60, 2))"
        return text + decimals(Int64(timestamp.nanoseconds)) + "Z"
    }

    /// Nanoseconds as decimals: nothing, or 3, 6 or 9 digits after a point.
    private static func decimals(_ nanoseconds: Int64) -> String {
        guard nanoseconds != 0 else { return "" }
        if nanoseconds % 1_000_000 == 0 { return ".\(padded(nanoseconds / 1_000_000, 3))" }
        if nanoseconds % 1000 == 0 { return ".\(padded(nanoseconds / 1000, 6))" }
        return ".\(padded(nanoseconds, 9))"
    }

    static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number.magnitude)
        let zeros = String(repeating: "0", count: max(0, width - digits.utf8.count))
        return (number < 0 ? "-" : "") + zeros + digits
    }
}

/// Reads a text of digits and separators from left to right.
struct DigitReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    var isAtEnd: Bool { position == bytes.count }

    var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
        guard let byte = peek, UInt32(byte) == scalar.value else { return false }
        position += 1
        return true
    }

    /// A number of exactly so many digits.
    mutating func number(_ count: Int) -> Int64? {
        guard let (value, digits) = digits(max: count), digits == count else { return nil }
        return value
    }

    /// At least one digit, and no more than so many.
    mutating func digits(max: Int) -> (value: Int64, digits: Int)? {
        var value: Int64 = 0
        var count = 0
        while count < max, let byte = peek, (48...57).contains(byte) {
            value = value * 10 + Int64(byte - 48)
            position += 1
            count += 1
        }
        return count == 0 ? nil : (value, count)
    }

    /// Decimals after a point, in nanoseconds; what is finer is cut off.
    mutating func fraction() -> Int64? {
        guard var (value, count) = digits(max: 9) else { return nil }
        while let byte = peek, (48...57).contains(byte) { position += 1 }
        while count < 9 {
            value *= 10
            count += 1
        }
        return value
    }

    /// The letters from here on.
    mutating func letters() -> String {
        let start = position
        while let byte = peek, !(48...57).contains(byte), byte != UInt8(ascii: "."),
            byte != UInt8(ascii: "-"), byte != UInt8(ascii: "+")
        {
            position += 1
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }
}

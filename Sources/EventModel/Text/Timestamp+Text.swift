extension Timestamp: CustomStringConvertible {
    /// Reads a date and time of RFC 3339, such as `2026-12-01T10:00:00.5+01:00`.
    ///
    /// Up to nine digits of a second are read. A second of 60 is refused, since no instant of ours
    /// stands for a leap second.
    ///
    /// - Throws: ``TextFormatError`` that says what is wrong.
    public init(rfc3339 text: String) throws(TextFormatError) {
        var text = text
        let result = text.withUTF8 { utf8 -> Result<Timestamp, RFC3339Failure> in
            var scanner = RFC3339Scanner(utf8)
            do throws(RFC3339Failure) {
                return .success(try scanner.timestamp())
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let timestamp): self = timestamp
        case .failure(let failure):
            let form = "write it as 2026-12-01T10:00:00Z"
            throw TextFormatError(text, "is no RFC 3339 time: \(failure.reason); \(form)")
        }
    }

    /// The instant in UTC as RFC 3339 writes it, with as many digits of a second as it needs in groups
    /// of three: `2026-12-01T10:00:00Z`, `2026-12-01T10:00:00.500Z`.
    ///
    /// An instant that is not ``isInCalendar`` gets a year with more digits or a sign.
    public var rfc3339: String {
        let civil = CivilTime(self)
        func two(_ value: Int) -> String { Decimal.padded(value, digitCount: 2) }
        let time = "\(two(civil.hour)):\(two(civil.minute)):\(two(civil.second))"
        return "\(civil.date)T\(time)\(fractionText)Z"
    }

    public var description: String { rfc3339 }

    private var fractionText: String {
        guard nanoseconds != 0 else { return "" }
        let digits = Decimal.padded(Int(nanoseconds), digitCount: 9)
        if nanoseconds % 1_000_000 == 0 { return ".\(digits.prefix(3))" }
        return nanoseconds % 1000 == 0 ? ".\(digits.prefix(6))" : ".\(digits)"
    }
}

private struct RFC3339Failure: Error {
    var reason: String
}

private struct RFC3339Scanner {
    let utf8: UnsafeBufferPointer<UInt8>
    var index = 0

    init(_ utf8: UnsafeBufferPointer<UInt8>) { self.utf8 = utf8 }

    mutating func timestamp() throws(RFC3339Failure) -> Timestamp {
        let year = try number(digitCount: 4, "the year")
        try separator("-")
        let month = try number(digitCount: 2, "the month")
        try separator("-")
        let day = try number(digitCount: 2, "the day")
        guard let date = CivilDate(year: year, month: month, day: day) else {
            throw RFC3339Failure(reason: "there is no such day")
        }
        guard take("T") || take("t") else {
            throw RFC3339Failure(reason: "a T must stand between date and time")
        }
        let hour = try number(digitCount: 2, "the hour", max: 23)
        try separator(":")
        let minute = try number(digitCount: 2, "the minute", max: 59)
        try separator(":")
        let second = try number(digitCount: 2, "the second", max: 59)
        let nanosecond = take(".") ? try fraction() : 0
        let offsetSeconds = try offset()
        guard index == utf8.count else { throw RFC3339Failure(reason: "something follows it") }
        let seconds = date.daysSince1970 * 86400 + hour * 3600 + minute * 60 + second
        let timestamp = Timestamp(
            seconds: Int64(seconds - offsetSeconds),
            nanoseconds: Int32(nanosecond)
        )
        guard timestamp.isInCalendar else {
            throw RFC3339Failure(reason: "it is outside the years 1 to 9999")
        }
        return timestamp
    }

    private mutating func offset() throws(RFC3339Failure) -> Int {
        if take("Z") || take("z") { return 0 }
        let isWest = take("-")
        guard isWest || take("+") else {
            throw RFC3339Failure(reason: "a Z or an offset such as +01:00 is missing")
        }
        let hours = try number(digitCount: 2, "the offset's hour", max: 23)
        try separator(":")
        let minutes = try number(digitCount: 2, "the offset's minute", max: 59)
        return (hours * 3600 + minutes * 60) * (isWest ? -1 : 1)
    }

    private mutating func fraction() throws(RFC3339Failure) -> Int {
        var value = 0
        var digitCount = 0
        while index < utf8.count, let digit = digit(utf8[index]) {
            guard digitCount < 9 else {
                throw RFC3339Failure(reason: "a second has more than nine digits behind the point")
            }
            value = value * 10 + digit
            digitCount += 1
            index += 1
        }
        guard digitCount > 0 else {
            throw RFC3339Failure(reason: "digits are missing behind the point")
        }
        for _ in digitCount..<9 { value *= 10 }
        return value
    }

    private mutating func number(
        digitCount: Int,
        _ what: String,
        max: Int = .max
    ) throws(RFC3339Failure) -> Int {
        guard utf8.count - index >= digitCount else {
            throw RFC3339Failure(reason: "it ends before \(what)")
        }
        var value = 0
        for _ in 0..<digitCount {
            guard let digit = digit(utf8[index]) else {
                throw RFC3339Failure(reason: "\(what) must have \(digitCount) digits")
            }
            value = value * 10 + digit
            index += 1
        }
        guard value <= max else {
            throw RFC3339Failure(reason: "\(what) must be at most \(max)")
        }
        return value
    }

    private mutating func separator(_ wanted: Unicode.Scalar) throws(RFC3339Failure) {
        guard take(wanted) else { throw RFC3339Failure(reason: "a '\(wanted)' is missing") }
    }

    private mutating func take(_ wanted: Unicode.Scalar) -> Bool {
        guard index < utf8.count, utf8[index] == UInt8(ascii: wanted) else { return false }
        index += 1
        return true
    }

    private func digit(_ byte: UInt8) -> Int? {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") ? Int(byte - UInt8(ascii: "0")) : nil
    }
}

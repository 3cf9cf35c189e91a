/// Durations as text: exact spans of time, so a day is 24 hours and there are no months.
public enum DurationText {
    /// Reads a duration in short form (`300ms`, `10s`, `5m`, `1h30m`, `1.5h`, `1d`, `2w`) or in that of
    /// ISO 8601 (`PT1H30M`, `P1D`, `P2W`), either with a minus before it.
    ///
    /// - Throws: ``TextFormatError`` that says what is wrong.
    public static func parse(_ text: String) throws(TextFormatError) -> Duration {
        do throws(Failure) {
            var scanner = Scanner(Array(text.utf8))
            return try scanner.duration()
        } catch {
            let form = "write it as 300ms, 10s, 5m, 2h, 1d or as in ISO 8601, PT1H30M"
            throw TextFormatError(text, "is no duration: \(error.reason); \(form)")
        }
    }

    /// The duration as ISO 8601 writes it, in hours, minutes and seconds: `PT24H`, `PT0.3S`, `-PT5M`.
    public static func iso8601(_ duration: Duration) -> String {
        let parts = Parts(duration, hoursPerDay: nil)
        var text = parts.isNegative ? "-PT" : "PT"
        if parts.hours > 0 { text += "\(parts.hours)H" }
        if parts.minutes > 0 { text += "\(parts.minutes)M" }
        let hasSeconds = parts.seconds > 0 || !parts.fraction.isEmpty
        if hasSeconds || (parts.hours == 0 && parts.minutes == 0) {
            text += "\(parts.seconds)\(parts.fraction.isEmpty ? "" : "." + parts.fraction)S"
        }
        return text
    }

    /// The duration in the shortest form that reads well and reads back: `1d`, `1h30m`, `300ms`, `0s`.
    public static func short(_ duration: Duration) -> String {
        let parts = Parts(duration, hoursPerDay: 24)
        var text = parts.isNegative ? "-" : ""
        if parts.days > 0 { text += "\(parts.days)d" }
        if parts.hours > 0 { text += "\(parts.hours)h" }
        if parts.minutes > 0 { text += "\(parts.minutes)m" }
        let isOnlyMilliseconds =
            parts.days == 0 && parts.hours == 0 && parts.minutes == 0 && parts.seconds == 0
            && !parts.fraction.isEmpty && parts.fraction.utf8.count <= 3
        if isOnlyMilliseconds {
            let zeros = String(repeating: "0", count: 3 - parts.fraction.utf8.count)
            text += "\(Int(parts.fraction + zeros) ?? 0)ms"
        } else if parts.seconds > 0 || !parts.fraction.isEmpty {
            text += "\(parts.seconds)\(parts.fraction.isEmpty ? "" : "." + parts.fraction)s"
        }
        return text.isEmpty ? "0s" : text
    }

    private struct Parts {
        var isNegative: Bool
        var days: UInt128
        var hours: UInt128
        var minutes: UInt128
        var seconds: UInt128
        /// The digits behind the point, without zeros at the end.
        var fraction: String

        init(_ duration: Duration, hoursPerDay: UInt128?) {
            let attoseconds = duration.attoseconds.magnitude
            isNegative = duration.attoseconds < 0
            let (whole, rest) = attoseconds.quotientAndRemainder(dividingBy: Scanner.second)
            let allHours = whole / 3600
            days = hoursPerDay.map { allHours / $0 } ?? 0
            hours = hoursPerDay.map { allHours % $0 } ?? allHours
            minutes = whole / 60 % 60
            seconds = whole % 60
            let digits = String(rest)
            let padded = String(repeating: "0", count: 18 - digits.utf8.count) + digits
            fraction = rest == 0 ? "" : String(padded.reversed().drop { $0 == "0" }.reversed())
        }
    }

    fileprivate struct Failure: Error {
        var reason: String
    }
}

private struct Scanner {
    static let second: UInt128 = 1_000_000_000_000_000_000

    /// Largest first within each form: a unit may stand only behind larger ones.
    private static let shortUnits: [(name: [UInt8], attoseconds: UInt128)] = [
        (Array("w".utf8), second * 604_800), (Array("d".utf8), second * 86400),
        (Array("h".utf8), second * 3600), (Array("m".utf8), second * 60),
        (Array("s".utf8), second), (Array("ms".utf8), second / 1000),
        (Array("us".utf8), second / 1_000_000), (Array("µs".utf8), second / 1_000_000),
        (Array("ns".utf8), second / 1_000_000_000),
    ]
    private static let dateUnits: [(name: [UInt8], attoseconds: UInt128)] = [
        (Array("W".utf8), second * 604_800), (Array("D".utf8), second * 86400),
    ]
    private static let timeUnits: [(name: [UInt8], attoseconds: UInt128)] = [
        (Array("H".utf8), second * 3600), (Array("M".utf8), second * 60),
        (Array("S".utf8), second),
    ]

    private let bytes: [UInt8]
    private var index = 0
    private var total: UInt128 = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func duration() throws(DurationText.Failure) -> Duration {
        let isNegative = take("-")
        if !isNegative { _ = take("+") }
        if take("P") {
            try iso8601()
        } else {
            try parts(Scanner.shortUnits, what: "a unit of w, d, h, m, s, ms, us or ns")
        }
        guard index == bytes.count else {
            throw DurationText.Failure(reason: "something follows it")
        }
        guard total <= UInt128(Int128.max) else {
            throw DurationText.Failure(reason: "it is too long")
        }
        let attoseconds = Int128(total)
        return Duration(attoseconds: isNegative ? -attoseconds : attoseconds)
    }

    private mutating func iso8601() throws(DurationText.Failure) {
        if index < bytes.count, bytes[index] != UInt8(ascii: "T") {
            try parts(
                Scanner.dateUnits,
                what: "W or D (years and months have no fixed length)"
            )
        }
        guard index < bytes.count else {
            guard bytes.last != UInt8(ascii: "P") else {
                throw DurationText.Failure(reason: "nothing follows the P")
            }
            return
        }
        guard take("T") else { throw DurationText.Failure(reason: "a T is missing") }
        try parts(Scanner.timeUnits, what: "H, M or S")
    }

    /// Numbers with units, up to the end or to a T.
    private mutating func parts(
        _ units: [(name: [UInt8], attoseconds: UInt128)],
        what: String
    ) throws(DurationText.Failure) {
        var allowed = units[...]
        repeat {
            let (whole, fraction, scale) = try number()
            let name = Array(bytes[index...].prefix { !isDigit($0) && $0 != UInt8(ascii: "T") })
            guard let place = allowed.firstIndex(where: { $0.name == name }) else {
                let isKnown = units.contains { $0.name == name }
                let reason = isKnown ? "the larger unit must come first" : "a number needs \(what)"
                throw DurationText.Failure(reason: reason)
            }
            index += name.count
            try add(whole, fraction, scale, of: allowed[place].attoseconds)
            allowed = allowed[(place + 1)...]
        } while index < bytes.count && bytes[index] != UInt8(ascii: "T")
    }

    private mutating func add(
        _ whole: UInt128,
        _ fraction: UInt128,
        _ scale: UInt128,
        of unit: UInt128
    ) throws(DurationText.Failure) {
        let (product, overflow) = whole.multipliedReportingOverflow(by: unit)
        let max = UInt128(Int128.max)
        // Two such numbers, and then less than a unit, fit in 128 bits.
        guard !overflow, product <= max, total <= max - product else {
            throw DurationText.Failure(reason: "it is too long")
        }
        // At most 18 digits times a unit of 6.1e23 attoseconds fits 128 bits with a quotient first.
        let (quotient, remainder) = unit.quotientAndRemainder(dividingBy: scale)
        let (rest, isUneven) = (remainder * fraction).quotientAndRemainder(dividingBy: scale)
        guard isUneven == 0 else {
            throw DurationText.Failure(reason: "it has more digits than an attosecond")
        }
        total += product + quotient * fraction + rest
    }

    /// Digits, and digits behind a point or comma with the power of ten that they are parts of.
    private mutating func number() throws(DurationText.Failure) -> (
        whole: UInt128, fraction: UInt128, scale: UInt128
    ) {
        let (whole, wholeCount) = digits()
        guard wholeCount > 0 else { throw DurationText.Failure(reason: "a number is missing") }
        guard wholeCount <= 21 else { throw DurationText.Failure(reason: "it is too long") }
        guard take(".") || take(",") else { return (whole, 0, 1) }
        let (fraction, count) = digits()
        guard (1...18).contains(count) else {
            throw DurationText.Failure(reason: "1 to 18 digits must follow the point")
        }
        return (whole, fraction, (0..<count).reduce(1) { scale, _ in scale * 10 })
    }

    private mutating func digits() -> (value: UInt128, count: Int) {
        var value: UInt128 = 0
        let start = index
        while index < bytes.count, isDigit(bytes[index]) {
            value = value &* 10 &+ UInt128(bytes[index] - UInt8(ascii: "0"))
            index += 1
        }
        return (value, index - start)
    }

    private mutating func take(_ wanted: Unicode.Scalar) -> Bool {
        guard index < bytes.count, bytes[index] == UInt8(ascii: wanted) else { return false }
        index += 1
        return true
    }

    private func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }
}

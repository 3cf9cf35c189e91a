import EventModel

/// Durations as text: `1h45m30.5s` in, `6330.5s` out.
enum DurationSyntax {
    private static let nanosecondsOfUnit: [String: Int64] = [
        "h": 3_600_000_000_000, "m": 60_000_000_000, "s": 1_000_000_000, "ms": 1_000_000,
        "us": 1000, "µs": 1000, "μs": 1000, "ns": 1,
    ]

    /// The duration that a text names; nil if it is malformed or longer than 10,000 years.
    static func parse(_ text: String) -> Duration? {
        var reader = DigitReader(text)
        let isNegative = reader.skip("-")
        if !isNegative { _ = reader.skip("+") }
        if text.utf8.count == (isNegative ? 2 : 1), reader.skip("0") { return .zero }
        var total = Duration.zero
        guard !reader.isAtEnd else { return nil }
        while !reader.isAtEnd {
            let whole = reader.digits(max: 18)
            var fraction: Int64?
            if reader.skip(".") { fraction = reader.fraction() }
            guard whole != nil || fraction != nil else { return nil }
            let unit = reader.letters()
            guard let nanoseconds = nanosecondsOfUnit[unit] else { return nil }
            let number = whole?.value ?? 0
            // Far beyond the range already, and the product below would not fit into a duration.
            guard Double(number) * Double(nanoseconds) < 1e21 else { return nil }
            total += .nanoseconds(nanoseconds) * number
            // The fraction is in billionths of the unit.
            let part = (fraction ?? 0).multipliedFullWidth(by: nanoseconds)
            total += .nanoseconds(Int64(1_000_000_000).dividingFullWidth(part).quotient)
            guard (try? TimeArithmetic.checked(total)) != nil else { return nil }
        }
        return isNegative ? .zero - total : total
    }

    /// The duration in seconds with as many decimals as it needs.
    static func format(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        var text = seconds < 0 || attoseconds < 0 ? "-" : ""
        text += String(seconds.magnitude)
        let nanoseconds = Int64(attoseconds.magnitude / 1_000_000_000)
        if nanoseconds > 0 {
            var digits = Substring(NumberText.padded(nanoseconds, 9))
            while digits.last == "0" { digits.removeLast() }
            text += "." + digits
        }
        return text + "s"
    }
}

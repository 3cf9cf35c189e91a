/// Numbers as text.
enum NumberText {
    /// A whole number with zeros before it.
    static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number.magnitude)
        let zeros = String(repeating: "0", count: max(0, width - digits.utf8.count))
        return (number < 0 ? "-" : "") + zeros + digits
    }

    /// The shortest text that reads back as the same double: plain up to 21 digits, else with an
    /// exponent of at least two digits, as ECMAScript chooses and C writes.
    static func format(_ number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
        if number == 0 { return number.sign == .minus ? "-0" : "0" }
        let (digits, exponent) = decimal(number.magnitude)
        let sign = number < 0 ? "-" : ""
        let count = digits.count
        let pointAt = exponent + 1
        if pointAt > 21 || pointAt < -5 {
            let text = pad(exponent.magnitude)
            let fraction = count > 1 ? "." + digits.dropFirst() : ""
            return "\(sign)\(digits.prefix(1))\(fraction)e\(exponent < 0 ? "-" : "+")\(text)"
        }
        if pointAt <= 0 { return sign + "0." + String(repeating: "0", count: -pointAt) + digits }
        if pointAt >= count {
            return sign + digits + String(repeating: "0", count: pointAt - count)
        }
        return sign + digits.prefix(pointAt) + "." + digits.dropFirst(pointAt)
    }

    private static func pad(_ exponent: UInt) -> String {
        exponent < 10 ? "0\(exponent)" : "\(exponent)"
    }

    /// The shortest significant digits of a positive double, and the exponent of the first of them.
    static func decimal(_ number: Double) -> (digits: String, exponent: Int) {
        let text = number.description
        var digits = ""
        var exponent = 0
        var pointAt: Int?
        var rest = Substring(text)
        if let mark = rest.firstIndex(where: { $0 == "e" || $0 == "E" }) {
            exponent = Int(rest[rest.index(after: mark)...]) ?? 0
            rest = rest[..<mark]
        }
        for character in rest {
            if character == "." { pointAt = digits.count } else { digits.append(character) }
        }
        exponent += (pointAt ?? digits.count) - 1
        while digits.count > 1, digits.first == "0" {
            digits.removeFirst()
            exponent -= 1
        }
        while digits.count > 1, digits.last == "0" { digits.removeLast() }
        return (digits, exponent)
    }
}

/// Doubles with a given number of decimals, rounded correctly: half to even on the exact value.
enum ExactDecimal {
    /// As C's `%.nf`.
    static func fixed(_ number: Double, decimals: Int) -> String {
        let sign = number.sign == .minus ? "-" : ""
        let (whole, fraction) = expansion(number.magnitude)
        var digits = whole + fraction
        let pointAt = round(&digits, keeping: whole.count + decimals, pointAt: whole.count)
        let text = digits.map { String($0) }.joined()
        let split = text.index(text.startIndex, offsetBy: pointAt)
        let integral = text[..<split]
        return sign + integral + (decimals > 0 ? "." + text[split...] : "")
    }

    /// As C's `%.ne`.
    static func exponential(_ number: Double, decimals: Int) -> String {
        let sign = number.sign == .minus ? "-" : ""
        let (whole, fraction) = expansion(number.magnitude)
        var digits = whole + fraction
        let lead = digits.firstIndex { $0 != 0 } ?? digits.count
        var exponent = number == 0 ? 0 : whole.count - 1 - lead
        digits = number == 0 ? [0] : Array(digits[lead...])
        let pointAt = round(&digits, keeping: 1 + decimals, pointAt: 1)
        if pointAt > 1 {
            exponent += 1
            digits.removeLast()
        }
        let text = digits.map { String($0) }.joined()
        let power = exponent.magnitude < 10 ? "0\(exponent.magnitude)" : "\(exponent.magnitude)"
        let fractionText = decimals > 0 ? "." + text.dropFirst() : ""
        return "\(sign)\(text.prefix(1))\(fractionText)e\(exponent < 0 ? "-" : "+")\(power)"
    }

    /// All decimal digits of a finite double, which are finitely many.
    private static func expansion(_ number: Double) -> (whole: [UInt8], fraction: [UInt8]) {
        guard number > 0 else { return ([0], []) }
        // number = significand * 2^exponent with a whole significand.
        let significand =
            number.significandBitPattern | (number.isNormal ? 1 << 52 : 0)
        let exponent = (number.isNormal ? Int(number.exponentBitPattern) : 1) - 1075
        var digits = String(significand).utf8.map { $0 - 48 }
        if exponent >= 0 {
            for _ in 0..<exponent { multiply(&digits, by: 2) }
            return (digits, [])
        }
        // significand / 2^n = significand * 5^n / 10^n.
        for _ in 0..<(-exponent) { multiply(&digits, by: 5) }
        let missing = -exponent + 1 - digits.count
        if missing > 0 { digits.insert(contentsOf: Array(repeating: 0, count: missing), at: 0) }
        let pointAt = digits.count + exponent
        return (Array(digits[..<pointAt]), Array(digits[pointAt...]))
    }

    private static func multiply(_ digits: inout [UInt8], by factor: UInt8) {
        var carry: UInt8 = 0
        for index in digits.indices.reversed() {
            let product = digits[index] * factor + carry
            digits[index] = product % 10
            carry = product / 10
        }
        if carry > 0 { digits.insert(carry, at: 0) }
    }

    /// Cuts digits off or adds zeros, rounding half to even; gives where the point is then.
    private static func round(_ digits: inout [UInt8], keeping count: Int, pointAt: Int) -> Int {
        guard digits.count > count else {
            digits += Array(repeating: 0, count: count - digits.count)
            return pointAt
        }
        let rest = digits[count...]
        let isAboveHalf =
            rest[count] > 5 || (rest[count] == 5 && rest.dropFirst().contains { $0 > 0 })
        let isHalf = rest[count] == 5 && !rest.dropFirst().contains { $0 > 0 }
        let isOdd = count > 0 && digits[count - 1] % 2 == 1
        digits = Array(digits[..<count])
        guard isAboveHalf || (isHalf && isOdd) else { return pointAt }
        for index in digits.indices.reversed() {
            if digits[index] < 9 {
                digits[index] += 1
                return pointAt
            }
            digits[index] = 0
        }
        digits.insert(1, at: 0)
        return pointAt + 1
    }
}

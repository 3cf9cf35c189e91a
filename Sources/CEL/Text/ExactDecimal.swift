/// Doubles with a given number of decimals, rounded correctly: half to even on the exact value.
enum ExactDecimal {
    /// As C's `%.nf`.
    static func fixed(_ number: Double, decimals: Int) -> String {
        let sign = number.sign == .minus ? "-" : ""
        let (whole, fraction) = expansion(number.magnitude)
        var digits = whole + fraction
        let pointAt = round(&digits, keeping: whole.count + decimals, pointAt: whole.count)
        let integral = text(digits[..<pointAt])
        return sign + integral + (decimals > 0 ? "." + text(digits[pointAt...]) : "")
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
        let power = exponent.magnitude < 10 ? "0\(exponent.magnitude)" : "\(exponent.magnitude)"
        let fractionText = decimals > 0 ? "." + text(digits[1...]) : ""
        return "\(sign)\(digits[0])\(fractionText)e\(exponent < 0 ? "-" : "+")\(power)"
    }

    private static func text(_ digits: ArraySlice<UInt8>) -> String {
        String(decoding: digits.map { $0 + 48 }, as: UTF8.self)
    }

    /// All decimal digits of a finite double, which are finitely many.
    private static func expansion(_ number: Double) -> (whole: [UInt8], fraction: [UInt8]) {
        guard number > 0 else { return ([0], []) }
        // number = significand * 2^exponent with a whole significand.
        let significand = number.significandBitPattern | (number.isNormal ? 1 << 52 : 0)
        let exponent = (number.isNormal ? Int(number.exponentBitPattern) : 1) - 1075
        var big = BigDecimal(significand)
        if exponent >= 0 {
            big.multiply(by: 2, times: exponent)
            return (big.digits, [])
        }
        // significand / 2^n = significand * 5^n / 10^n.
        big.multiply(by: 5, times: -exponent)
        var digits = big.digits
        let missing = 1 - exponent - digits.count
        if missing > 0 { digits.insert(contentsOf: Array(repeating: 0, count: missing), at: 0) }
        let pointAt = digits.count + exponent
        return (Array(digits[..<pointAt]), Array(digits[pointAt...]))
    }

    /// Cuts digits off or adds zeros, rounding half to even; gives where the point is then.
    private static func round(_ digits: inout [UInt8], keeping count: Int, pointAt: Int) -> Int {
        guard digits.count > count else {
            digits += Array(repeating: 0, count: count - digits.count)
            return pointAt
        }
        let first = digits[count]
        let isExact = !digits[(count + 1)...].contains { $0 > 0 }
        let isOdd = count > 0 && digits[count - 1] % 2 == 1
        let roundsUp = first > 5 || (first == 5 && (!isExact || isOdd))
        digits = Array(digits[..<count])
        guard roundsUp else { return pointAt }
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

/// A natural number of any size in groups of nine decimal digits, lowest first.
private struct BigDecimal {
    private var groups: [UInt32] = []

    init(_ number: UInt64) {
        var rest = number
        repeat {
            groups.append(UInt32(rest % 1_000_000_000))
            rest /= 1_000_000_000
        } while rest > 0
    }

    /// Multiplies by a power of a small factor, as many of its factors at once as fit.
    mutating func multiply(by factor: UInt64, times: Int) {
        var left = times
        while left > 0 {
            var product: UInt64 = 1
            while left > 0, product * factor < 1 << 32 {
                product *= factor
                left -= 1
            }
            var carry: UInt64 = 0
            for index in groups.indices {
                let value = UInt64(groups[index]) * product + carry
                groups[index] = UInt32(value % 1_000_000_000)
                carry = value / 1_000_000_000
            }
            while carry > 0 {
                groups.append(UInt32(carry % 1_000_000_000))
                carry /= 1_000_000_000
            }
        }
    }

    /// The digits, highest first.
    var digits: [UInt8] {
        var digits: [UInt8] = []
        for (index, group) in groups.reversed().enumerated() {
            let text = Array(String(group).utf8)
            if index > 0 { digits += Array(repeating: 0, count: 9 - text.count) }
            digits += text.map { $0 - 48 }
        }
        return digits
    }
}

import EventModel

/// A number of JSON: an integer of 64 bits and more, or a double that stands for the shortest
/// decimal
/// that reads back as it.
enum JSONNumber: Sendable {
    case whole(Int128)
    case double(Double)

    /// The number of a value; nil if it is none.
    ///
    /// A double that is whole becomes an integer if it
    /// fits.
    init?(_ value: Value) {
        switch value {
        case .int(let number): self = .whole(Int128(number))
        case .uint(let number): self = .whole(Int128(number))
        case .double(let number): self.init(number)
        case .null, .bool, .string, .bytes, .timestamp, .duration, .list, .map: return nil
        }
    }

    init(_ number: Double) {
        // Beyond 2^64 no integer of a value can be equal to it, and as a double it stays
        // comparable.
        if number.magnitude < 0x1p64, number.rounded(.towardZero) == number {
            self = .whole(Int128(number))
        } else {
            self = .double(number)
        }
    }

    /// Whether the number has no fraction.
    var isWhole: Bool {
        switch self {
        case .whole: true
        case .double(let number): number.isFinite && number.rounded(.towardZero) == number
        }
    }

    static func < (left: JSONNumber, right: JSONNumber) -> Bool {
        switch (left, right) {
        case (.whole(let left), .whole(let right)): left < right
        case (.double(let left), .double(let right)): left < right
        case (.whole(let left), .double(let right)): compare(left, right) < 0
        case (.double(let left), .whole(let right)): compare(right, left) > 0
        }
    }

    static func == (left: JSONNumber, right: JSONNumber) -> Bool {
        switch (left, right) {
        case (.whole(let left), .whole(let right)): left == right
        case (.double(let left), .double(let right)): left == right
        // A double that equals an integer has become one.
        case (.whole, .double), (.double, .whole): false
        }
    }

    /// Negative if the integer, which has 65 bits at most, is below the double, positive if above.
    private static func compare(_ whole: Int128, _ number: Double) -> Int {
        if number.magnitude >= 0x1p64 || number.isNaN { return number > 0 ? -1 : 1 }
        let floor = Int128(number.rounded(.down))
        return whole <= floor ? -1 : 1
    }

    /// Whether this is a multiple of a divisor above zero, as decimals, so that 0.3 is one of 0.1.
    func isMultiple(of divisor: JSONNumber) -> Bool {
        if case .whole(let left) = self, case .whole(let right) = divisor {
            return left % right == 0
        }
        guard let left = Decimal(self), let right = Decimal(divisor) else { return false }
        return left.isMultiple(of: right)
    }

    /// The shortest decimal text.
    var text: String {
        switch self {
        case .whole(let number): "\(number)"
        case .double(let number): "\(number)"
        }
    }
}

/// `digits` times a power of ten.
private struct Decimal {
    var digits: UInt128
    var exponent: Int

    /// Nil for an infinity and for no number.
    init?(_ number: JSONNumber) {
        switch number {
        case .whole(let whole):
            digits = whole.magnitude
            exponent = 0
        case .double(let double):
            guard double.isFinite else { return nil }
            digits = 0
            exponent = 0
            read("\(double.magnitude)")
        }
        while digits > 0, digits % 10 == 0 {
            digits /= 10
            exponent += 1
        }
    }

    /// Reads what Swift writes for a double: at most 17 digits, a point, an exponent.
    private mutating func read(_ text: String) {
        let parts = text.split(separator: "e")
        var isFraction = false
        for character in parts[0] {
            guard let digit = character.wholeNumberValue else {
                isFraction = true
                continue
            }
            digits = digits * 10 + UInt128(digit)
            if isFraction { exponent -= 1 }
        }
        if parts.count > 1 { exponent += Int(parts[1]) ?? 0 }
    }

    func isMultiple(of divisor: Decimal) -> Bool {
        guard divisor.digits > 0 else { return false }
        guard digits > 0 else { return true }
        var shift = exponent - divisor.exponent
        if shift >= 0 {
            // Both have 65 bits at most, so that their product fits.
            var rest = digits % divisor.digits
            while shift > 0, rest != 0 {
                rest = rest * 10 % divisor.digits
                shift -= 1
            }
            return rest == 0
        }
        // The last digit of `digits` is no zero, so no power of ten divides it evenly beyond what
        // the
        // divisor's own factors take away.
        var scaled = divisor.digits
        while shift < 0 {
            let (product, overflow) = scaled.multipliedReportingOverflow(by: 10)
            guard !overflow, product <= digits else { return false }
            scaled = product
            shift += 1
        }
        return digits % scaled == 0
    }
}

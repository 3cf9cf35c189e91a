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

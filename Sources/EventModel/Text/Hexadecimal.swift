/// Bytes as pairs of hexadecimal digits.
enum Hexadecimal {
    /// The value of a digit of either case.
    static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// Adds the two lower-case digits of a byte.
    static func append(_ byte: UInt8, to text: inout [UInt8]) {
        text.append(lowerCase(byte >> 4))
        text.append(lowerCase(byte & 0xF))
    }

    private static func lowerCase(_ digit: UInt8) -> UInt8 {
        digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }
}

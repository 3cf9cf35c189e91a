extension Identifier: CustomStringConvertible, LosslessStringConvertible {
    /// Reads the text form of RFC 9562 section 4: 32 hexadecimal digits of either case in groups of 8,
    /// 4, 4, 4 and 12, and nothing else; nil for any other text.
    public init?(_ text: String) {
        var text = text
        let halves: (UInt64, UInt64)? = text.withUTF8 { utf8 in
            guard utf8.count == 36 else { return nil }
            var halves: (UInt64, UInt64) = (0, 0)
            var digitCount = 0
            for (index, byte) in utf8.enumerated() {
                if index == 8 || index == 13 || index == 18 || index == 23 {
                    guard byte == UInt8(ascii: "-") else { return nil }
                    continue
                }
                guard let digit = Hexadecimal.digit(byte) else { return nil }
                if digitCount < 16 {
                    halves.0 = halves.0 << 4 | UInt64(digit)
                } else {
                    halves.1 = halves.1 << 4 | UInt64(digit)
                }
                digitCount += 1
            }
            return halves
        }
        guard let halves else { return nil }
        self.init(high: halves.0, low: halves.1)
    }

    /// The text form, in lower case: `017f22e2-79b0-7cc3-98c4-dc0c0c07398f`.
    public var text: String {
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (index, byte) in bytes.enumerated() {
            if index == 4 || index == 6 || index == 8 || index == 10 {
                text.append(UInt8(ascii: "-"))
            }
            Hexadecimal.append(byte, to: &text)
        }
        return String(decoding: text, as: UTF8.self)
    }

    public var description: String { text }
}

extension Identifier {
    /// Reads the 16 bytes, big-endian; nil if there are more or fewer.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        let high = bytes.prefix(8).reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        let low = bytes.suffix(8).reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        self.init(high: high, low: low)
    }

    /// The 16 bytes, big-endian.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16)
        for half in [high, low] {
            var shift: UInt64 = 64
            while shift > 0 {
                shift &-= 8
                bytes.append(UInt8(truncatingIfNeeded: half &>> shift))
            }
        }
        return bytes
    }
}

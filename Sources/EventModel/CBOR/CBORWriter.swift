/// Writes heads and leaves of deterministic CBOR (RFC 8949 section 4.2.1) to the end of a buffer.
struct CBORWriter {
    var bytes: [UInt8] = []
    /// How deep lists and maps may lie in each other.
    var depthMax = Int.max
    /// Whether something lay deeper, which was left out.
    private(set) var isTooDeep = false
    private var depth = 0

    /// Goes into a list or map that holds something; false if that would be too deep.
    mutating func enter() -> Bool {
        guard depth < depthMax else {
            isTooDeep = true
            return false
        }
        depth += 1
        return true
    }

    /// Comes out of it.
    mutating func leave() { depth -= 1 }

    /// The head of an item, its argument in the shortest form.
    mutating func head(_ major: CBORMajor, _ argument: UInt64) {
        let type = major.rawValue << 5
        if argument < 24 {
            bytes.append(type | UInt8(truncatingIfNeeded: argument))
        } else if argument <= 0xFF {
            bytes.append(type | 24)
            bytes.append(UInt8(truncatingIfNeeded: argument))
        } else if argument <= 0xFFFF {
            bytes.append(type | 25)
            bigEndian(argument, byteCount: 2)
        } else if argument <= 0xFFFF_FFFF {
            bytes.append(type | 26)
            bigEndian(argument, byteCount: 4)
        } else {
            bytes.append(type | 27)
            bigEndian(argument, byteCount: 8)
        }
    }

    /// A signed integer: major type 0 or 1.
    mutating func integer(_ value: Int64) {
        if value >= 0 {
            head(.unsigned, UInt64(value))
        } else {
            head(.negative, UInt64(-1 - value))
        }
    }

    /// An integer of 128 bits: plain if it fits in 64 bits and a sign, else a bignum.
    mutating func integer(wide value: Int128) {
        let argument = UInt128(bitPattern: value >= 0 ? value : -1 - value)
        if let narrow = UInt64(exactly: argument) {
            return head(value >= 0 ? .unsigned : .negative, narrow)
        }
        head(.tag, value >= 0 ? CBORTag.unsignedBignum : CBORTag.negativeBignum)
        let byteCount = (135 - argument.leadingZeroBitCount) / 8
        head(.bytes, UInt64(byteCount))
        for index in (0..<byteCount).reversed() {
            bytes.append(UInt8(truncatingIfNeeded: argument >> (UInt128(index) * 8)))
        }
    }

    mutating func string(_ value: String) {
        let isDone: Void? = value.utf8.withContiguousStorageIfAvailable { utf8 in
            head(.text, UInt64(utf8.count))
            bytes.append(contentsOf: utf8)
        }
        guard isDone == nil else { return }
        head(.text, UInt64(value.utf8.count))
        bytes.append(contentsOf: value.utf8)
    }

    mutating func byteString(_ value: [UInt8]) {
        head(.bytes, UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    mutating func bool(_ value: Bool) { bytes.append(value ? 0xF5 : 0xF4) }

    mutating func null() { bytes.append(0xF6) }

    /// A float in the shortest width that keeps its value; every NaN becomes `f97e00`.
    mutating func float(_ value: Double) {
        guard !value.isNaN else {
            bytes.append(0xF9)
            return bigEndian(0x7E00, byteCount: 2)
        }
        let single = Float(value)
        guard Double(single) == value else {
            bytes.append(0xFB)
            return bigEndian(value.bitPattern, byteCount: 8)
        }
        if let half = HalfFloat.bits(exactly: single) {
            bytes.append(0xF9)
            bigEndian(UInt64(half), byteCount: 2)
        } else {
            bytes.append(0xFA)
            bigEndian(UInt64(single.bitPattern), byteCount: 4)
        }
    }

    private mutating func bigEndian(_ value: UInt64, byteCount: Int) {
        var shift = UInt64(byteCount) &* 8
        while shift > 0 {
            shift &-= 8
            bytes.append(UInt8(truncatingIfNeeded: value &>> shift))
        }
    }
}

/// Half-precision floats by their bits (IEEE 754 binary16), because `Float16` is not everywhere.
enum HalfFloat {
    /// The 16 bits of a number that is no NaN, or nil if half precision would change it.
    static func bits(exactly value: Float) -> UInt16? {
        let pattern = value.bitPattern
        let sign = UInt16(truncatingIfNeeded: pattern >> 16) & 0x8000
        let fraction = pattern & 0x7F_FFFF
        let exponent = Int(pattern >> 23 & 0xFF) - 127
        switch exponent {
        case 128:
            return fraction == 0 ? sign | 0x7C00 : nil
        case -14...15:
            guard fraction & 0x1FFF == 0 else { return nil }
            return sign | UInt16(exponent + 15) << 10 | UInt16(fraction >> 13)
        case -24 ... -15:
            // A subnormal half counts in units of 2^-24.
            let significand = fraction | 0x80_0000
            let shift = UInt32(-1 - exponent)
            guard significand & ((1 << shift) - 1) == 0 else { return nil }
            return sign | UInt16(significand >> shift)
        case -127:
            return fraction == 0 ? sign : nil
        default:
            return nil
        }
    }

    /// The number that 16 bits stand for.
    static func value(bits: UInt16) -> Double {
        let isNegative = bits & 0x8000 != 0
        let fraction = Double(bits & 0x3FF)
        let exponent = Int(bits >> 10 & 0x1F)
        let magnitude: Double =
            switch exponent {
            case 0: fraction * 0x1p-24
            case 31: fraction == 0 ? .infinity : .nan
            default: Double(sign: .plus, exponent: exponent - 25, significand: fraction + 1024)
            }
        return isNegative && !magnitude.isNaN ? -magnitude : magnitude
    }
}

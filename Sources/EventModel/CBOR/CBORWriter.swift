/// Writes heads and leaves of deterministic CBOR (RFC 8949 section 4.2.1) behind each other, into
/// memory of its own that grows.
///
/// It takes what it writes as borrowed: every event that is appended comes through here, and to
/// count references to each of its texts costs more than to write them.
struct CBORWriter: ~Copyable {
    /// How deep lists and maps may lie in each other.
    var depthMax = Int.max
    /// Whether something lay deeper, which was left out.
    private(set) var isTooDeep = false
    private var depth = 0
    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    /// How many bytes there are.
    private(set) var count = 0

    /// Begins without bytes.
    ///
    /// - Parameter capacity: how many will probably come; 1 or more.
    init(capacity: Int = 64) {
        self.capacity = max(capacity, 1)
        base = .allocate(byteCount: self.capacity, alignment: 16)
    }

    deinit { base.deallocate() }

    /// A copy of what was written.
    var bytes: [UInt8] { Array(UnsafeRawBufferPointer(start: base, count: count)) }

    /// Hands over what was written, to be read or patched.
    mutating func withUnsafeMutableBytes<R>(
        _ body: (UnsafeMutableRawBufferPointer) -> R
    ) -> R {
        body(UnsafeMutableRawBufferPointer(start: base, count: count))
    }

    /// Gives the memory away, with as many bytes as were written; whoever takes it deallocates it.
    consuming func takeMemory() -> UnsafeMutableRawBufferPointer {
        let memory = UnsafeMutableRawBufferPointer(start: base, count: count)
        discard self
        return memory
    }

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

    // MARK: Bytes

    /// The place where so many bytes can be written next.
    @inline(__always)
    private mutating func room(_ byteCount: Int) -> UnsafeMutableRawPointer {
        if capacity - count < byteCount { grow(byteCount) }
        return base + count
    }

    @inline(never)
    private mutating func grow(_ byteCount: Int) {
        let larger = max(capacity * 2, count + byteCount)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
        memory.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = memory
        capacity = larger
    }

    mutating func byte(_ value: UInt8) {
        room(1).storeBytes(of: value, as: UInt8.self)
        count += 1
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        let target = room(bytes.count)
        if let source = bytes.baseAddress {
            target.copyMemory(from: source, byteCount: bytes.count)
        }
        count += bytes.count
    }

    mutating func append(_ bytes: borrowing [UInt8]) { bytes.withUnsafeBytes { append($0) } }

    /// A number in so many bytes, the first the most significant.
    private mutating func bigEndian(_ value: UInt64, byteCount: Int) {
        let shifted = value << UInt64(64 - 8 * byteCount)
        room(8).storeBytes(of: shifted.bigEndian, as: UInt64.self)
        count += byteCount
    }

    // MARK: Items

    /// The head of an item, its argument in the shortest form.
    @inline(__always)
    mutating func head(_ major: CBORMajor, _ argument: UInt64) {
        guard argument >= 24 else {
            return byte(major.rawValue << 5 | UInt8(truncatingIfNeeded: argument))
        }
        longHead(major, argument)
    }

    private mutating func longHead(_ major: CBORMajor, _ argument: UInt64) {
        let begin = room(9)
        count += CBORHead.write(major, argument, to: begin) - begin
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
            byte(UInt8(truncatingIfNeeded: argument >> (UInt128(index) * 8)))
        }
    }

    mutating func string(_ value: borrowing String) {
        let isDone: Void? = value.utf8.withContiguousStorageIfAvailable { utf8 in
            head(.text, UInt64(utf8.count))
            append(UnsafeRawBufferPointer(utf8))
        }
        guard isDone == nil else { return }
        head(.text, UInt64(value.utf8.count))
        append(Array(value.utf8))
    }

    mutating func byteString(_ value: borrowing [UInt8]) {
        head(.bytes, UInt64(value.count))
        append(value)
    }

    mutating func bool(_ value: Bool) { byte(value ? 0xF5 : 0xF4) }

    mutating func null() { byte(0xF6) }

    /// A float in the shortest width that keeps its value; every NaN becomes `f97e00`.
    mutating func float(_ value: Double) {
        guard !value.isNaN else {
            byte(0xF9)
            return bigEndian(0x7E00, byteCount: 2)
        }
        let single = Float(value)
        guard Double(single) == value else {
            byte(0xFB)
            return bigEndian(value.bitPattern, byteCount: 8)
        }
        if let half = HalfFloat.bits(exactly: single) {
            byte(0xF9)
            bigEndian(UInt64(half), byteCount: 2)
        } else {
            byte(0xFA)
            bigEndian(UInt64(single.bitPattern), byteCount: 4)
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

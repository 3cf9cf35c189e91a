extension CBORHead {
    /// How many bytes the head of an argument takes in its shortest form.
    static func byteCount(_ argument: UInt64) -> Int {
        if argument < 24 { return 1 }
        if argument <= 0xFF { return 2 }
        if argument <= 0xFFFF { return 3 }
        return argument <= 0xFFFF_FFFF ? 5 : 9
    }

    /// How many bytes a signed integer takes.
    static func byteCount(signed value: Int64) -> Int { byteCount(argument(of: value)) }

    /// Writes a head in its shortest form to memory and returns where it ends.
    ///
    /// There must be room for ``byteCount(_:)`` bytes.
    static func write(
        _ major: CBORMajor,
        _ argument: UInt64,
        to target: UnsafeMutableRawPointer
    ) -> UnsafeMutableRawPointer {
        let type = major.rawValue << 5
        let byteCount = byteCount(argument)
        switch byteCount {
        case 1:
            target.storeBytes(of: type | UInt8(truncatingIfNeeded: argument), as: UInt8.self)
        case 2:
            target.storeBytes(of: type | 24, as: UInt8.self)
            target.storeBytes(
                of: UInt8(truncatingIfNeeded: argument),
                toByteOffset: 1,
                as: UInt8.self
            )
        case 3:
            target.storeBytes(of: type | 25, as: UInt8.self)
            let narrow = UInt16(truncatingIfNeeded: argument).bigEndian
            target.storeBytes(of: narrow, toByteOffset: 1, as: UInt16.self)
        case 5:
            target.storeBytes(of: type | 26, as: UInt8.self)
            let narrow = UInt32(truncatingIfNeeded: argument).bigEndian
            target.storeBytes(of: narrow, toByteOffset: 1, as: UInt32.self)
        default:
            target.storeBytes(of: type | 27, as: UInt8.self)
            target.storeBytes(of: argument.bigEndian, toByteOffset: 1, as: UInt64.self)
        }
        return target + byteCount
    }

    /// Writes a signed integer to memory and returns where it ends.
    static func write(
        signed value: Int64,
        to target: UnsafeMutableRawPointer
    ) -> UnsafeMutableRawPointer {
        write(value >= 0 ? .unsigned : .negative, argument(of: value), to: target)
    }

    private static func argument(of value: Int64) -> UInt64 {
        value >= 0 ? UInt64(value) : UInt64(-1 - value)
    }
}

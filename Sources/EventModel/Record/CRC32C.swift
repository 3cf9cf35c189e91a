/// The CRC of RFC 3720 appendix B.4: polynomial 1EDC6F41 (Castagnoli), reflected.
public enum CRC32C {
    /// The checksum of the bytes.
    public static func checksum(_ bytes: [UInt8]) -> UInt32 {
        bytes.withUnsafeBytes { checksum($0) }
    }

    /// The checksum of the bytes.
    ///
    /// Eight bytes a step by eight tables (M. Kounavis, F. Berry: "A Systematic Approach to Building
    /// High Performance Software-based CRC Generators", 2005).
    public static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        guard var next = bytes.baseAddress else { return 0 }
        let table = tables
        var remaining = bytes.count
        var crc: UInt32 = 0xFFFF_FFFF
        while remaining >= 8 {
            let word = UInt64(littleEndian: next.loadUnaligned(as: UInt64.self)) ^ UInt64(crc)
            crc =
                table[Int(truncatingIfNeeded: 1792 | word & 0xFF)]
                ^ table[Int(truncatingIfNeeded: 1536 | word &>> 8 & 0xFF)]
                ^ table[Int(truncatingIfNeeded: 1280 | word &>> 16 & 0xFF)]
                ^ table[Int(truncatingIfNeeded: 1024 | word &>> 24 & 0xFF)]
                ^ table[Int(truncatingIfNeeded: 768 | word &>> 32 & 0xFF)]
                ^ table[Int(truncatingIfNeeded: 512 | word &>> 40 & 0xFF)]
                ^ table[Int(truncatingIfNeeded: 256 | word &>> 48 & 0xFF)]
                ^ table[Int(truncatingIfNeeded: word &>> 56)]
            next += 8
            remaining &-= 8
        }
        while remaining > 0 {
            let index = (crc ^ UInt32(next.load(as: UInt8.self))) & 0xFF
            crc = table[Int(truncatingIfNeeded: index)] ^ crc &>> 8
            next += 1
            remaining &-= 1
        }
        return ~crc
    }

    // Made once and never freed or written again, so any thread may read it.
    nonisolated(unsafe) private static let tables: UnsafePointer<UInt32> = {
        let tables = UnsafeMutablePointer<UInt32>.allocate(capacity: 8 * 256)
        for byte in 0..<256 {
            var crc = UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
            tables[byte] = crc
        }
        for slice in 1..<8 {
            for byte in 0..<256 {
                let previous = tables[(slice - 1) * 256 + byte]
                tables[slice * 256 + byte] = previous >> 8 ^ tables[Int(previous & 0xFF)]
            }
        }
        return UnsafePointer(tables)
    }()
}

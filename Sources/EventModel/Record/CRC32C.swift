import CChecksum

/// The CRC of RFC 3720 appendix B.4: polynomial 1EDC6F41 (Castagnoli), reflected.
public enum CRC32C {
    /// The checksum of the bytes.
    public static func checksum(_ bytes: [UInt8]) -> UInt32 {
        bytes.withUnsafeBytes { checksum($0) }
    }

    /// The checksum of the bytes, by the processor's own instruction where it has one.
    public static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        guard let first = bytes.baseAddress else { return 0 }
        return daybook_crc32c(first, bytes.count)
    }

    /// The checksum of the bytes by tables, as on a processor without the instruction.
    static func checksumByTable(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        guard let first = bytes.baseAddress else { return 0 }
        return daybook_crc32c_by_table(first, bytes.count)
    }

    /// Whether the processor's own instruction is used.
    static var hasInstruction: Bool { daybook_crc32c_has_instruction() != 0 }
}

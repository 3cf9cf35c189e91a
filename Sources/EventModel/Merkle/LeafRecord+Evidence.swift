extension LeafRecord {
    /// Whether bytes that somebody holds are this leaf's event, or contain it.
    ///
    /// Taken are the stored record as it is, its body alone, and any file with an item
    /// `[position, h'digest', 24(h'body')]` of an export as a CBOR sequence. What is compared is the
    /// SHA-256 of the whole record, so nothing but the very bytes will do.
    public func isProved(by bytes: [UInt8]) -> Bool {
        if Digest.sha256(bytes) == recordDigest { return true }
        if isBody(bytes[...]) { return true }
        // The item begins with what the leaf says.
        var writer = CBORWriter()
        writer.head(.array, 3)
        writer.head(.unsigned, position.value)
        writer.byteString(recordDigest.bytes)
        writer.head(.tag, 24)
        guard let start = bytes.firstRange(of: writer.bytes)?.upperBound, start < bytes.count,
            bytes[start] >> 5 == CBORMajor.bytes.rawValue
        else { return false }
        let detail = Int(bytes[start] & 0x1F)
        var length = detail
        var body = start + 1
        if detail >= 24 {
            guard detail <= 27 else { return false }
            let size = 1 << (detail - 24)
            guard body + size <= bytes.count else { return false }
            let argument = bytes[body..<body + size].reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
            guard argument <= UInt64(bytes.count) else { return false }
            length = Int(argument)
            body += size
        }
        guard body + length <= bytes.count else { return false }
        return isBody(bytes[body..<body + length])
    }

    /// Whether bytes are the record without its frame, which follows from them.
    private func isBody(_ body: ArraySlice<UInt8>) -> Bool {
        guard let length = UInt32(exactly: body.count) else { return false }
        let checksum = body.withUnsafeBytes { CRC32C.checksum($0) }
        var record: [UInt8] = []
        for word in [length, checksum] {
            for shift in [0, 8, 16, 24] as [UInt32] {
                record.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
        return Digest.sha256(record + body) == recordDigest
    }
}

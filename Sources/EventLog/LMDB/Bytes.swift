extension [UInt8] {
    /// `withUnsafeBytes` that keeps the type of what the closure throws.
    func withBytes<R, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try withUnsafeBufferPointer { buffer throws(E) in
            try body(UnsafeRawBufferPointer(buffer))
        }
    }

    /// `withUnsafeMutableBytes` that keeps the type of what the closure throws.
    mutating func withMutableBytes<R, E: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try withUnsafeMutableBufferPointer { buffer throws(E) in
            try body(UnsafeMutableRawBufferPointer(buffer))
        }
    }

    /// The eight bytes of a number, the most significant first, so that they sort as numbers do.
    init(sortable number: UInt64) {
        self = Swift.withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }
}

extension UnsafeRawBufferPointer {
    /// The number whose eight bytes begin at an offset, the most significant first; 0 if they end
    /// early.
    func sortable(at offset: Int) -> UInt64 {
        guard offset + 8 <= count else { return 0 }
        return UInt64(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
}

/// A leaf of the log's tree: a small record that stands for an event.
///
/// It is the deterministic CBOR array `[1, position, digest]`: the version of this form, the event's
/// position as an unsigned integer, and the SHA-256 of the event's record as it is stored, frame
/// included, as a byte string of 32. So it never holds content: an erased body breaks no proof, and
/// a leaf is far below the 65,535 bytes that a bundle of entries allows.
///
/// Position p is leaf p - 1.
public struct LeafRecord: Sendable, Hashable {
    /// The version of the form.
    public static let format: UInt64 = 1
    /// The longest it can get, in bytes.
    public static let bytesMax = 45

    /// Where the event stands in the log, from 1.
    public let position: Position
    /// The SHA-256 of the event's stored record.
    public let recordDigest: Digest

    /// Makes a leaf.
    public init(position: Position, recordDigest: Digest) {
        self.position = position
        self.recordDigest = recordDigest
    }

    /// Makes the leaf of a stored record.
    public init(position: Position, record: UnsafeRawBufferPointer) {
        self.init(position: position, recordDigest: Digest.sha256(record))
    }

    /// Reads a leaf; nil unless the bytes are exactly those of ``bytes``.
    public init?(bytes: [UInt8]) {
        var reader = bytes.dropFirst(2)
        guard bytes.starts(with: [0x83, 0x01]), let head = reader.popFirst() else { return nil }
        var position = UInt64(head)
        if head > 23 {
            guard (24...27).contains(head) else { return nil }
            let count = 1 << (Int(head) - 24)
            guard reader.count > count else { return nil }
            position = reader.prefix(count).reduce(0) { $0 << 8 | UInt64($1) }
            reader = reader.dropFirst(count)
        }
        guard reader.starts(with: [0x58, 0x20]), let digest = Digest(bytes: reader.dropFirst(2))
        else { return nil }
        self.init(position: Position(position), recordDigest: digest)
        // A longer spelling of the same number is another leaf.
        guard position > 0, self.bytes == bytes else { return nil }
    }

    /// The leaf's bytes.
    public var bytes: [UInt8] { withBytes { Array($0) } }

    /// The leaf's hash in the tree.
    public var hash: Digest { withBytes { MerkleHash.leaf($0) } }

    /// Hands the leaf's bytes to the closure; nothing is put on the heap, since this runs for every
    /// event.
    func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        withUnsafeTemporaryAllocation(byteCount: Self.bytesMax, alignment: 8) { buffer in
            buffer[0] = 0x83
            buffer[1] = UInt8(Self.format)
            var end = Self.write(position.value, to: buffer, at: 2)
            buffer[end] = 0x58
            buffer[end + 1] = UInt8(Digest.byteCount)
            end += 2
            recordDigest.withBytes { digest in
                UnsafeMutableRawBufferPointer(rebasing: buffer[end..<end + Digest.byteCount])
                    .copyMemory(from: digest)
            }
            end += Digest.byteCount
            return body(UnsafeRawBufferPointer(rebasing: buffer[..<end]))
        }
    }

    /// Writes an unsigned integer in its shortest form and returns where it ends.
    private static func write(
        _ number: UInt64,
        to buffer: UnsafeMutableRawBufferPointer,
        at start: Int
    ) -> Int {
        let size: Int =
            switch number {
            case 0..<24: 0
            case 24...0xFF: 1
            case 0x100...0xFFFF: 2
            case 0x1_0000...0xFFFF_FFFF: 4
            default: 8
            }
        guard size > 0 else {
            buffer[start] = UInt8(number)
            return start + 1
        }
        buffer[start] = 24 + UInt8(size.trailingZeroBitCount)
        for place in 0..<size {
            let shift = UInt64(8 * (size - 1 - place))
            buffer[start + 1 + place] = UInt8(truncatingIfNeeded: number >> shift)
        }
        return start + 1 + size
    }
}

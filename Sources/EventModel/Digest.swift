import CDigest

/// A SHA-256 digest (FIPS 180-4): 32 bytes.
public struct Digest: Sendable, Hashable {
    /// How many bytes a digest has.
    public static let byteCount = 32

    // In memory these are the 32 bytes in their order, so that a digest needs no heap.
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    /// Wraps 32 bytes; nil if there are more or fewer.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Digest.byteCount else { return nil }
        withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: bytes) }
    }

    /// Takes the 32 bytes that begin at an offset of a buffer, which must hold them.
    init(_ buffer: UnsafeRawBufferPointer, at offset: Int) {
        let part = UnsafeRawBufferPointer(rebasing: buffer[offset..<offset + Digest.byteCount])
        withUnsafeMutableBytes(of: &words) { $0.copyMemory(from: part) }
    }

    private init() {}

    /// The digest's bytes.
    public var bytes: [UInt8] { withUnsafeBytes(of: words) { Array($0) } }

    /// Hands the digest's bytes to the closure, without copying them.
    public func withBytes<R, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        var copy = words
        return try withUnsafeMutableBytes(of: &copy) { buffer throws(E) in
            try body(UnsafeRawBufferPointer(buffer))
        }
    }

    /// The digest of the bytes.
    public static func sha256(_ bytes: some Sequence<UInt8>) -> Digest {
        Array(bytes).withUnsafeBytes { sha256($0) }
    }

    /// The digest of the bytes of a buffer.
    public static func sha256(_ bytes: UnsafeRawBufferPointer) -> Digest {
        var digest = Digest()
        withUnsafeMutableBytes(of: &digest.words) { result in
            daybook_sha256(bytes.baseAddress, bytes.count, result.baseAddress)
        }
        return digest
    }

    /// The digest of one byte and then those of a buffer.
    static func sha256(prefix: UInt8, _ bytes: UnsafeRawBufferPointer) -> Digest {
        var digest = Digest()
        withUnsafeMutableBytes(of: &digest.words) { result in
            daybook_sha256_prefixed(prefix, bytes.baseAddress, bytes.count, result.baseAddress)
        }
        return digest
    }

    /// The digests of two messages, in little more time than one takes.
    ///
    /// - Parameter prefix: a byte before each of them, or nil.
    static func sha256(
        prefix: UInt8? = nil,
        _ first: UnsafeRawBufferPointer,
        _ second: UnsafeRawBufferPointer
    ) -> (Digest, Digest) {
        var digests = (Digest(), Digest())
        withUnsafeMutableBytes(of: &digests) { result in
            daybook_sha256_two(
                prefix.map(Int32.init) ?? -1,
                first.baseAddress,
                first.count,
                second.baseAddress,
                second.count,
                result.baseAddress
            )
        }
        return digests
    }

    /// The digests of pairs: each of 0x01 and two digests that lie next to each other.
    ///
    /// - Parameter digests: an even number of them; afterwards the first half holds the results.
    static func joinPairs(_ digests: UnsafeMutableBufferPointer<Digest>) {
        daybook_sha256_nodes(digests.baseAddress, digests.count / 2, digests.baseAddress)
    }

    /// Whether the processor's own instructions for SHA-256 are used.
    public static var isAccelerated: Bool { daybook_sha256_is_accelerated() != 0 }

    /// Lower-case hexadecimal, 64 digits.
    public var hexadecimal: String {
        var text: [UInt8] = []
        text.reserveCapacity(2 * Digest.byteCount)
        for byte in bytes { Hexadecimal.append(byte, to: &text) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads 64 hexadecimal digits; nil if the text is anything else.
    public init?(hexadecimal text: String) {
        var bytes: [UInt8] = []
        var high: UInt8?
        for byte in text.utf8 {
            guard let digit = Hexadecimal.digit(byte) else { return nil }
            if let first = high {
                bytes.append(first << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        guard high == nil else { return nil }
        self.init(bytes: bytes)
    }

    public static func == (left: Digest, right: Digest) -> Bool { left.words == right.words }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
    }
}

import Crypto

/// A SHA-256 digest (FIPS 180-4): 32 bytes.
public struct Digest: Sendable, Hashable {
    public let bytes: [UInt8]

    /// Wraps 32 bytes; nil if there are more or fewer.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    private init(unchecked bytes: [UInt8]) { self.bytes = bytes }

    /// The digest of the bytes.
    public static func sha256(_ bytes: some Sequence<UInt8>) -> Digest {
        Digest(unchecked: Array(SHA256.hash(data: Array(bytes))))
    }

    /// Lower-case hexadecimal, 64 digits.
    public var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(64)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 0xF)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

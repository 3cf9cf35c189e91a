import Crypto

extension Digest {
    /// SHA-256 over bytes that come in pieces.
    public struct Stream {
        private var hash = SHA256()

        public init() {}

        /// Adds bytes; they are not kept.
        public mutating func update(_ bytes: UnsafeRawBufferPointer) {
            hash.update(bufferPointer: bytes)
        }

        /// The digest of all bytes so far; more can follow.
        public var digest: Digest {
            hash.finalize().withUnsafeBytes { Digest($0, at: 0) }
        }
    }
}

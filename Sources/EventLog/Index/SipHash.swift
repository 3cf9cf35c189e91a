/// SipHash-2-4 with an output of 128 bits.
///
/// From J.-P. Aumasson, D. J. Bernstein: "SipHash: a fast short-input PRF", 2012, with the output
/// of 128 bits that the authors' reference code has. Who does not know the secret cannot make two texts with the same hash.
struct SipHash: Sendable, Hashable {
    private let initial: (UInt64, UInt64, UInt64, UInt64)

    /// The two halves of the secret, as they stand in the first and the last eight bytes of it,
    /// little-endian.
    let secret: (UInt64, UInt64)

    init(secret: (UInt64, UInt64)) {
        self.secret = secret
        initial = (
            0x736f_6d65_7073_6575 ^ secret.0, 0x646f_7261_6e64_6f6d ^ secret.1 ^ 0xee,
            0x6c79_6765_6e65_7261 ^ secret.0, 0x7465_6462_7974_6573 ^ secret.1
        )
    }

    static func == (left: SipHash, right: SipHash) -> Bool { left.secret == right.secret }

    func hash(into hasher: inout Hasher) {
        hasher.combine(secret.0)
        hasher.combine(secret.1)
    }

    /// The hash of bytes, its first eight and its last eight as little-endian numbers.
    func hash(_ bytes: UnsafeRawBufferPointer) -> (UInt64, UInt64) {
        var state = State(v0: initial.0, v1: initial.1, v2: initial.2, v3: initial.3)
        let wholeCount = bytes.count & ~7
        var offset = 0
        while offset < wholeCount {
            state.take(
                UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            )
            offset &+= 8
        }
        var last = UInt64(truncatingIfNeeded: bytes.count) << 56
        var shift: UInt64 = 0
        while offset < bytes.count {
            last |= UInt64(bytes[offset]) << shift
            shift &+= 8
            offset &+= 1
        }
        state.take(last)
        state.v2 ^= 0xee
        let first = state.finish()
        state.v1 ^= 0xdd
        return (first, state.finish())
    }

    private struct State {
        var v0: UInt64
        var v1: UInt64
        var v2: UInt64
        var v3: UInt64

        @inline(__always)
        mutating func take(_ word: UInt64) {
            v3 ^= word
            round()
            round()
            v0 ^= word
        }

        @inline(__always)
        mutating func finish() -> UInt64 {
            round()
            round()
            round()
            round()
            return v0 ^ v1 ^ v2 ^ v3
        }

        @inline(__always)
        private mutating func round() {
            v0 &+= v1
            v1 = v1 &<< 13 | v1 &>> 51
            v1 ^= v0
            v0 = v0 &<< 32 | v0 &>> 32
            v2 &+= v3
            v3 = v3 &<< 16 | v3 &>> 48
            v3 ^= v2
            v0 &+= v3
            v3 = v3 &<< 21 | v3 &>> 43
            v3 ^= v0
            v2 &+= v1
            v1 = v1 &<< 17 | v1 &>> 47
            v1 ^= v2
            v2 = v2 &<< 32 | v2 &>> 32
        }
    }
}

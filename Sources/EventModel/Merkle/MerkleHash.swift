/// Hashing of Merkle trees by RFC 6962 section 2.1, which RFC 9162 keeps.
///
/// A leaf is hashed after a byte 0x00 and a pair of hashes after a byte 0x01, so that neither can
/// stand for the other.
public enum MerkleHash {
    /// The root of a tree without leaves: the hash of nothing.
    public static let empty = Digest.sha256([])

    /// The hash of a leaf.
    public static func leaf(_ bytes: [UInt8]) -> Digest {
        bytes.withUnsafeBytes { Digest.sha256(prefix: 0, $0) }
    }

    /// The hash of a leaf that lies in a buffer.
    public static func leaf(_ bytes: UnsafeRawBufferPointer) -> Digest {
        Digest.sha256(prefix: 0, bytes)
    }

    /// The hash of an inner node.
    public static func node(_ left: Digest, _ right: Digest) -> Digest {
        node(bytes: left.bytes, right.bytes)
    }

    /// The hash of 0x01 and two inputs of any length: for test vectors, whose inputs are no hashes.
    public static func node(bytes left: [UInt8], _ right: [UInt8]) -> Digest {
        (left + right).withUnsafeBytes { Digest.sha256(prefix: 1, $0) }
    }

    /// The root over leaf hashes.
    public static func root(of leafHashes: some Sequence<Digest>) -> Digest {
        var range = CompactRange()
        for hash in leafHashes { range.append(hash) }
        return range.root
    }

    /// The root of a complete tree: over 1, 2, 4, 8 … hashes.
    ///
    /// The fastest way to go up: a level at a time, in place.
    public static func completeRoot(of hashes: some Collection<Digest>) -> Digest {
        let count = hashes.count
        invariant(count > 0 && count & (count - 1) == 0, "\(count) hashes are no complete tree")
        return withUnsafeTemporaryAllocation(of: Digest.self, capacity: count) { buffer in
            _ = buffer.initialize(from: hashes)
            var width = count
            while width > 1 {
                Digest.joinPairs(UnsafeMutableBufferPointer(rebasing: buffer[..<width]))
                width /= 2
            }
            return buffer[0]
        }
    }
}

/// Ends the process with a message when something is not as the code around it made it.
///
/// `precondition` keeps quiet about its reason in release builds.
func invariant(_ holds: Bool, _ message: @autoclosure () -> String) {
    if !holds { fatalError(message()) }
}

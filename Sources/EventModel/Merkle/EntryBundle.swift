/// The content of leaves that lie next to each other (C2SP tlog-tiles, "entry bundles").
///
/// Each entry comes after its length, 16 bits, big-endian.
public enum EntryBundle {
    /// Adds an entry to the end of a bundle.
    ///
    /// - Parameter entry: at most 65,535 bytes.
    public static func append(_ entry: [UInt8], to bundle: inout [UInt8]) {
        invariant(entry.count <= 0xFFFF, "an entry of \(entry.count) bytes fits no bundle")
        bundle.append(UInt8(entry.count >> 8))
        bundle.append(UInt8(entry.count & 0xFF))
        bundle.append(contentsOf: entry)
    }

    /// The entries of a bundle; nil if it is cut short.
    public static func entries(of bundle: [UInt8]) -> [[UInt8]]? {
        var entries: [[UInt8]] = []
        var rest = bundle[...]
        while let high = rest.popFirst() {
            guard let low = rest.popFirst() else { return nil }
            let count = Int(high) << 8 | Int(low)
            guard rest.count >= count else { return nil }
            entries.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return entries
    }
}

/// Where a tile lies in a log that is served as files (C2SP tlog-tiles v0.1.0).
///
/// A tile is 256 hashes of a level that lie next to each other, each of them over 256^level leaves;
/// the last tile of a level may have fewer. A bundle of entries is the same for the leaves'
/// content.
public struct TilePath: Sendable, Hashable {
    /// How many hashes or entries a full tile has.
    public static let widthMax = 256
    /// The highest level; with 64-bit sizes, no tile lies above 8, but the format allows more.
    public static let levelMax = 63

    /// What lies there.
    public enum Kind: Sendable, Hashable {
        /// Hashes, each over 256^level leaves.
        case hashes(level: Int)
        /// The leaves themselves.
        case entries
    }

    public let kind: Kind
    /// How many full tiles of the level lie before it.
    public let index: UInt64
    /// How many hashes or entries it has: 1 … 256.
    public let width: Int

    /// Names a tile; nil if the level or the width is out of range.
    public init?(_ kind: Kind, index: UInt64, width: Int = TilePath.widthMax) {
        if case .hashes(let level) = kind, !(0...Self.levelMax).contains(level) { return nil }
        guard (1...Self.widthMax).contains(width) else { return nil }
        self.kind = kind
        self.index = index
        self.width = width
    }

    /// Reads a path; nil unless it is exactly what ``path`` writes.
    public init?(path: String) {
        var parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 3, parts.removeFirst() == "tile" else { return nil }
        let name = parts.removeFirst()
        let kind: Kind
        if name == "entries" {
            kind = .entries
        } else {
            guard let level = Checkpoint.size(name), level <= Self.levelMax else { return nil }
            kind = .hashes(level: Int(level))
        }
        var width = Self.widthMax
        if parts.count >= 2, parts[parts.count - 2].hasSuffix(".p") {
            guard let number = Checkpoint.size(parts.removeLast()), number < Self.widthMax else {
                return nil
            }
            width = Int(number)
            parts[parts.count - 1].removeLast(2)
        }
        let digits = parts.map { $0.hasPrefix("x") ? String($0.dropFirst()) : $0 }.joined()
        guard digits.utf8.count <= 21,
            digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let index = UInt64(digits)
        else { return nil }
        self.init(kind, index: index, width: width)
        guard self.path == path else { return nil }
    }

    /// The path below the log's folder: `tile/0/x001/x234/067`, `tile/2/005.p/17`,
    /// `tile/entries/000`.
    public var path: String {
        let name =
            switch kind {
            case .hashes(let level): String(level)
            case .entries: "entries"
            }
        var groups = [Self.group(index % 1000)]
        var rest = index / 1000
        while rest > 0 {
            groups.insert("x" + Self.group(rest % 1000), at: 0)
            rest /= 1000
        }
        let end = width < Self.widthMax ? ".p/\(width)" : ""
        return "tile/\(name)/\(groups.joined(separator: "/"))\(end)"
    }

    /// The tiles that a tree of a size has in one level, full ones and the partial one at the end.
    ///
    /// - Parameter smaller: leaves out the full tiles that a tree of this size had already.
    public static func all(_ kind: Kind, size: UInt64, beyond smaller: UInt64 = 0) -> [TilePath] {
        let shift: UInt64
        switch kind {
        case .hashes(let level):
            guard level < 8 else { return [] }
            shift = UInt64(level) * 8
        case .entries: shift = 0
        }
        let count = size >> shift
        let full = count / UInt64(widthMax)
        let done = min((smaller >> shift) / UInt64(widthMax), full)
        var tiles = (done..<full).compactMap { TilePath(kind, index: $0) }
        let width = Int(count % UInt64(widthMax))
        if let partial = TilePath(kind, index: full, width: width) { tiles.append(partial) }
        return tiles
    }

    private static func group(_ number: UInt64) -> String {
        let digits = String(number)
        return String(repeating: "0", count: 3 - digits.count) + digits
    }
}

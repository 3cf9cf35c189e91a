import EventModel

/// The right edge of the tree in memory: of each level the hashes of its last tile, and those that
/// are in no file yet.
///
/// All peaks of the tree are on this edge, so the root never depends on what a file hands out.
struct TreeLevels {
    private static let tile = UInt64(TilePath.widthMax)

    /// One level's hashes from a multiple of 256 on.
    struct Level {
        var base: UInt64 = 0
        var hashes: [Digest] = []
        /// How many hashes of the level the file holds.
        var fileCount: UInt64 = 0

        var count: UInt64 { base + UInt64(hashes.count) }
    }

    private(set) var levels: [Level] = [Level()]

    /// How many leaves there are.
    var size: UInt64 { levels[0].count }
    /// How many leaves are in no file yet.
    var unwrittenCount: UInt64 { levels[0].count - levels[0].fileCount }

    /// An empty tree.
    init() {}

    /// Continues with the last tiles of files that hold so many leaves.
    init(
        size: UInt64,
        read: (_ level: Int, _ first: UInt64, _ count: Int) throws(EventLogError) -> [Digest]
    ) throws(EventLogError) {
        levels = []
        for level in 0..<TreeFiles.levelsMax {
            let count = size >> UInt64(8 * level)
            guard count > 0 || level == 0 else { return }
            let base = count / Self.tile * Self.tile
            let hashes = try read(level, base, Int(count - base))
            levels.append(Level(base: base, hashes: hashes, fileCount: count))
        }
    }

    /// Adds the hashes of the next leaves.
    mutating func append(_ leaves: [Digest]) {
        for leaf in leaves {
            levels[0].hashes.append(leaf)
            var level = 0
            while levels[level].count % Self.tile == 0 {
                let tile = levels[level].hashes.suffix(TilePath.widthMax)
                if level + 1 == levels.count { levels.append(Level()) }
                levels[level + 1].hashes.append(MerkleHash.completeRoot(of: tile))
                level += 1
            }
        }
    }

    /// The hashes of a level that are in no file yet, and the number of the first.
    func unwritten(_ level: Int) -> (first: UInt64, hashes: ArraySlice<Digest>) {
        let part = levels[level]
        return (part.fileCount, part.hashes[Int(part.fileCount - part.base)...])
    }

    /// Notes that the files hold so many hashes of each level, and lets go of full tiles among them.
    mutating func noteWritten(_ counts: [UInt64]) {
        for (level, count) in counts.enumerated() {
            levels[level].fileCount = count
            let base = count / Self.tile * Self.tile
            let droppedCount = Int(base - levels[level].base)
            guard droppedCount > 0 else { continue }
            levels[level].hashes.removeFirst(droppedCount)
            levels[level].base = base
        }
    }

    /// The hash of a node within the tree, from memory or through the closure from a file.
    func hash(
        of node: MerkleNode,
        read: (_ level: Int, _ first: UInt64, _ count: Int) throws(EventLogError) -> [Digest]
    ) throws(EventLogError) -> Digest {
        let level = min(node.level / 8, TreeFiles.levelsMax - 1)
        let width = 1 << (node.level - 8 * level)
        let first = node.index << UInt64(node.level - 8 * level)
        let part = levels[level]
        guard first < part.base else {
            let start = Int(first - part.base)
            return MerkleHash.completeRoot(of: part.hashes[start..<start + width])
        }
        return MerkleHash.completeRoot(of: try read(level, first, width))
    }

    /// The root over all leaves, from memory alone.
    func root() throws(EventLogError) -> Digest {
        let prover = MerkleProver { node throws(EventLogError) in
            try hash(of: node) { level, _, _ throws(EventLogError) in
                throw EventLogError(.corrupt, "level \(level) of the tree has no edge in memory")
            }
        }
        return try prover.root(size: size)
    }
}

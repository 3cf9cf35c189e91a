public import EventModel

/// An event's leaf and the way from it to the root.
public struct InclusionProof: Sendable, Hashable {
    /// The leaf.
    public let leaf: LeafRecord
    /// The size of the tree that it is proved in.
    public let size: UInt64
    /// The tree's root.
    public let root: Digest
    /// The hashes that lead there, those next to the leaf first.
    public let hashes: [Digest]
}

extension LogTree {
    /// The root at a size that the tree has reached.
    func root(at size: UInt64) throws(EventLogError) -> Digest {
        func ask(_ snapshot: Snapshot) throws(EventLogError) -> Digest? {
            try snapshot.root(at: size)
        }
        return try checked(ask)
    }

    /// Proves an event to be in the tree of a size, which the tree must have reached.
    func inclusion(of position: UInt64, size: UInt64) throws(EventLogError) -> InclusionProof {
        var leaf: LeafRecord?
        try records.forEach(from: position, through: position) { position, record in
            leaf = LeafRecord(position: Position(position), record: record)
            return true
        }
        guard let leaf else { throw noEvent(position) }
        return try checked { snapshot throws(EventLogError) in
            guard let root = try snapshot.root(at: size) else { return nil }
            let hashes = try snapshot.prover.inclusion(index: position - 1, size: size)
            let isProved = MerkleVerifier.isIncluded(
                leaf.hash,
                index: position - 1,
                size: size,
                proof: hashes,
                root: root
            )
            guard isProved else { return nil }
            return InclusionProof(leaf: leaf, size: size, root: root, hashes: hashes)
        }
    }

    /// Proves a tree to be the beginning of a larger one; both sizes must have been reached.
    func consistency(from first: UInt64, to second: UInt64) throws(EventLogError) -> [Digest] {
        try checked { snapshot throws(EventLogError) in
            guard let firstRoot = try snapshot.root(at: first),
                let secondRoot = try snapshot.root(at: second)
            else { return nil }
            let hashes = try snapshot.prover.consistency(from: first, to: second)
            let isProved = MerkleVerifier.isConsistent(
                from: first,
                to: second,
                proof: hashes,
                firstRoot: firstRoot,
                secondRoot: secondRoot
            )
            return isProved ? hashes : nil
        }
    }

    /// The content of a tile: its hashes, checked against the root.
    func tile(level: Int, index: UInt64, width: Int) throws(EventLogError) -> [Digest] {
        try checked { snapshot throws(EventLogError) in
            let first = index * UInt64(TilePath.widthMax)
            var hashes: [Digest] = []
            for number in 0..<UInt64(width) {
                hashes.append(
                    try snapshot.hash(MerkleNode(level: 8 * level, index: first + number))
                )
            }
            // The tile's own root must be what a proof through it leads to.
            let end = (first + UInt64(width)) << UInt64(8 * level)
            guard let root = try snapshot.root(at: end) else { return nil }
            let prover = MerkleProver { node throws(EventLogError) in
                guard node.level >= 8 * level, node.level < 8 * (level + 1) else {
                    return try snapshot.hash(node)
                }
                let shift = node.level - 8 * level
                let place = Int((node.index << UInt64(shift)) - first)
                guard hashes.indices.contains(place) else { return try snapshot.hash(node) }
                return MerkleHash.completeRoot(of: hashes[place..<place + 1 << shift])
            }
            return try prover.root(size: end) == root ? hashes : nil
        }
    }

    /// The tree as it is at one moment; the files may be read beside whoever writes them.
    private struct Snapshot {
        let levels: TreeLevels
        let files: TreeFiles
        let trustedRoot: Digest

        func hash(_ node: MerkleNode) throws(EventLogError) -> Digest {
            try levels.hash(of: node, read: files.read)
        }

        var prover: MerkleProver<EventLogError> {
            MerkleProver { node throws(EventLogError) in try hash(node) }
        }

        /// The root at a size; nil if the files do not lead from it to the root that is known.
        func root(at size: UInt64) throws(EventLogError) -> Digest? {
            if size == levels.size { return trustedRoot }
            let root = try prover.root(size: size)
            guard size > 0 else { return root }
            let proof = try prover.consistency(from: size, to: levels.size)
            let isProved = MerkleVerifier.isConsistent(
                from: size,
                to: levels.size,
                proof: proof,
                firstRoot: root,
                secondRoot: trustedRoot
            )
            return isProved ? root : nil
        }
    }

    /// Asks a snapshot; if it contradicts itself, has the tree made anew and asks once more.
    private func checked<Answer>(
        _ ask: (Snapshot) throws(EventLogError) -> Answer?
    ) throws(EventLogError) -> Answer {
        let before = monitor.withLock { $0.levels }
        if let answer = try attempt(before, ask) { return answer }
        if isWriter {
            notice("the tree in \(folder)/tree contradicts its root; it is made anew")
            let failure: EventLogError? = monitor.change { state in
                state.isDamaged = true
                state.failure = nil
                state.wantedSize = max(state.wantedSize, before.size)
                return state.hasEnded ? closed : nil
            }
            if let failure { throw failure }
            let outcome: EventLogError?? = monitor.wait { state in
                if state.hasEnded { return .some(closed) }
                if let failure = state.failure { return .some(failure) }
                return !state.isDamaged && state.levels.size >= before.size ? .some(nil) : nil
            }
            if case .some(.some(let failure)) = outcome { throw failure }
        } else {
            // Nothing of the files is used then; the log itself is the source.
            monitor.withLock { $0.levels = TreeLevels() }
            while size < before.size {
                guard before.size <= LogTree.leavesInMemoryMax else { throw damaged }
                try grow(to: before.size)
            }
        }
        let after = monitor.withLock { $0.levels }
        if let answer = try attempt(after, ask) { return answer }
        throw damaged
    }

    private func attempt<Answer>(
        _ levels: TreeLevels,
        _ ask: (Snapshot) throws(EventLogError) -> Answer?
    ) throws(EventLogError) -> Answer? {
        do throws(EventLogError) {
            return try ask(Snapshot(levels: levels, files: files, trustedRoot: try levels.root()))
        } catch {
            guard error.code == .corrupt else { throw error }
            return nil
        }
    }

    private var closed: EventLogError { EventLogError(.closed, "the log in \(folder) is closed") }

    private var damaged: EventLogError {
        EventLogError(
            .corrupt,
            "the tree in \(folder)/tree is damaged; open the log once for writing, which makes it "
                + "anew, or remove the folder"
        )
    }

    private func noEvent(_ position: UInt64) -> EventLogError {
        EventLogError(.invalid, "there is no event \(position) in \(folder)")
    }
}

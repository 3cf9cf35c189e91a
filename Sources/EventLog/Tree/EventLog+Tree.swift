public import EventModel

extension EventLog {
    /// How many events the Merkle tree covers: all up to this position.
    ///
    /// It trails the head by a moment; see ``waitForTree(_:)``.
    public var treeSize: UInt64 { tree.size }

    /// Returns when the tree covers everything up to a position.
    ///
    /// - Throws: ``EventLogError`` if the position is beyond the head, if the log is closed before,
    ///   or if the tree cannot grow.
    public func waitForTree(_ position: Position) async throws(EventLogError) {
        let size = position.value
        guard size <= (try checkedHead()) else {
            throw EventLogError(.invalid, "the log in \(folder) has no event \(position) yet")
        }
        if tree.size >= size { return }
        let (tree, head) = (tree, try checkedHead())
        try await WorkerThread.run("tree wait") { () -> Result<Void, EventLogError> in
            Result { () throws(EventLogError) in try tree.wait(for: size, head: head) }
        }
    }

    /// The root of the tree over the first events.
    ///
    /// - Parameter size: how many events; the tree is waited for if it is not so far yet.
    /// - Throws: ``EventLogError`` as of ``waitForTree(_:)``, and if the tree is damaged and cannot
    ///   be made anew here.
    public func root(at size: UInt64) async throws(EventLogError) -> Digest {
        try await withTree(of: size) { tree throws(EventLogError) in try tree.root(at: size) }
    }

    /// Proves an event to be in the tree over the first events.
    ///
    /// - Parameters:
    ///   - position: which event.
    ///   - size: how many events the tree has, at least the position.
    /// - Throws: ``EventLogError`` as of ``root(at:)``.
    public func inclusionProof(
        of position: Position,
        size: UInt64
    ) async throws(EventLogError) -> InclusionProof {
        guard position > .start, position.value <= size else {
            throw EventLogError(.invalid, "event \(position) is not among the first \(size)")
        }
        return try await withTree(of: size) { tree throws(EventLogError) in
            try tree.inclusion(of: position.value, size: size)
        }
    }

    /// Proves the tree over the first events to be the beginning of a larger one.
    ///
    /// - Parameters:
    ///   - first: the smaller size, at least 1.
    ///   - second: the larger size.
    /// - Throws: ``EventLogError`` as of ``root(at:)``.
    public func consistencyProof(
        from first: UInt64,
        to second: UInt64
    ) async throws(EventLogError) -> [Digest] {
        guard first > 0, first <= second else {
            throw EventLogError(
                .invalid,
                "there is no consistency proof from \(first) to \(second): the sizes must be 1 or "
                    + "more, the smaller one first"
            )
        }
        return try await withTree(of: second) { tree throws(EventLogError) in
            try tree.consistency(from: first, to: second)
        }
    }

    /// The bytes of an event as they are stored, frame included: what its leaf has the digest of.
    ///
    /// - Throws: ``EventLogError`` if there is no such event, or the log cannot be read.
    public func storedRecord(at position: Position) throws(EventLogError) -> [UInt8] {
        guard position > .start, position.value <= (try checkedHead()) else {
            throw EventLogError(.invalid, "there is no event \(position) in \(folder)")
        }
        var record: [UInt8] = []
        try records.forEach(from: position.value, through: position.value) { _, bytes in
            record = Array(bytes)
            return true
        }
        return record
    }

    /// Asks the tree on a thread of its own, once it covers a size.
    func withTree<R: Sendable>(
        of size: UInt64,
        _ body: @escaping @Sendable (LogTree) throws(EventLogError) -> R
    ) async throws(EventLogError) -> R {
        try await waitForTree(Position(size))
        let (tree, head) = (tree, try checkedHead())
        return try await WorkerThread.run("tree") { () -> Result<R, EventLogError> in
            Result { () throws(EventLogError) in
                try tree.wait(for: size, head: head)
                return try body(tree)
            }
        }
    }
}

extension LogTree {
    /// Returns when the tree has so many leaves; blocks the thread until then.
    ///
    /// - Parameter head: the log's last position.
    func wait(for size: UInt64, head: UInt64) throws(EventLogError) {
        guard isWriter else { return try follow(to: size, head: head) }
        let outcome: EventLogError?? = monitor.change { state in
            state.wantedSize = max(state.wantedSize, size)
            return state.levels.size >= size ? .some(nil) : nil
        }
        if outcome != nil { return }
        let failure: EventLogError?? = monitor.wait { state in
            if state.levels.size >= size { return .some(nil) }
            if let failure = state.failure { return .some(failure) }
            guard state.hasEnded else { return nil }
            return .some(EventLogError(.closed, "the log in \(folder) is closed"))
        }
        if case .some(.some(let error)) = failure { throw error }
    }
}

public import EventModel

/// What recomputing the tree from the records has found.
public struct TreeReport: Sendable, Hashable {
    /// The first event that was read; those before were taken from the tree's files, which lead to a
    /// checkpoint that is trusted.
    public internal(set) var first: Position = 1
    /// How many events the log had.
    public internal(set) var size: UInt64 = 0
    /// The root over them.
    public internal(set) var root = MerkleHash.empty
    /// How many checkpoints were compared.
    public internal(set) var checkpointCount = 0
    /// What is not as it must be.
    public internal(set) var problems: [String] = []

    init() {}

    /// A report that says no more than why there is none.
    public init(problem: String) { problems = [problem] }

    /// True if everything is as it must be.
    public var isGood: Bool { problems.isEmpty }
}

extension EventLog {
    /// Recomputes the tree from the stored bytes, and compares it with what was signed.
    ///
    /// - Parameters:
    ///   - checkpoints: what the roots must be; the log's own history, or an auditor's copy.
    ///   - start: begins after this checkpoint instead of at the first event: everything before it
    ///     is trusted, if the tree's files lead to it.
    ///   - progress: hears from another thread how far it has come.
    /// - Throws: ``EventLogError`` if the log is closed or cannot be read; what does not fit is in
    ///   the report.
    public func verifyTree(
        against checkpoints: [Checkpoint],
        since start: Checkpoint? = nil,
        progress: @escaping @Sendable (VerifyProgress) -> Void = { _ in }
    ) async throws(EventLogError) -> TreeReport {
        let head = try checkedHead()
        var report = TreeReport()
        report.size = head
        var range = CompactRange()
        if let start {
            report.checkpointCount = 1
            guard start.size <= head else {
                report.problems = [Self.tooShort(start, head: head)]
                return report
            }
            range = try await withTree(of: start.size) { tree throws(EventLogError) in
                try tree.compactRange(size: start.size)
            }
            report.first = Position(start.size + 1)
            guard range.root == start.root else {
                report.problems = [Self.different(start, root: range.root)]
                return report
            }
        }
        var verifier = TreeVerifier(range: range, report: report)
        let wanted = checkpoints.filter { $0.size >= range.size && $0 != start }
            .sorted { $0.size < $1.size }
        let (source, first) = (records, verifier)
        verifier = try await WorkerThread.run("verify") {
            () -> Result<TreeVerifier, EventLogError> in
            Result { () throws(EventLogError) in
                var verifier = first
                try verifier.run(source, through: head, wanted, progress)
                return verifier
            }
        }
        return verifier.report
    }

    static func tooShort(_ checkpoint: Checkpoint, head: UInt64) -> String {
        "a checkpoint speaks of \(checkpoint.size) events, the log has \(head): events are missing"
    }

    static func different(_ checkpoint: Checkpoint, root: Digest) -> String {
        "the first \(checkpoint.size) events have the root \(root.hexadecimal), the checkpoint says "
            + "\(checkpoint.root.hexadecimal): one of them was changed"
    }
}

/// One walk over the records.
struct TreeVerifier: Sendable {
    private static let recordsPerRead: UInt64 = 4096

    var range: CompactRange
    var report: TreeReport

    mutating func run(
        _ records: any RecordSource,
        through head: UInt64,
        _ checkpoints: [Checkpoint],
        _ progress: (VerifyProgress) -> Void
    ) throws(EventLogError) {
        var waiting = checkpoints[...]
        compare(&waiting)
        var hasher = LeafHasher()
        while range.size < head {
            let last = min(head, range.size + Self.recordsPerRead)
            try records.forEach(from: range.size + 1, through: last) { position, record in
                hasher.add(position: position, record)
                return true
            }
            for leaf in hasher.take() {
                range.append(leaf)
                if waiting.first?.size == range.size { compare(&waiting) }
            }
            progress(VerifyProgress(position: Position(last), head: Position(head)))
        }
        for checkpoint in waiting {
            report.checkpointCount += 1
            report.problems.append(EventLog.tooShort(checkpoint, head: head))
        }
        report.root = range.root
    }

    /// Compares the root with the checkpoints of the size that is reached.
    private mutating func compare(_ waiting: inout ArraySlice<Checkpoint>) {
        while let checkpoint = waiting.first, checkpoint.size == range.size {
            waiting.removeFirst()
            report.checkpointCount += 1
            guard checkpoint.root != range.root else { continue }
            report.problems.append(EventLog.different(checkpoint, root: range.root))
        }
    }
}

extension LogTree {
    /// The beginning of the tree, to be continued; its hashes are checked against the root.
    func compactRange(size: UInt64) throws(EventLogError) -> CompactRange {
        let root = try root(at: size)
        var peaks: [Digest] = []
        let levels = monitor.withLock { $0.levels }
        for node in MerkleNode.peaks(ofSize: size) {
            peaks.append(try levels.hash(of: node, read: files.read))
        }
        guard let range = CompactRange(size: size, peaks: peaks), range.root == root else {
            throw EventLogError(.corrupt, "the tree in \(folder)/tree contradicts itself")
        }
        return range
    }
}

import EventModel
import Synchronization

/// The thread behind the writer that lets the tree grow.
///
/// It sleeps until the log grows, and then looks again every few milliseconds until nothing comes any
/// more, so that an append wakes it only now and then.
final class TreeThread: Sendable {
    private static let pauseMilliseconds = 20
    private static let syncMilliseconds = 2000

    let tree: LogTree
    private let signal: HeadSignal

    private init(tree: LogTree, signal: HeadSignal) {
        self.tree = tree
        self.signal = signal
    }

    /// Opens the tree over the records of a log that is open for writing, and lets it grow.
    static func start(
        over records: LogRecords,
        _ signal: HeadSignal,
        _ configuration: EventLogConfiguration
    ) throws(EventLogError) -> TreeThread {
        let tree = try LogTree(
            folder: records.folder,
            identity: records.identity.id,
            records: records,
            head: signal.head,
            isWriter: true,
            notice: configuration.notice
        )
        let thread = TreeThread(tree: tree, signal: signal)
        try thread.start()
        return thread
    }

    private func start() throws(EventLogError) {
        signal.observe { [tree] _ in
            // The order matters: the head is published before this is asked, and the thread says
            // that it is idle before it asks for the head.
            if tree.isIdle.load(ordering: .sequentiallyConsistent) { tree.monitor.change { _ in } }
        }
        try WorkerThread.start("tree") { [self] in
            run()
            tree.monitor.change { $0.hasEnded = true }
        }
    }

    /// Ends the thread, and returns when it has ended; what it has not done yet can be done later.
    func finish() {
        tree.monitor.change { $0.isFinishing = true }
        let _: Bool = tree.monitor.wait { $0.hasEnded ? true : nil }
        tree.files.close()
    }

    private enum Work { case grow, synchronize, rebuild, end }

    private func run() {
        while true {
            switch next() {
            case .grow:
                attempt { () throws(EventLogError) in try grow() }
            case .synchronize:
                attempt { () throws(EventLogError) in try tree.synchronize() }
            case .rebuild:
                attempt { () throws(EventLogError) in
                    try Files.remove(TreeState.path(in: tree.folder))
                    try tree.load(head: signal.head)
                }
            case .end:
                // At the end of a long catch-up somebody would wait for it for nothing.
                if signal.head <= tree.size + LogTree.leavesPerSync { try? catchUp() }
                try? tree.synchronize()
                return
            }
        }
    }

    /// What to do now; waits until there is something.
    private func next() -> Work {
        func urgent(_ state: inout LogTree.State) -> Work? {
            if state.isFinishing { return .end }
            if state.isDamaged { return .rebuild }
            return state.wantedSize > state.levels.size ? .grow : nil
        }
        let now = tree.monitor.withLock { state in
            urgent(&state) ?? (signal.head > state.levels.size ? .grow : nil)
        }
        if let now { return now }
        // More may come soon; a moment later there is more to do at once.
        if let work = tree.monitor.wait(milliseconds: Self.pauseMilliseconds, urgent) {
            return work
        }
        if signal.head > tree.size { return .grow }
        tree.isIdle.store(true, ordering: .sequentiallyConsistent)
        defer { tree.isIdle.store(false, ordering: .sequentiallyConsistent) }
        func news(_ state: inout LogTree.State) -> Work? {
            urgent(&state) ?? (signal.head > state.levels.size ? .grow : nil)
        }
        let isUnsaved = tree.monitor.withLock { $0.syncedSize != $0.levels.size }
        guard isUnsaved else { return tree.monitor.wait(news) }
        return tree.monitor.wait(milliseconds: Self.syncMilliseconds, news) ?? .synchronize
    }

    private func grow() throws(EventLogError) {
        try tree.grow(to: signal.head)
        let (unwritten, unsynced) = tree.monitor.withLock { state in
            (state.levels.unwrittenCount, state.levels.size - state.syncedSize)
        }
        if unwritten >= LogTree.leavesPerWrite { try tree.write() }
        if unsynced >= LogTree.leavesPerSync { try tree.synchronize() }
    }

    private func catchUp() throws(EventLogError) {
        while tree.size < signal.head { try tree.grow(to: signal.head) }
    }

    /// Does something and tells those who wait if it failed; tries again after a pause.
    private func attempt(_ body: () throws(EventLogError) -> Void) {
        do throws(EventLogError) {
            try body()
            tree.monitor.withLock { $0.failure = nil }
        } catch {
            let isNews = tree.monitor.change { state in
                defer { state.failure = error }
                return state.failure != error
            }
            if isNews { tree.notice("the tree does not grow for now: \(error.message)") }
            _ = tree.monitor.wait(milliseconds: 1000) { state in
                state.isFinishing ? true : nil
            }
        }
    }
}

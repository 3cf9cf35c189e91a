import Glibc

/// The thread that brings the records of the journal into the table, behind the writer.
final class FoldThread: Sendable {
    /// How many bytes of records it does not wait any longer with.
    static let foldBytes = 512 << 10
    /// How many bytes of records one transaction takes at the most, unless one group has more: a
    /// large one would make the syncs of the journal wait behind its own.
    private static let transactionBytesMax = 1 << 20
    /// The same when much waits, as under a load of large appends, for whose rate the number of
    /// syncs counts.
    private static let loadBytesMax = 8 << 20
    /// How long it waits for more, so that single appends share a transaction.
    private static let delayMilliseconds = 20
    /// How long it waits after a failure before it tries again by itself.
    private static let retryMilliseconds = 500
    /// How often the head file is written while there is work, and how soon when there is none.
    private static let headMilliseconds = 1000

    private let storage: LogStorage
    private let tail: RecordTail
    /// How many bytes each file of the journal has.
    private let journalBytes: Int
    private let notice: @Sendable (String) -> Void

    init(
        storage: LogStorage,
        tail: RecordTail,
        journalBytes: Int,
        notice: @escaping @Sendable (String) -> Void
    ) {
        self.storage = storage
        self.tail = tail
        self.journalBytes = journalBytes
        self.notice = notice
    }

    private enum Work {
        /// Something is there, but more may come soon.
        case gather
        case fold([RecordGroup])
        /// Nothing is there for now.
        case rest
        case end
    }

    /// Works until the tail is finishing and empty.
    ///
    /// - Returns: whether the table has everything, so that nobody needs the journal.
    func run() -> Bool {
        var head = HeadWriter(storage: storage, journalBytes: journalBytes, notice: notice)
        while true {
            head.note(tail.monitor.withLock { $0.folded })
            let groups: [RecordGroup]
            switch next(isHeadDue: head.isDue) {
            case .gather: groups = gather()
            case .fold(let ready): groups = ready
            case .rest:
                head.write()
                continue
            case .end:
                head.write()
                return tail.monitor.withLock { $0.isCertain }
            }
            guard fold(groups) else { return false }
            if head.isOverdue(milliseconds: FoldThread.headMilliseconds) { head.write() }
        }
    }

    private func next(isHeadDue: Bool) -> Work {
        let look: (inout RecordTail.State) -> Work? = { state in
            guard !state.groups.isEmpty else { return state.isFinishing ? .end : nil }
            guard FoldThread.isReady(state) else { return .gather }
            return .fold(FoldThread.next(state))
        }
        guard isHeadDue else { return tail.monitor.wait(look) }
        return tail.monitor.wait(milliseconds: FoldThread.headMilliseconds, look) ?? .rest
    }

    private func gather() -> [RecordGroup] {
        _ = tail.monitor.wait(milliseconds: FoldThread.delayMilliseconds) { state in
            FoldThread.isReady(state) ? true : nil
        }
        return tail.monitor.withLock { FoldThread.next($0) }
    }

    private static func next(_ state: RecordTail.State) -> [RecordGroup] {
        let share = min(state.byteCount / 2, loadBytesMax)
        return state.next(bytesMax: max(share, transactionBytesMax))
    }

    private static func isReady(_ state: RecordTail.State) -> Bool {
        state.byteCount >= foldBytes || state.isUrgent || state.isFinishing
    }

    /// Writes groups to the table; false if it could not and there is no time to try again.
    private func fold(_ groups: [RecordGroup]) -> Bool {
        guard let last = groups.last?.last else { return true }
        var commitment = LogCommitment(
            storage: storage,
            head: tail.monitor.withLock { $0.folded }
        )
        while true {
            do throws(EventLogError) {
                if commitment.isUncertain { try commitment.settle() }
                if commitment.head < last { try commitment.commit(groups) }
                tail.monitor.change { state in
                    state.drop(through: last)
                    state.attempts += 1
                    state.failure = nil
                }
                return true
            } catch {
                guard wait(after: error) else { return false }
            }
        }
    }

    /// Notes a failure and waits until it is time to try again; false if there is none.
    private func wait(after error: EventLogError) -> Bool {
        let isNews = tail.monitor.change { state in
            defer {
                state.failure = error
                state.attempts += 1
                state.isUrgent = false
            }
            return state.failure?.code != error.code
        }
        if isNews {
            notice(
                "events are kept in the journal of \(storage.folder) for now, where they are safe: "
                    + error.message
            )
        }
        let isFinishing = tail.monitor.wait(milliseconds: FoldThread.retryMilliseconds) { state in
            state.isFinishing ? true : state.isUrgent ? false : nil
        }
        return isFinishing != true
    }
}

/// Keeps the head file behind the table.
private struct HeadWriter: ~Copyable {
    private let storage: LogStorage
    private let journalBytes: Int
    private let notice: @Sendable (String) -> Void
    /// The last position in the table, and that in the file.
    private var folded: UInt64 = 0
    private var written: UInt64 = 0
    /// Since when the two differ, in milliseconds.
    private var since = 0
    private var hasFailed = false

    init(
        storage: LogStorage,
        journalBytes: Int,
        notice: @escaping @Sendable (String) -> Void
    ) {
        self.storage = storage
        self.journalBytes = journalBytes
        self.notice = notice
    }

    var isDue: Bool { folded != written }

    mutating func note(_ folded: UInt64) {
        if !isDue { since = HeadWriter.now() }
        self.folded = folded
    }

    func isOverdue(milliseconds: Int) -> Bool {
        isDue && HeadWriter.now() - since >= milliseconds
    }

    /// Writes the file; an old one only says too little, so that a failure does not matter.
    mutating func write() {
        guard isDue else { return }
        do throws(EventLogError) {
            try storage.writeHeadFile(position: folded, journalBytes: journalBytes)
            written = folded
            hasFailed = false
        } catch {
            since = HeadWriter.now()
            if !hasFailed { notice("the head file is not written for now: \(error.message)") }
            hasFailed = true
        }
    }

    private static func now() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }
}

/// What a log that is open for writing has besides the events: journal, index, tree, their
/// threads, the lock.
final class WriterRole: Sendable {
    let index: LogIndex
    let records: LogRecords
    let writer: LogWriter
    let tree: LogTree
    /// Opens when everything is closed.
    let ended = Latch()

    /// Starts the threads and brings the index up to date.
    init(
        storage: LogStorage,
        signal: HeadSignal,
        lock: FolderLock,
        configuration: EventLogConfiguration
    ) throws(EventLogError) {
        let (journal, visible) = try Journal.open(of: storage, configuration: configuration)
        let last = try storage.lastPosition()
        signal.publish(last)
        if let failure = visible.write(last) { configuration.notice(failure.message) }
        let recordTail = RecordTail(folded: last, wakeBytes: FoldThread.foldBytes)
        records = LogRecords(storage: storage, tail: recordTail)
        index = LogIndex(
            segments: try SegmentStore.open(of: records, notice: configuration.notice),
            records: records,
            configuration: configuration
        )
        writer = LogWriter(
            records: records,
            journal: journal,
            visible: visible,
            index: index,
            signal: signal,
            configuration: configuration
        )
        let treeThread = try TreeThread.start(over: records, signal, configuration)
        tree = treeThread.tree
        let hasEnded = try startIndex(storage, lock, treeThread, configuration)
        let fold = FoldThread(
            storage: storage,
            tail: recordTail,
            journalBytes: journal.frameBytesMax,
            notice: configuration.notice
        )
        // Each thread ends after the one that gives it its work.
        do throws(EventLogError) {
            try catchUp(through: last, configuration: configuration)
            try WorkerThread.start("fold") { [index] in
                let isFolded = fold.run()
                WriterRole.close(journal, of: storage, isNeeded: !isFolded, configuration)
                index.tail.monitor.change { $0.isFinishing = true }
            }
        } catch {
            index.tail.monitor.change { $0.isFinishing = true }
            // Whoever tries again must not find this one in the way.
            _ = hasEnded.wait { $0 ? true : nil }
            throw error
        }
        do throws(EventLogError) {
            try WorkerThread.start("writer") { [writer] in
                let isCertain = writer.run()
                recordTail.monitor.change { state in
                    state.isCertain = isCertain
                    state.isFinishing = true
                }
            }
        } catch {
            recordTail.monitor.change { $0.isFinishing = true }
            throw error
        }
    }

    /// Starts what writes and merges segments, and closes everything when it has ended.
    ///
    /// - Returns: turns true then.
    private func startIndex(
        _ storage: LogStorage,
        _ lock: FolderLock,
        _ treeThread: TreeThread,
        _ configuration: EventLogConfiguration
    ) throws(EventLogError) -> Monitor<Bool> {
        let thread = IndexThread(records: records, index: index, configuration: configuration)
        let merges = MergeControl(index: index, configuration: configuration)
        try merges.start()
        let hasEnded = Monitor(false)
        do throws(EventLogError) {
            try WorkerThread.start("index") { [ended] in
                thread.run()
                merges.end()
                treeThread.finish()
                storage.environment.close()
                lock.release()
                hasEnded.change { $0 = true }
                ended.open()
            }
        } catch {
            merges.end()
            treeThread.finish()
            throw error
        }
        return hasEnded
    }

    /// Leaves empty files behind, unless what is in them is needed when the log is opened again.
    private static func close(
        _ journal: Journal,
        of storage: LogStorage,
        isNeeded: Bool,
        _ configuration: EventLogConfiguration
    ) {
        guard !isNeeded else { return journal.close() }
        do throws(EventLogError) {
            try storage.letJournalGo()
            try journal.emptyAndClose()
        } catch {
            journal.close()
            configuration.notice("the journal could not be emptied: \(error.message)")
        }
    }

    /// Brings the index to the end of the log, from the beginning if that is what it takes; the
    /// index thread writes segments meanwhile.
    private func catchUp(
        through last: UInt64,
        configuration: EventLogConfiguration
    ) throws(EventLogError) {
        let missing = last - min(last, index.segments.lastPosition)
        if missing > 1_000_000 {
            configuration.notice("\(missing) events are being indexed in \(records.folder)")
        }
        let tail = index.tail
        try index.catchUp(through: last) { () throws(EventLogError) in
            if let failure = tail.waitForRoom() { throw failure }
        }
    }
}

/// The thread that merges, and whether it has ended.
private final class MergeControl: Sendable {
    private let merge: MergeThread
    private let index: LogIndex
    private let hasEnded = Monitor(false)

    init(index: LogIndex, configuration: EventLogConfiguration) {
        self.index = index
        merge = MergeThread(index: index, configuration: configuration)
    }

    func start() throws(EventLogError) {
        try WorkerThread.start("merge") { [self] in
            merge.run()
            hasEnded.change { $0 = true }
        }
    }

    /// Returns when the thread has ended, which it does as soon as it can.
    func end() {
        index.segments.beginClosing()
        _ = hasEnded.wait { $0 ? true : nil }
    }
}

/// What a log that is open for writing has besides the events: journal, index, memory, three
/// threads, the lock.
final class WriterRole: Sendable {
    let index: IndexStore
    let tail: IndexTail
    let records: LogRecords
    let writer: LogWriter
    let tree: LogTree
    /// Opens when everything is closed.
    let ended = Latch()

    /// Brings the index up to date and starts the threads.
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
        index = try WriterRole.openIndex(of: storage, configuration: configuration)
        tail = IndexTail(
            indexed: last,
            idMaxIndexed: try index.idMax(),
            batchEventsMax: configuration.indexBatchEventsMax
        )
        writer = LogWriter(
            records: records,
            journal: journal,
            visible: visible,
            index: index,
            tail: tail,
            signal: signal,
            configuration: configuration
        )
        let treeThread = try TreeThread.start(over: records, signal, configuration)
        tree = treeThread.tree
        let indexThread = IndexThread(
            records: records,
            index: index,
            tail: tail,
            configuration: configuration
        )
        let fold = FoldThread(storage: storage, tail: recordTail, notice: configuration.notice)
        // Each of them ends after the one that gives it its work.
        try WorkerThread.start("index") { [index, ended] in
            indexThread.run()
            treeThread.finish()
            index.environment.close()
            storage.environment.close()
            lock.release()
            ended.open()
        }
        do throws(EventLogError) {
            try WorkerThread.start("fold") { [tail] in
                let isFolded = fold.run()
                WriterRole.close(journal, isNeeded: !isFolded, configuration)
                tail.monitor.change { $0.isFinishing = true }
            }
        } catch {
            tail.monitor.change { $0.isFinishing = true }
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

    /// Leaves empty files behind, unless what is in them is needed when the log is opened again.
    private static func close(
        _ journal: Journal,
        isNeeded: Bool,
        _ configuration: EventLogConfiguration
    ) {
        guard !isNeeded else { return journal.close() }
        do throws(EventLogError) {
            try journal.emptyAndClose()
        } catch {
            configuration.notice("the journal could not be emptied: \(error.message)")
        }
    }

    /// Opens the index and brings it to the end of the log, from the beginning if that is what it
    /// takes.
    private static func openIndex(
        of storage: LogStorage,
        configuration: EventLogConfiguration
    ) throws(EventLogError) -> IndexStore {
        let index = try IndexStore.open(of: storage, configuration: configuration)
        do throws(EventLogError) {
            try IndexThread.catchUp(storage: storage, index: index, configuration: configuration)
            return index
        } catch {
            index.environment.close()
            throw error
        }
    }
}

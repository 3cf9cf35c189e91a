/// What a log that is open for writing has besides the events: index, memory, two threads, the
/// lock.
final class WriterRole: Sendable {
    let index: IndexStore
    let tail: IndexTail
    let writer: LogWriter
    /// Opens when everything is closed.
    let ended = Latch()

    /// Brings the index up to date and starts the threads.
    init(
        storage: LogStorage,
        signal: HeadSignal,
        lock: FolderLock,
        configuration: EventLogConfiguration
    ) throws(EventLogError) {
        index = try WriterRole.openIndex(of: storage, configuration: configuration)
        tail = IndexTail(
            indexed: signal.head,
            idMaxIndexed: try index.idMax(),
            batchEventsMax: configuration.indexBatchEventsMax
        )
        writer = LogWriter(
            storage: storage,
            index: index,
            tail: tail,
            signal: signal,
            configuration: configuration
        )
        let indexThread = IndexThread(
            storage: storage,
            index: index,
            tail: tail,
            configuration: configuration
        )
        try WorkerThread.start("index") { [index, ended] in
            indexThread.run()
            index.environment.close()
            storage.environment.close()
            lock.release()
            ended.open()
        }
        do throws(EventLogError) {
            try WorkerThread.start("writer") { [writer, tail] in
                writer.run()
                tail.monitor.change { $0.isFinishing = true }
            }
        } catch {
            tail.monitor.change { $0.isFinishing = true }
            throw error
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

/// Tables of bytes that can be made again from the log: states, projections, cursors.
///
/// Commits do not wait for the disk. What they have stored survives the death of the process; after
/// the death of the machine the tables are found empty, and whoever owns them begins at his cursor,
/// which is gone with them. So keep the cursor in the same store, and write it in the same
/// transaction.
public final class TableStore: Sendable {
    /// What a process wants to do with the tables.
    public typealias Mode = EventLogConfiguration.Mode

    /// Where the tables lie.
    public let folder: String
    private let environment: Environment
    private let tables: [String: Int]
    private let thread: TableThread?

    private init(
        folder: String,
        environment: Environment,
        tables: [String: Int],
        thread: TableThread?
    ) {
        self.folder = folder
        self.environment = environment
        self.tables = tables
        self.thread = thread
    }

    deinit { thread?.beginClosing() }

    /// Opens tables; one process at a time may write, others may read beside it.
    ///
    /// - Parameters:
    ///   - folder: where they lie; a writer makes it if it is missing.
    ///   - tables: their names; a writer makes those that are missing.
    ///   - mode: for what to open them.
    ///   - mapBytes: how much address space to reserve, in bytes; it grows by itself.
    ///   - notice: hears that the tables had to be emptied, and why.
    /// - Throws: ``EventLogError`` if another process writes there, or if there is nothing to read.
    public static func open(
        at folder: String,
        tables: [String],
        mode: Mode = .readWrite,
        mapBytes: Int = 16 << 30,
        notice: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(EventLogError) -> TableStore {
        let options = Environment.Options(
            folder: folder,
            tables: tables.map { Table($0) },
            mapBytes: mapBytes,
            durability: .none,
            isWriter: mode == .readWrite
        )
        let numbers = Dictionary(zip(tables, tables.indices)) { first, _ in first }
        switch mode {
        case .readOnly:
            guard Files.exists(folder + "/data.mdb") else {
                throw EventLogError(.missing, "there are no tables in \(folder)")
            }
            return TableStore(
                folder: folder,
                environment: try Environment(options),
                tables: numbers,
                thread: nil
            )
        case .readWrite:
            try Files.makeFolder(folder)
            let lock = try FolderLock(folder: folder)
            let mark = try RebuildableMark(folder: folder)
            let environment = try openOrEmpty(options, mark, notice)
            return TableStore(
                folder: folder,
                environment: environment,
                tables: numbers,
                thread: try TableThread(environment, lock: lock, mark: mark, notice: notice)
            )
        }
    }

    private static func openOrEmpty(
        _ options: Environment.Options,
        _ mark: RebuildableMark,
        _ notice: (String) -> Void
    ) throws(EventLogError) -> Environment {
        let file = options.folder + "/data.mdb"
        var reason: String?
        if Files.exists(file), try !mark.isTrustworthy() {
            reason = "the machine stopped while they were open"
        }
        if reason == nil {
            do throws(EventLogError) {
                let environment = try Environment(options)
                try mark.noteOpen()
                return environment
            } catch {
                switch error.code {
                case .corrupt, .newerFormat, .missing, .invalid: reason = error.message
                case .wrongExpectedRevision, .conditionFailed, .identityConflict, .tooLarge,
                    .diskFull,
                    .inputOutput, .locked, .closed, .exists, .standby, .signingRefused:
                    throw error
                }
            }
        }
        notice("the tables in \(options.folder) are emptied: \(reason ?? "unknown")")
        try Files.remove(file)
        try Files.remove(options.folder + "/lock.mdb")
        let environment = try Environment(options)
        try mark.noteOpen()
        return environment
    }

    /// Changes tables, on the store's own thread; returns when the change can be read.
    ///
    /// - Parameter body: makes the changes, which are dropped if it throws. It runs again if the
    ///   file has to grow meanwhile, so it must do nothing but use its transaction.
    /// - Returns: what the closure returns.
    /// - Throws: what the closure throws; ``EventLogError`` if the store cannot be written.
    public func write<R: Sendable>(
        _ body: @escaping @Sendable (TableWriteTransaction) throws -> R
    ) async throws -> R {
        guard let thread else {
            throw EventLogError(.closed, "the tables in \(folder) are open for reading only")
        }
        let result: Result<R, any Error> = await withCheckedContinuation { continuation in
            let job = TableThread.Job(
                run: { [environment, tables] in
                    let result = TableStore.perform(environment, tables, body)
                    return { continuation.resume(returning: result) }
                },
                refuse: { error in continuation.resume(returning: .failure(error)) }
            )
            thread.add(job, folder: folder)
        }
        return try result.get()
    }

    static func perform<R>(
        _ environment: Environment,
        _ tables: [String: Int],
        _ body: (TableWriteTransaction) throws -> R
    ) -> Result<R, any Error> {
        var thrown: (any Error)?
        do throws(EventLogError) {
            let value = try environment.write { transaction throws(EventLogError) in
                thrown = nil
                let result = TableWriteTransaction.write(transaction, tables: tables) { access in
                    Result { try body(access) }
                }
                switch result {
                case .success(let value): return value
                case .failure(let error):
                    thrown = error
                    throw EventLogError(.invalid, "the closure threw")
                }
            }
            return .success(value)
        } catch {
            return .failure(thrown ?? error)
        }
    }

    /// Reads all tables as they are at one moment, on the caller's thread.
    ///
    /// - Parameter body: must be short: what it sees cannot be reused meanwhile. It must use nothing of
    ///   the store but its transaction, or it can wait for ever.
    /// - Returns: what the closure returns.
    /// - Throws: what the closure throws; ``EventLogError`` if the store is closed.
    public func read<R>(_ body: (TableTransaction) throws -> R) throws -> R {
        let result = try environment.read { transaction throws(EventLogError) in
            TableTransaction.read(transaction, tables: tables) { access in
                Result { try body(access) }
            }
        }
        return try result.get()
    }

    /// Finishes the writes that wait, brings everything to the disk and closes the files.
    public func close() async {
        guard let thread else {
            environment.close()
            return
        }
        thread.beginClosing()
        await thread.ended.wait()
    }
}

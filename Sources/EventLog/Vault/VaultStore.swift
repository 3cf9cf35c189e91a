/// Small tables of bytes that exist nowhere else and that can really be destroyed: keys.
///
/// Every write waits for the disk. LMDB leaves what was deleted in free pages and in the slack of used
/// ones, so ``shred()`` writes a new file with only what is left, puts it in place, and overwrites
/// the old file before it is unlinked.
public final class VaultStore: Sendable {
    /// Where the tables lie.
    public let folder: String
    private let names: [String]
    private let numbers: [String: Int]
    private let role: Role

    private enum Role: Sendable {
        case writer(VaultThread)
        /// Opens the file for each read and closes it again, so that it never stands in the way of
        /// ``shred()`` in the process that writes; one read at a time.
        case reader(SharedLock)
    }

    /// Readers hold this lock shared while they have the file open, ``shred()`` holds it alone.
    static let gateName = "gate"

    private init(folder: String, names: [String], role: Role) {
        self.folder = folder
        self.names = names
        numbers = Dictionary(zip(names, names.indices)) { first, _ in first }
        self.role = role
    }

    deinit {
        if case .writer(let thread) = role { thread.beginClosing() }
    }

    /// True if there are tables in a folder.
    public static func exists(at folder: String) -> Bool { Files.exists(folder + "/data.mdb") }

    /// Opens tables; one process at a time may write, others may read beside it.
    ///
    /// - Parameters:
    ///   - folder: where they lie; a writer makes it if it is missing, closed to other users.
    ///   - tables: their names; a writer makes those that are missing.
    ///   - mode: for what to open them.
    /// - Throws: ``EventLogError`` if another process writes there, if there is nothing to read, or if
    ///   the file is damaged.
    public static func open(
        at folder: String,
        tables: [String],
        mode: EventLogConfiguration.Mode
    ) throws(EventLogError) -> VaultStore {
        switch mode {
        case .readOnly:
            guard exists(at: folder) else {
                throw EventLogError(.missing, "there are no keys in \(folder)")
            }
            return VaultStore(folder: folder, names: tables, role: .reader(SharedLock()))
        case .readWrite:
            try Files.makeFolder(folder)
            try VaultFiles.closeToOthers(folder)
            let lock = try FolderLock(folder: folder)
            try VaultFiles.finishShredding(in: folder)
            let environment = try Environment(options(folder, tables, isWriter: true))
            try Files.synchronizeFolder(folder)
            let vault = Vault(environment: environment, tables: tables)
            let thread = try VaultThread(vault, lock: lock)
            return VaultStore(folder: folder, names: tables, role: .writer(thread))
        }
    }

    /// Copies the tables as they are at one moment, and whatever else is in the folder, also while they
    /// are written in another process.
    ///
    /// - Throws: ``EventLogError``, also if the tables are open in this process.
    static func copy(_ folder: String, to target: String) throws(EventLogError) {
        let gate = try VaultGate(folder: folder, isAlone: false)
        defer { gate.release() }
        try Files.makeFolder(target)
        try VaultFiles.closeToOthers(target)
        let environment = try Environment(options(folder, [], isWriter: false))
        defer { environment.close() }
        try environment.copy(into: target)
        let own = [
            "data.mdb", "lock.mdb", "lock", gateName, "new", VaultFiles.shredName,
        ]
        for name in try Files.names(in: folder) where !own.contains(name) {
            try Files.copyTree("\(folder)/\(name)", to: "\(target)/\(name)")
        }
    }

    static func options(
        _ folder: String,
        _ tables: [String],
        isWriter: Bool
    ) -> Environment.Options {
        Environment.Options(
            folder: folder,
            tables: tables.map { Table($0) },
            mapBytes: 4 << 30,
            durability: .full,
            isWriter: isWriter
        )
    }

    /// Reads all tables as they are at one moment, on the caller's thread.
    ///
    /// - Parameter body: must be short and use nothing of the store but its transaction.
    /// - Throws: what the closure throws; ``EventLogError`` if the tables cannot be read.
    public func read<R>(_ body: (TableTransaction) throws -> R) throws -> R {
        switch role {
        case .writer(let thread):
            return try thread.vault.read(body)
        case .reader(let lock):
            lock.lockAlone()
            defer { lock.unlock() }
            let gate = try VaultGate(folder: folder, isAlone: false)
            defer { gate.release() }
            let environment = try Environment(
                VaultStore.options(folder, names, isWriter: false)
            )
            defer { environment.close() }
            return try Vault(environment: environment, tables: names).read(body)
        }
    }

    /// Changes tables, on the store's own thread; returns when the change would survive a power
    /// failure.
    ///
    /// - Parameter body: makes the changes, which are dropped if it throws. It runs again if the
    ///   file has to grow meanwhile.
    /// - Throws: what the closure throws; ``EventLogError`` if the store cannot be written.
    public func write<R: Sendable>(
        _ body: @escaping @Sendable (TableWriteTransaction) throws -> R
    ) async throws -> R {
        try await onThread { vault in try vault.write(body) }
    }

    /// Makes what was deleted unreadable: see ``VaultStore``.
    ///
    /// What a copy-on-write file system or a flash disk keeps of overwritten blocks is out of reach.
    ///
    /// - Throws: ``EventLogError``; the tables are as they were, and shredding can be tried again.
    public func shred() async throws {
        try await onThread { [folder] vault in try vault.shred(folder: folder) }
    }

    private func onThread<R: Sendable>(
        _ work: @escaping @Sendable (Vault) throws -> R
    ) async throws -> R {
        guard case .writer(let thread) = role else {
            throw EventLogError(.closed, "the keys in \(folder) are open for reading only")
        }
        let result: Result<R, any Error> = await withCheckedContinuation { continuation in
            let isTaken = thread.add {
                let result = Result { try work(thread.vault) }
                return { continuation.resume(returning: result) }
            }
            if !isTaken {
                let error = EventLogError(.closed, "the keys in \(folder) are closed")
                continuation.resume(returning: .failure(error))
            }
        }
        return try result.get()
    }

    /// Finishes the writes that wait and closes the file.
    public func close() async {
        guard case .writer(let thread) = role else { return }
        thread.beginClosing()
        await thread.ended.wait()
    }
}

/// The thread that writes a ``VaultStore``.
final class VaultThread: Sendable {
    /// Does something and returns what lets the caller go on.
    typealias Job = @Sendable () -> @Sendable () -> Void

    private struct State {
        var jobs: [Job] = []
        var isClosed = false
    }

    let vault: Vault
    /// Opens when everything is closed.
    let ended = Latch()
    private let monitor = Monitor(State())

    init(_ vault: Vault, lock: FolderLock) throws(EventLogError) {
        self.vault = vault
        try WorkerThread.start("keys") { [monitor, ended] in
            while true {
                let jobs: [Job]? = monitor.wait { state in
                    guard state.jobs.isEmpty else {
                        defer { state.jobs = [] }
                        return .some(state.jobs)
                    }
                    return state.isClosed ? .some(nil) : nil
                }
                guard let jobs else { break }
                for job in jobs { job()() }
            }
            vault.close()
            lock.release()
            ended.open()
        }
    }

    /// Adds a job; false if the store is closed.
    func add(_ job: @escaping Job) -> Bool {
        monitor.change { state in
            guard !state.isClosed else { return false }
            state.jobs.append(job)
            return true
        }
    }

    /// Takes no more jobs.
    func beginClosing() { monitor.change { $0.isClosed = true } }
}

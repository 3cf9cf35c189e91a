import CLMDB
import Glibc
import Synchronization

/// One LMDB environment: a folder with `data.mdb` and `lock.mdb`.
///
/// Sendable because the pointer, the handles and the pool are changed only while the gate is held
/// alone, and a transaction holds it shared for as long as it lives. LMDB itself does not check
/// that nobody reads while the map is exchanged, which is why the gate exists.
final class Environment: @unchecked Sendable {
    /// How much a commit waits for the disk.
    enum Durability: Sendable {
        /// A commit returns when it would survive a power failure.
        case full
        /// A power failure may take the last commit, and leaves the one before it whole.
        case lastCommitMayVanish
        /// A power failure may leave rubbish; for tables that can be rebuilt.
        case none
    }

    struct Options: Sendable {
        var folder: String
        var tables: [Table]
        var mapBytes: Int
        var durability: Durability
        /// False opens what is there and never writes.
        var isWriter: Bool
        /// Whether a file that has any of the tables must have all of them.
        var hasAllTables = false
    }

    private static let readersMax: UInt32 = 1024
    private static let mapBytesMin = 1 << 20
    /// How long a dead process's transaction can keep pages, in seconds.
    private static let readerCheckSeconds = 10
    private static let openFolders = Mutex<Set<String>>([])

    let options: Options
    let gate = SharedLock()
    private let identity: String
    private(set) var pointer: OpaquePointer?
    private var isClosed = false
    private var handles: [MDB_dbi] = []
    /// Ours beside LMDB's, for what must be checked as it is read.
    private(set) var pages: PageFile?
    private var mapBytes: Int
    private let idleReaders = Mutex<[UInt]>([])
    /// Why it could not be opened again after a failure.
    private var reopenFailure: EventLogError?
    /// Set and read by the writing thread alone, like the next one.
    private var sawMapFull = false
    private var hasCommitFailed = false
    private var readersCheckedAt = 0

    var folder: String { options.folder }
    var file: String { options.folder + "/data.mdb" }

    /// Opens the environment and its tables; a writer makes what is missing.
    init(_ options: Options) throws(EventLogError) {
        self.options = options
        mapBytes = max(options.mapBytes, Environment.mapBytesMin)
        // Closing a second handle on the same lock file would drop the locks of the first.
        identity = try Files.identity(of: options.folder)
        let isNew = Environment.openFolders.withLock { [identity] in $0.insert(identity).inserted }
        guard isNew else {
            throw EventLogError(
                .locked,
                "\(options.folder) is open in this process already; close it first"
            )
        }
        do throws(EventLogError) {
            try openPointer()
        } catch {
            isClosed = true
            closePointer()
            Environment.forget(identity)
            throw error
        }
    }

    deinit { close() }

    private static func forget(_ identity: String) {
        openFolders.withLock { _ = $0.remove(identity) }
    }

    // MARK: Transactions

    /// Reads one committed state.
    ///
    /// The closure must be short, since what it sees cannot be reused meanwhile, and must not use the
    /// environment otherwise, which can wait for ever.
    func read<R>(
        _ body: (borrowing ReadTransaction) throws(EventLogError) -> R
    ) throws(EventLogError) -> R {
        let transaction = try beginReading()
        defer { endReading(transaction) }
        return try body(ReadTransaction(transaction, handles: handles, path: folder))
    }

    /// Changes tables; commits when the closure returns and aborts when it throws.
    ///
    /// If the map is full, it is made larger and the closure runs again. One thread at a time.
    func write<R>(
        _ body: (borrowing WriteTransaction) throws(EventLogError) -> R
    ) throws(EventLogError) -> R {
        if hasCommitFailed || isHalfClosed { try reopen() }
        while true {
            sawMapFull = false
            do throws(EventLogError) {
                return try writeOnce(body)
            } catch {
                guard sawMapFull else { throw error }
                try grow()
            }
        }
    }

    /// Whether an earlier attempt to open it again has failed.
    private var isHalfClosed: Bool {
        gate.lockShared()
        defer { gate.unlock() }
        return pointer == nil && !isClosed
    }

    /// Called by a transaction that found no room in the map.
    func noteMapFull() { sawMapFull = true }

    private func writeOnce<R>(
        _ body: (borrowing WriteTransaction) throws(EventLogError) -> R
    ) throws(EventLogError) -> R {
        gate.lockShared()
        defer { gate.unlock() }
        guard let pointer else { throw closed }
        clearStaleReaders(pointer)
        var begun: OpaquePointer?
        let code = mdb_txn_begin(pointer, nil, 0, &begun)
        guard code == MDB_SUCCESS, let begun else {
            throw EventLogError.lmdb(code, "mdb_txn_begin", folder)
        }
        let result: R
        do throws(EventLogError) {
            let reading = ReadTransaction(begun, handles: handles, path: folder)
            result = try body(WriteTransaction(reading, environment: self))
        } catch {
            mdb_txn_abort(begun)
            throw error
        }
        let commitCode = mdb_txn_commit(begun)
        guard commitCode == MDB_SUCCESS else {
            // LMDB refuses everything after some failures, and remembers too much after others.
            if commitCode == MDB_MAP_FULL { sawMapFull = true } else { hasCommitFailed = true }
            throw EventLogError.lmdb(commitCode, "mdb_txn_commit", folder)
        }
        return result
    }

    /// Frees the slots of processes that died, whose transactions would keep pages for ever.
    private func clearStaleReaders(_ pointer: OpaquePointer) {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC_COARSE, &now)
        guard now.tv_sec - readersCheckedAt >= Environment.readerCheckSeconds else { return }
        readersCheckedAt = now.tv_sec
        mdb_reader_check(pointer, nil)
    }

    /// Returns a live transaction and holds the gate shared until ``endReading(_:)``.
    func beginReading() throws(EventLogError) -> OpaquePointer {
        while true {
            gate.lockShared()
            guard let pointer else {
                let failure = closed
                let mayOpen = !isClosed
                gate.unlock()
                // What kept it from being opened again may be over.
                guard mayOpen else { throw failure }
                try exchange(nil)
                continue
            }
            var transaction = idleReaders.withLock { $0.popLast() }
                .flatMap { OpaquePointer(bitPattern: $0) }
            let code: Int32
            if let transaction {
                code = mdb_txn_renew(transaction)
                if code != MDB_SUCCESS { mdb_txn_abort(transaction) }
            } else {
                code = mdb_txn_begin(pointer, nil, UInt32(MDB_RDONLY), &transaction)
            }
            if code == MDB_SUCCESS, let transaction { return transaction }
            gate.unlock()
            switch code {
            // Another process made the file larger than our map.
            case MDB_MAP_RESIZED: try grow()
            // LMDB refuses everything, reading too, after a commit that failed at its end.
            case MDB_PANIC: try exchange(pointer)
            default: throw EventLogError.lmdb(code, "mdb_txn_begin", folder)
            }
        }
    }

    /// Opens again for a reader, unless somebody else has done it meanwhile.
    ///
    /// What the writing thread knows of its failure stays as it is.
    private func exchange(_ refusing: OpaquePointer?) throws(EventLogError) {
        gate.lockAlone()
        defer { gate.unlock() }
        guard !isClosed else { throw closed }
        guard pointer == refusing else { return }
        closePointer()
        do throws(EventLogError) {
            try openPointer()
            reopenFailure = nil
        } catch {
            closePointer()
            reopenFailure = error
            throw error
        }
    }

    func endReading(_ transaction: OpaquePointer) {
        mdb_txn_reset(transaction)
        idleReaders.withLock { $0.append(UInt(bitPattern: transaction)) }
        gate.unlock()
    }

    // MARK: Opening and closing

    /// Closes and opens again, as must be done after a failed commit before anything is trusted.
    func reopen() throws(EventLogError) {
        gate.lockAlone()
        defer { gate.unlock() }
        guard !isClosed else { throw closed }
        closePointer()
        do throws(EventLogError) {
            try openPointer()
            reopenFailure = nil
            hasCommitFailed = false
        } catch {
            closePointer()
            reopenFailure = error
            throw error
        }
    }

    /// Exchanges the map for one of twice the size, after all transactions have ended.
    private func grow() throws(EventLogError) {
        gate.lockAlone()
        defer { gate.unlock() }
        guard pointer != nil else { throw closed }
        let before = mapBytes
        closePointer()
        mapBytes = max(before * 2, (try? Files.size(of: file)) ?? 0)
        do throws(EventLogError) {
            try openPointer()
        } catch {
            closePointer()
            mapBytes = before
            do throws(EventLogError) {
                try openPointer()
            } catch let later {
                // Half opened it would have no tables, which whoever reads next relies on.
                closePointer()
                reopenFailure = later
                throw later
            }
            throw error
        }
        guard mapBytes > before else {
            throw EventLogError(
                .diskFull,
                "\(file) cannot be mapped beyond \(before) bytes; raise the address space limit"
            )
        }
    }

    /// Closes for good: transactions that run are waited for, later ones fail.
    func close() {
        gate.lockAlone()
        defer { gate.unlock() }
        guard !isClosed else { return }
        isClosed = true
        closePointer()
        Environment.forget(identity)
    }

    private func closePointer() {
        let idle = idleReaders.withLock { idle in
            let all = idle
            idle = []
            return all
        }
        for transaction in idle { mdb_txn_abort(OpaquePointer(bitPattern: transaction)) }
        pages = nil
        if let pointer { mdb_env_close(pointer) }
        pointer = nil
        handles = []
    }

    private func openPointer() throws(EventLogError) {
        var flags = UInt32(MDB_NOTLS)
        switch options.durability {
        case .full: break
        case .lastCommitMayVanish: flags |= UInt32(MDB_NOMETASYNC)
        case .none: flags |= UInt32(MDB_NOSYNC)
        }
        // LMDB trusts every byte of a file, so it is looked at first.
        _ = try MetaCheck.check(file)
        while true {
            var made: OpaquePointer?
            try check(mdb_env_create(&made), "mdb_env_create")
            guard let made else { throw EventLogError.lmdb(ENOMEM, "mdb_env_create", folder) }
            mdb_env_set_maxdbs(made, MDB_dbi(options.tables.count))
            mdb_env_set_maxreaders(made, Environment.readersMax)
            mdb_env_set_mapsize(made, mapBytes)
            let code = mdb_env_open(made, folder, flags, 0o640)
            if code == MDB_SUCCESS {
                pointer = made
                if try openPages() { break }
                pointer = nil
            }
            mdb_env_close(made)
            // A limit on address space refuses large maps; a smaller one can grow later.
            guard code == ENOMEM || code == MDB_SUCCESS, mapBytes / 2 >= Environment.mapBytesMin
            else {
                throw EventLogError.lmdb(
                    code == MDB_SUCCESS ? ENOMEM : code,
                    "mdb_env_open",
                    folder
                )
            }
            mapBytes /= 2
        }
        mdb_reader_check(pointer, nil)
        try checkPages()
        try openTables()
    }

    /// Maps the file for reading; false if there is no address space for a second map.
    private func openPages() throws(EventLogError) -> Bool {
        let facts = try facts(of: pointer)
        let bytes = max(facts.mapBytes, try Files.size(of: file))
        pages = try PageFile(path: file, bytes: bytes, pageBytes: facts.pageBytes)
        return pages != nil
    }

    private func openTables() throws(EventLogError) {
        var begun: OpaquePointer?
        let beginFlags = options.isWriter ? 0 : UInt32(MDB_RDONLY)
        try check(mdb_txn_begin(pointer, nil, beginFlags, &begun), "mdb_txn_begin")
        guard let begun else { throw EventLogError.lmdb(ENOMEM, "mdb_txn_begin", folder) }
        var opened: [MDB_dbi] = []
        for table in options.tables {
            var handle: MDB_dbi = 0
            let flags = table.flags | (options.isWriter ? UInt32(MDB_CREATE) : 0)
            let code = mdb_dbi_open(begun, table.name, flags, &handle)
            guard code == MDB_SUCCESS else {
                mdb_txn_abort(begun)
                guard code != MDB_NOTFOUND else {
                    throw EventLogError(.missing, "\(file) has no table '\(table.name)'")
                }
                throw EventLogError.lmdb(code, "mdb_dbi_open", folder)
            }
            opened.append(handle)
        }
        try check(mdb_txn_commit(begun), "mdb_txn_commit")
        handles = opened
    }

    // MARK: Facts

    struct Facts: Sendable {
        var mapBytes: Int
        var lastPage: Int
        var pageBytes: Int
        /// How many transactions have changed anything.
        var lastTransaction: Int
    }

    /// The sizes of the map and of what is used of it.
    func facts() throws(EventLogError) -> Facts {
        gate.lockShared()
        defer { gate.unlock() }
        return try facts(of: pointer)
    }

    private func facts(of pointer: OpaquePointer?) throws(EventLogError) -> Facts {
        guard let pointer else { throw closed }
        var information = MDB_envinfo()
        try check(mdb_env_info(pointer, &information), "mdb_env_info")
        var statistics = MDB_stat()
        try check(mdb_env_stat(pointer, &statistics), "mdb_env_stat")
        return Facts(
            mapBytes: information.me_mapsize,
            lastPage: information.me_last_pgno,
            pageBytes: Int(statistics.ms_psize),
            lastTransaction: information.me_last_txnid
        )
    }

    /// Brings what was committed to the disk, whatever the durability.
    func synchronize() throws(EventLogError) {
        gate.lockShared()
        defer { gate.unlock() }
        guard let pointer else { throw closed }
        try check(mdb_env_sync(pointer, 1), "mdb_env_sync")
    }

    /// Writes a file with one committed state into an empty folder.
    func copy(into folder: String) throws(EventLogError) {
        gate.lockShared()
        defer { gate.unlock() }
        guard let pointer else { throw closed }
        try check(mdb_env_copy(pointer, folder), "mdb_env_copy")
    }

    /// The version of the LMDB library, such as `LMDB 0.9.24: (July 24, 2019)`.
    static var libraryVersion: String { String(cString: mdb_version(nil, nil, nil)) }

    /// How long a key may be, in bytes.
    static let keyBytesMax = 511

    private var closed: EventLogError {
        if !isClosed, let reopenFailure { return reopenFailure }
        return EventLogError(.closed, "\(folder) is closed")
    }

    func check(_ code: Int32, _ call: StaticString) throws(EventLogError) {
        guard code == MDB_SUCCESS else { throw EventLogError.lmdb(code, call, folder) }
    }
}

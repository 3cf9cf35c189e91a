extension TableStore {
    /// Copies tables that nobody has open for writing into a new file and puts it in the place of the old
    /// one, so that nothing is left of what was deleted or overwritten in them.
    ///
    /// LMDB keeps such bytes in free pages and in the slack of used ones. The old file is removed and not
    /// overwritten, since other processes may be reading it.
    ///
    /// - Parameters:
    ///   - folder: where the tables lie.
    ///   - tables: their names.
    ///   - isReady: looks at them and says whether it is time.
    /// - Returns: false if it is not time, or there are no tables.
    /// - Throws: what the closure throws; ``EventLogError``, and the tables are as they were.
    public static func rewrite(
        at folder: String,
        tables: [String],
        if isReady: (TableTransaction) throws -> Bool
    ) throws -> Bool {
        let file = folder + "/data.mdb"
        guard Files.exists(file) else { return false }
        let lock = try FolderLock(folder: folder)
        defer { lock.release() }
        let old = try Environment(options(folder, tables))
        defer { old.close() }
        let numbers = Dictionary(zip(tables, tables.indices)) { first, _ in first }
        let verdict = try old.read { transaction throws(EventLogError) in
            TableTransaction.read(transaction, tables: numbers) { access in
                Result { try isReady(access) }
            }
        }
        guard try verdict.get() else { return false }
        let fresh = folder + "/new"
        try VaultFiles.removeFresh(fresh)
        try Files.makeFolder(fresh)
        let target = try Environment(options(fresh, tables))
        do throws(EventLogError) {
            try Environment.copy(tables.indices, from: old, to: target)
            try target.synchronize()
        } catch {
            target.close()
            throw error
        }
        target.close()
        old.close()
        try Files.renameFile(fresh + "/data.mdb", to: file)
        try VaultFiles.removeFresh(fresh)
        try Files.synchronizeFolder(folder)
        return true
    }

    private static func options(_ folder: String, _ tables: [String]) -> Environment.Options {
        Environment.Options(
            folder: folder,
            tables: tables.map { Table($0) },
            mapBytes: 16 << 30,
            durability: .none,
            isWriter: true
        )
    }
}

extension Environment {
    /// Copies all entries of tables, in their order.
    static func copy(
        _ tables: Range<Int>,
        from old: Environment,
        to target: Environment
    ) throws(EventLogError) {
        for table in tables {
            try old.read { reading throws(EventLogError) in
                try target.write { writing throws(EventLogError) in
                    try reading.withCursor(table) { cursor throws(EventLogError) in
                        var isThere = try cursor.first()
                        while isThere {
                            try writing.put(table, key: cursor.key, value: cursor.value)
                            isThere = try cursor.next()
                        }
                    }
                }
            }
        }
    }
}

import EventLog

extension TableStore {
    /// One entry of a table.
    typealias Entry = (key: [UInt8], value: [UInt8])
    /// What to write under a key; nil removes it.
    typealias Change = (table: String, key: [UInt8], value: [UInt8]?)

    /// The value of a key, or nil.
    func value(_ table: String, _ key: [UInt8]) throws -> [UInt8]? {
        try read { try $0.get(table, key: key) }
    }

    /// Entries from a key on, inclusive; nil begins at the first, or reversed at the last.
    func rows(
        _ table: String,
        from key: [UInt8]?,
        limit: Int,
        reversed: Bool = false
    ) throws -> [Entry] {
        try read { transaction in
            guard let key else {
                return try transaction.scan(table, prefix: [], limit: limit, reversed: reversed)
            }
            return try transaction.scan(table, from: key, limit: limit, reversed: reversed)
        }
    }

    /// Entries whose keys begin with a prefix, from a key on.
    func rows(
        _ table: String,
        prefix: [UInt8],
        from key: [UInt8]? = nil,
        limit: Int
    ) throws -> [Entry] {
        try read { transaction in
            guard let key else {
                return try transaction.scan(table, prefix: prefix, limit: limit)
            }
            return try transaction.scan(table, from: key, limit: limit)
                .prefix { $0.key.starts(with: prefix) }
        }
    }

    /// How many entries a table has.
    func rowCount(_ table: String) throws -> Int { try read { try $0.count(table) } }

    /// How many entries have keys that begin with a prefix; walks over them.
    func rowCount(_ table: String, prefix: [UInt8]) throws -> Int {
        var count = 0
        var from: [UInt8]?
        while true {
            let page = try rows(table, prefix: prefix, from: from, limit: 1000)
            count += page.count
            guard let last = page.last, page.count == 1000 else { return count }
            from = last.key + [0]
        }
    }

    /// Writes everything in one transaction.
    func put(_ changes: [Change]) async throws {
        try await write { transaction in
            for change in changes {
                if let value = change.value {
                    try transaction.put(change.table, key: change.key, value: value)
                } else {
                    try transaction.delete(change.table, key: change.key)
                }
            }
        }
    }

    /// Empties tables in one transaction.
    func clear(_ tables: [String]) async throws {
        guard !tables.isEmpty else { return }
        try await write { transaction in
            for table in tables { try transaction.clear(table) }
        }
    }

    /// Removes all entries whose keys begin with a prefix, in as many transactions as it takes.
    func clear(_ table: String, prefix: [UInt8]) async throws {
        while true {
            let left = try await write { transaction in
                let page = try transaction.scan(table, prefix: prefix, limit: 5000)
                for entry in page { try transaction.delete(table, key: entry.key) }
                return page.count == 5000
            }
            guard left else { return }
        }
    }
}

import CLMDB

/// A view of one committed state; lives inside ``Environment/read(_:)`` only.
struct ReadTransaction: ~Copyable {
    fileprivate let pointer: OpaquePointer
    fileprivate let handles: [MDB_dbi]
    let path: String

    init(_ pointer: OpaquePointer, handles: [MDB_dbi], path: String) {
        self.pointer = pointer
        self.handles = handles
        self.path = path
    }

    /// Hands the value of a key to the closure; nil if the key is not there.
    func get<R>(
        _ table: Int,
        key: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) throws(EventLogError) -> R
    ) throws(EventLogError) -> R? {
        var keySlot = MDB_val(
            mv_size: key.count,
            mv_data: UnsafeMutableRawPointer(mutating: key.baseAddress)
        )
        var valueSlot = MDB_val()
        let code = mdb_get(pointer, handles[table], &keySlot, &valueSlot)
        switch code {
        case MDB_SUCCESS:
            return try body(
                UnsafeRawBufferPointer(start: valueSlot.mv_data, count: valueSlot.mv_size)
            )
        case MDB_NOTFOUND: return nil
        default: throw EventLogError.lmdb(code, "mdb_get", path)
        }
    }

    /// Hands the value of an integer key to the closure; nil if the key is not there.
    func get<R>(
        _ table: Int,
        integer key: UInt64,
        _ body: (UnsafeRawBufferPointer) throws(EventLogError) -> R
    ) throws(EventLogError) -> R? {
        var local = key
        return try withUnsafeMutableBytes(of: &local) { bytes throws(EventLogError) in
            try get(table, key: UnsafeRawBufferPointer(bytes), body)
        }
    }

    /// The bytes of a key's value; nil if the key is not there.
    func bytes(_ table: Int, key: [UInt8]) throws(EventLogError) -> [UInt8]? {
        try key.withBytes { key throws(EventLogError) in
            try get(table, key: key) { value throws(EventLogError) in Array(value) }
        }
    }

    /// Hands a cursor to the closure.
    func withCursor<R>(
        _ table: Int,
        _ body: (inout Cursor) throws(EventLogError) -> R
    ) throws(EventLogError) -> R {
        var cursor = try Cursor(pointer, handles[table], path: path)
        return try body(&cursor)
    }

    /// How many entries a table has.
    func count(_ table: Int) throws(EventLogError) -> Int {
        var statistics = MDB_stat()
        let code = mdb_stat(pointer, handles[table], &statistics)
        guard code == MDB_SUCCESS else { throw EventLogError.lmdb(code, "mdb_stat", path) }
        return statistics.ms_entries
    }
}

/// Changes that are committed together; lives inside ``Environment/write(_:)`` only.
struct WriteTransaction: ~Copyable {
    /// What can be read, this transaction's own changes included.
    let reading: ReadTransaction
    private let environment: Environment

    init(_ reading: consuming ReadTransaction, environment: Environment) {
        self.reading = reading
        self.environment = environment
    }

    /// Stores a value under a key, whether or not the key was there.
    func put(
        _ table: Int,
        key: UnsafeRawBufferPointer,
        value: UnsafeRawBufferPointer
    ) throws(EventLogError) {
        try check(put(table, key, value, flags: 0), "mdb_put")
    }

    /// Stores a value under a key, whether or not the key was there.
    func put(_ table: Int, key: [UInt8], value: [UInt8]) throws(EventLogError) {
        try key.withBytes { key throws(EventLogError) in
            try value.withBytes { value throws(EventLogError) in
                try put(table, key: key, value: value)
            }
        }
    }

    /// Stores a value under an integer key that must be above all keys of the table.
    func append(
        _ table: Int,
        integer key: UInt64,
        value: UnsafeRawBufferPointer
    ) throws(EventLogError) {
        var local = key
        try withUnsafeMutableBytes(of: &local) { bytes throws(EventLogError) in
            let key = UnsafeRawBufferPointer(bytes)
            try check(put(table, key, value, flags: UInt32(MDB_APPEND)), "mdb_put")
        }
    }

    /// Removes a key; false if it was not there.
    func delete(_ table: Int, key: UnsafeRawBufferPointer) throws(EventLogError) -> Bool {
        var keySlot = MDB_val(
            mv_size: key.count,
            mv_data: UnsafeMutableRawPointer(mutating: key.baseAddress)
        )
        let code = mdb_del(reading.pointer, reading.handles[table], &keySlot, nil)
        if code == MDB_NOTFOUND { return false }
        try check(code, "mdb_del")
        return true
    }

    /// Removes all entries of a table.
    func clear(_ table: Int) throws(EventLogError) {
        try check(mdb_drop(reading.pointer, reading.handles[table], 0), "mdb_drop")
    }

    private func put(
        _ table: Int,
        _ key: UnsafeRawBufferPointer,
        _ value: UnsafeRawBufferPointer,
        flags: UInt32
    ) -> Int32 {
        var keySlot = MDB_val(
            mv_size: key.count,
            mv_data: UnsafeMutableRawPointer(mutating: key.baseAddress)
        )
        var valueSlot = MDB_val(
            mv_size: value.count,
            mv_data: UnsafeMutableRawPointer(mutating: value.baseAddress)
        )
        return mdb_put(reading.pointer, reading.handles[table], &keySlot, &valueSlot, flags)
    }

    private func check(_ code: Int32, _ call: StaticString) throws(EventLogError) {
        guard code != MDB_SUCCESS else { return }
        if code == MDB_MAP_FULL { environment.noteMapFull() }
        throw EventLogError.lmdb(code, call, reading.path)
    }
}

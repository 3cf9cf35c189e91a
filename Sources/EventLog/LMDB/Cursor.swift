import CLMDB

/// Walks along a table; lives inside ``ReadTransaction/withCursor(_:_:)`` only.
struct Cursor: ~Copyable {
    private let pointer: OpaquePointer
    private let path: String
    private var keySlot = MDB_val()
    private var valueSlot = MDB_val()

    init(_ transaction: OpaquePointer, _ handle: MDB_dbi, path: String) throws(EventLogError) {
        var opened: OpaquePointer?
        let code = mdb_cursor_open(transaction, handle, &opened)
        guard code == MDB_SUCCESS, let opened else {
            throw EventLogError.lmdb(code, "mdb_cursor_open", path)
        }
        pointer = opened
        self.path = path
    }

    deinit { mdb_cursor_close(pointer) }

    /// The key under the cursor; it dies with the transaction.
    var key: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: keySlot.mv_data, count: keySlot.mv_size)
    }

    /// The value under the cursor; it dies with the transaction.
    var value: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: valueSlot.mv_data, count: valueSlot.mv_size)
    }

    mutating func first() throws(EventLogError) -> Bool { try move(MDB_FIRST) }
    mutating func last() throws(EventLogError) -> Bool { try move(MDB_LAST) }
    mutating func next() throws(EventLogError) -> Bool { try move(MDB_NEXT) }
    mutating func previous() throws(EventLogError) -> Bool { try move(MDB_PREV) }

    /// Goes to the first key that is not less than the given one.
    mutating func seek(_ key: UnsafeRawBufferPointer) throws(EventLogError) -> Bool {
        keySlot = MDB_val(
            mv_size: key.count,
            mv_data: UnsafeMutableRawPointer(mutating: key.baseAddress)
        )
        return try move(MDB_SET_RANGE)
    }

    /// Goes to the first integer key that is not less than the given one.
    mutating func seek(_ key: UInt64) throws(EventLogError) -> Bool {
        // LMDB points the key slot into its own page on success, so the local may die.
        var local = key
        return try withUnsafeMutableBytes(of: &local) { bytes throws(EventLogError) in
            try seek(UnsafeRawBufferPointer(bytes))
        }
    }

    /// The integer key under the cursor.
    var integerKey: UInt64 { key.loadUnaligned(as: UInt64.self) }

    private mutating func move(_ operation: MDB_cursor_op) throws(EventLogError) -> Bool {
        let code = mdb_cursor_get(pointer, &keySlot, &valueSlot, operation)
        switch code {
        case MDB_SUCCESS: return true
        case MDB_NOTFOUND: return false
        default: throw EventLogError.lmdb(code, "mdb_cursor_get", path)
        }
    }
}

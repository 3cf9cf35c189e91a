/// A view of all tables at one moment; to be used inside the closure that it is given to, and no
/// later.
public class TableTransaction {
    /// The transaction of the closure that runs; gone when the closure has ended.
    fileprivate enum Access {
        case reading(UnsafePointer<ReadTransaction>)
        case ended
    }

    fileprivate var access: Access
    fileprivate let tables: [String: Int]

    fileprivate init(_ reading: UnsafePointer<ReadTransaction>, tables: [String: Int]) {
        access = .reading(reading)
        self.tables = tables
    }

    /// Hands a transaction to the closure that may only read.
    static func read<R>(
        _ transaction: borrowing ReadTransaction,
        tables: [String: Int],
        _ body: (TableTransaction) -> R
    ) -> R {
        withUnsafePointer(to: transaction) { pointer in
            let access = TableTransaction(pointer, tables: tables)
            defer { access.access = .ended }
            return body(access)
        }
    }

    /// The value of a key; nil if the key is not there.
    ///
    /// - Throws: ``EventLogError`` for an unknown table or a key that cannot be one.
    public func get(_ table: String, key: [UInt8]) throws(EventLogError) -> [UInt8]? {
        let number = try number(of: table)
        try TableTransaction.check(key)
        return try reading().pointee.bytes(number, key: key)
    }

    /// The entries whose keys begin with some bytes, in the order of the keys.
    ///
    /// - Parameters:
    ///   - table: which table.
    ///   - prefix: what the keys begin with; nothing means all of them.
    ///   - limit: how many at the most.
    ///   - reversed: true to begin with the last of them.
    /// - Throws: ``EventLogError`` for an unknown table.
    public func scan(
        _ table: String,
        prefix: [UInt8] = [],
        limit: Int = .max,
        reversed: Bool = false
    ) throws(EventLogError) -> [(key: [UInt8], value: [UInt8])] {
        try scan(
            table,
            begin: reversed ? TableTransaction.successor(of: prefix) : prefix,
            limit: limit,
            reversed: reversed,
            isEndExcluded: true
        ) { key in key.starts(with: prefix) }
    }

    /// The entries from a key on, in the order of the keys or against it.
    ///
    /// - Parameters:
    ///   - table: which table.
    ///   - key: where to begin, inclusive; a key that is not there is fine.
    ///   - limit: how many at the most.
    ///   - reversed: true to go towards the first key.
    /// - Throws: ``EventLogError`` for an unknown table.
    public func scan(
        _ table: String,
        from key: [UInt8],
        limit: Int = .max,
        reversed: Bool = false
    ) throws(EventLogError) -> [(key: [UInt8], value: [UInt8])] {
        try scan(
            table,
            begin: key,
            limit: limit,
            reversed: reversed,
            isEndExcluded: false
        ) { _ in true }
    }

    /// How many entries a table has.
    ///
    /// - Throws: ``EventLogError`` for an unknown table.
    public func count(_ table: String) throws(EventLogError) -> Int {
        let number = try number(of: table)
        return try reading().pointee.count(number)
    }

    /// Walks from a key (nil: from the end) while the keys are wanted.
    private func scan(
        _ table: String,
        begin: [UInt8]?,
        limit: Int,
        reversed: Bool,
        isEndExcluded: Bool,
        _ isWanted: (UnsafeRawBufferPointer) -> Bool
    ) throws(EventLogError) -> [(key: [UInt8], value: [UInt8])] {
        let number = try number(of: table)
        guard limit > 0 else { return [] }
        return try reading().pointee.withCursor(number) { cursor throws(EventLogError) in
            var isThere = try TableTransaction.seek(
                &cursor,
                begin,
                reversed: reversed,
                isEndExcluded: isEndExcluded
            )
            var entries: [(key: [UInt8], value: [UInt8])] = []
            while isThere, isWanted(cursor.key), entries.count < limit {
                entries.append((Array(cursor.key), Array(cursor.value)))
                isThere = reversed ? try cursor.previous() : try cursor.next()
            }
            return entries
        }
    }

    private static func seek(
        _ cursor: inout Cursor,
        _ begin: [UInt8]?,
        reversed: Bool,
        isEndExcluded: Bool
    ) throws(EventLogError) -> Bool {
        guard let begin else { return reversed ? try cursor.last() : try cursor.first() }
        // LMDB refuses an empty key, also to look for.
        guard !begin.isEmpty else {
            return reversed ? false : try cursor.first()
        }
        let isThere = try begin.withBytes { key throws(EventLogError) in try cursor.seek(key) }
        guard reversed else { return isThere }
        guard isThere else { return try cursor.last() }
        if !isEndExcluded, cursor.key.elementsEqual(begin) { return true }
        return try cursor.previous()
    }

    /// The first key after all those that begin with some bytes; nil if there is none.
    private static func successor(of prefix: [UInt8]) -> [UInt8]? {
        var bytes = prefix
        while let last = bytes.popLast() {
            guard last < .max else { continue }
            return bytes + [last + 1]
        }
        return nil
    }

    fileprivate static func check(_ key: [UInt8]) throws(EventLogError) {
        guard !key.isEmpty, key.count <= Environment.keyBytesMax else {
            throw EventLogError(
                .invalid,
                "a key must have 1 to \(Environment.keyBytesMax) bytes, this one has \(key.count)"
            )
        }
    }

    fileprivate func number(of table: String) throws(EventLogError) -> Int {
        guard let number = tables[table] else {
            throw EventLogError(
                .invalid,
                "there is no table '\(table)'; the tables are \(tables.keys.sorted())"
            )
        }
        return number
    }

    fileprivate func reading() throws(EventLogError) -> UnsafePointer<ReadTransaction> {
        guard case .reading(let pointer) = access else {
            throw EventLogError(.closed, "a table transaction was used after its closure had ended")
        }
        return pointer
    }
}

/// A transaction that can change tables; all its changes are kept, or none if the closure throws.
public final class TableWriteTransaction: TableTransaction {
    private let writing: UnsafePointer<WriteTransaction>

    private init(
        _ writing: UnsafePointer<WriteTransaction>,
        _ reading: UnsafePointer<ReadTransaction>,
        tables: [String: Int]
    ) {
        self.writing = writing
        super.init(reading, tables: tables)
    }

    /// Hands a transaction to the closure that may write.
    static func write<R>(
        _ transaction: borrowing WriteTransaction,
        tables: [String: Int],
        _ body: (TableWriteTransaction) -> R
    ) -> R {
        withUnsafePointer(to: transaction) { writing in
            withUnsafePointer(to: transaction.reading) { reading in
                let access = TableWriteTransaction(writing, reading, tables: tables)
                defer { access.access = .ended }
                return body(access)
            }
        }
    }

    /// Stores a value under a key, in place of an older one.
    ///
    /// - Throws: ``EventLogError`` for an unknown table, a key that cannot be one, or a full disk.
    public func put(
        _ table: String,
        key: [UInt8],
        value: [UInt8]
    ) throws(EventLogError) {
        let number = try number(of: table)
        try TableTransaction.check(key)
        _ = try reading()
        try writing.pointee.put(number, key: key, value: value)
    }

    /// Removes a key.
    ///
    /// - Returns: false if it was not there.
    /// - Throws: ``EventLogError`` for an unknown table, a key that cannot be one, or a full disk.
    @discardableResult
    public func delete(_ table: String, key: [UInt8]) throws(EventLogError) -> Bool {
        let number = try number(of: table)
        try TableTransaction.check(key)
        _ = try reading()
        return try key.withBytes { key throws(EventLogError) in
            try writing.pointee.delete(number, key: key)
        }
    }

    /// Removes all entries of a table.
    ///
    /// - Throws: ``EventLogError`` for an unknown table.
    public func clear(_ table: String) throws(EventLogError) {
        let number = try number(of: table)
        _ = try reading()
        try writing.pointee.clear(number)
    }
}

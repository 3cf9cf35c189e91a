import CLMDB
import Glibc

// The file of an environment, page by page.
extension Environment {
    /// How often a state is pinned anew because later commits overtook it in between.
    private static let pinsMax = 1000

    /// Reads one committed state page by page, each checked when it is read.
    ///
    /// See ``read(_:)`` for what the closure must not do.
    func readPages<R>(
        _ body: (PageSnapshot) throws(EventLogError) -> R
    ) throws(EventLogError) -> R {
        for _ in 0..<Environment.pinsMax {
            let transaction = try beginReading()
            defer { endReading(transaction) }
            guard let snapshot = try pages?.snapshot(of: UInt64(mdb_txn_id(transaction))) else {
                continue
            }
            return try body(snapshot)
        }
        throw notPinned
    }

    /// Takes note of how many bytes were read page by page, so that they do not pile up as memory of
    /// this process; to be called within ``readPages(_:)``.
    func noteRead(bytes: Int) { pages?.noteRead(bytes: bytes) }

    private var notPinned: EventLogError {
        EventLogError(
            .corrupt,
            "\(file) is damaged: its meta pages are not those of its transactions; "
                + PageDamage.remedy
        )
    }

    /// Checks the trees of the newest state before LMDB reads any of them.
    func checkPages() throws(EventLogError) {
        for _ in 0..<Environment.pinsMax {
            var begun: OpaquePointer?
            try check(mdb_txn_begin(pointer, nil, UInt32(MDB_RDONLY), &begun), "mdb_txn_begin")
            guard let begun else { throw EventLogError.lmdb(ENOMEM, "mdb_txn_begin", folder) }
            defer { mdb_txn_abort(begun) }
            guard let snapshot = try pages?.snapshot(of: UInt64(mdb_txn_id(begun))) else {
                continue
            }
            try checkPages(of: snapshot)
            // The pages that were looked at lie far apart, and each has brought in its neighbours.
            pages?.release()
            return
        }
        throw notPinned
    }

    /// Checks a state's trees.
    ///
    /// - Parameter readsLeaves: nil reads the leaves of a file that is not large.
    @discardableResult
    func checkPages(
        of snapshot: PageSnapshot,
        readsLeaves: Bool? = nil
    ) throws(EventLogError) -> PageCheck.Outcome {
        let bytes = Int(snapshot.meta.lastPage) * snapshot.pageBytes
        return try PageCheck.run(
            snapshot,
            PageCheck.Options(
                tables: options.tables,
                hasAllTables: options.hasAllTables,
                readsLeaves: readsLeaves ?? (bytes <= PageCheck.leavesBytesMax)
            )
        )
    }
}

import CLMDB
import Glibc

// The file of an environment, page by page.
extension Environment {
    /// How often a state is pinned anew because later commits overtook it in between.
    private static let pinsMax = 1000

    /// Reads one committed state page by page, each checked when it is read.
    ///
    /// Why nothing that the closure reads is written over meanwhile (names in code type are of LMDB
    /// 0.9.24's `mdb.c`). With S the state that the transaction sees:
    ///
    /// 1. `mdb_txn_renew0` stores S in our slot of the reader table, and looks whether S is still the
    ///    newest state.
    /// 2. After a full fence, so that everybody sees the slot, the meta page `S & 1` is looked at. It
    ///    was written whole before S was made known (`mdb_env_write_meta` stores `mti_txnid` last),
    ///    and the commit of S + 2 writes over it. If it has another number, we let go of S and begin
    ///    again. If it has S, then S + 2 is not known yet, so S + 3 has not begun.
    /// 3. A page that S uses is freed by S + 1 at the earliest, and is in the free list under that
    ///    number. `mdb_page_alloc` takes entries below `mdb_find_oldest`, which is at most one less
    ///    than the number of the transaction that asked for it, and at most what any slot holds. So
    ///    only S + 3 or a later one could take the page, and all of those find S in our slot.
    /// 4. ``endReading(_:)`` empties the slot after the closure has returned.
    ///
    /// Looked at in the middle of the write of S + 2, the meta page can name roots of S + 2; their
    /// pages are in the file by then, and are as safe as those of S.
    ///
    /// See ``read(_:)`` for what the closure must not do.
    ///
    /// - Parameter pinned: for tests, runs between the first step and the second.
    func readPages<R>(
        pinned: () -> Void = {},
        _ body: (PageSnapshot) throws(EventLogError) -> R
    ) throws(EventLogError) -> R {
        for _ in 0..<Environment.pinsMax {
            let transaction = try beginReading()
            defer { endReading(transaction) }
            pinned()
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

/// The layout of a data file of LMDB 0.9 on a 64-bit machine; all numbers are in native byte order.
///
/// The file is a row of pages of the same size. Pages 0 and 1 are meta pages: a commit writes the one
/// of its own parity, so the other still describes the state before. Source of the format:
/// `libraries/liblmdb/mdb.c` at tag LMDB_0.9.24, structures `MDB_page`, `MDB_node`, `MDB_db` and
/// `MDB_meta`.
enum PageLayout {
    /// A page begins with its number (8 bytes), padding (2), flags (2), and the ends of the slots
    /// and of the free space (2 each), which in the first page of an overflow run are the number of
    /// its pages (4).
    static let headerBytes = 16
    static let flagsOffset = 10
    static let lowerOffset = 12
    static let upperOffset = 14
    static let overflowCountOffset = 12
    /// A slot is the offset of a node in its page.
    static let slotBytes = 2
    /// A node begins with its size or child page in three parts (2 bytes each), of which the third is
    /// flags in a leaf, and the size of its key (2).
    static let nodeHeaderBytes = 8
    static let integerKeyBytes = 8
    /// The first pages, which are no part of any tree.
    static let metaPageCount: UInt64 = 2
    static let metaBytes = 136
    static let magic: UInt32 = 0xBEEF_C0DE
    static let version: UInt32 = 1
    /// The root of an empty tree.
    static let noPage = UInt64.max
    /// LMDB's cursors are no deeper.
    static let depthMax: UInt16 = 32
    /// `MDB_INTEGERKEY`: keys are native integers.
    static let integerKeys: UInt16 = 0x08
    /// `MDB_NOSUBDIR`, which may stand among the flags of a file.
    static let noFolder: UInt16 = 0x4000
    /// A node's value lies on overflow pages; the node holds the number of the first.
    static let isOverflowing: UInt16 = 0x01
    /// A node's value is the record of a tree: a named table.
    static let isTree: UInt16 = 0x02
}

/// What a page is, by its flags; no page on disk has two of them.
enum PageKind: UInt16 {
    case branch = 0x01
    case leaf = 0x02
    case overflow = 0x04
    case meta = 0x08
}

/// What a file says of one of its trees (`MDB_db`, 48 bytes).
struct TreeRecord: Sendable, Hashable {
    static let byteCount = 48

    /// In the record of the free list the size of a page, else 0.
    var padding: UInt32
    var flags: UInt16
    var depth: UInt16
    var branchPageCount: UInt64
    var leafPageCount: UInt64
    var overflowPageCount: UInt64
    var entryCount: UInt64
    var root: UInt64

    /// Reads a record; 48 bytes must be there.
    init(_ pointer: UnsafeRawPointer) {
        padding = pointer.loadUnaligned(as: UInt32.self)
        flags = pointer.loadUnaligned(fromByteOffset: 4, as: UInt16.self)
        depth = pointer.loadUnaligned(fromByteOffset: 6, as: UInt16.self)
        branchPageCount = pointer.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        leafPageCount = pointer.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
        overflowPageCount = pointer.loadUnaligned(fromByteOffset: 24, as: UInt64.self)
        entryCount = pointer.loadUnaligned(fromByteOffset: 32, as: UInt64.self)
        root = pointer.loadUnaligned(fromByteOffset: 40, as: UInt64.self)
    }

    var isEmpty: Bool { root == PageLayout.noPage }
    var hasIntegerKeys: Bool { flags & PageLayout.integerKeys != 0 }
}

/// What a meta page says (`MDB_meta`, 136 bytes after the page's header).
struct PageMeta: Sendable, Hashable {
    var storedNumber: UInt64
    var pageFlags: UInt16
    var magic: UInt32
    var version: UInt32
    /// Pages that are free, by the number of the transaction that freed them.
    var free: TreeRecord
    /// The named tables.
    var main: TreeRecord
    var lastPage: UInt64
    var transaction: UInt64

    /// Reads a meta page; its header and 136 bytes must be there.
    init(_ page: UnsafeRawPointer) {
        storedNumber = page.loadUnaligned(as: UInt64.self)
        pageFlags = page.loadUnaligned(fromByteOffset: PageLayout.flagsOffset, as: UInt16.self)
        let meta = page + PageLayout.headerBytes
        magic = meta.loadUnaligned(as: UInt32.self)
        version = meta.loadUnaligned(fromByteOffset: 4, as: UInt32.self)
        free = TreeRecord(meta + 24)
        main = TreeRecord(meta + 72)
        lastPage = meta.loadUnaligned(fromByteOffset: 120, as: UInt64.self)
        transaction = meta.loadUnaligned(fromByteOffset: 128, as: UInt64.self)
    }

    var pageBytes: Int { Int(free.padding) }
}

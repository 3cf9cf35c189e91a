import Glibc

/// Checks the trees of a data file, so that LMDB, which trusts every byte, can be let at it.
///
/// Always checked: every branch page of every tree, the free list, the main tree, each table's last
/// path down to its leaf; that keys ascend and lie between those of their branch; that no page is
/// used twice, by trees or by the free list, nor lies outside the file; that each tree has as many
/// pages as it says. With ``Options/readsLeaves`` also every leaf and every overflow run. What stands
/// in the values is not looked at: records have checksums of their own.
struct PageCheck {
    /// A larger file's leaves are not all read when it is opened, but when they are first needed.
    static let leavesBytesMax = 64 << 20
    /// How many free pages at the end of the file may be missing from it.
    static let missingPagesMax: UInt64 = 1 << 16

    struct Options: Sendable {
        /// The tables that are known, with the order of their keys.
        var tables: [Table]
        /// Whether the file must have all of them, or none.
        var hasAllTables: Bool
        var readsLeaves: Bool
    }

    /// What was counted.
    struct Outcome: Sendable {
        /// All pages of the state.
        var pageCount: UInt64
        var freePageCount: UInt64
        /// Pages that no tree has and that are not free: wasted, but harmless.
        var lostPageCount: UInt64
    }

    private let snapshot: PageSnapshot
    private let options: Options
    /// A bit for each page that was met.
    private var seen: [UInt64]
    /// A bit for each second byte of a page.
    private var starts: [UInt64]
    private var freePageCount: UInt64 = 0
    private var tables: [TreeWalk] = []

    /// Checks a state of a file, whose meta pages were checked before.
    ///
    /// - Throws: ``EventLogError`` with page and byte for the first thing that is wrong.
    static func run(
        _ snapshot: PageSnapshot,
        _ options: Options
    ) throws(EventLogError) -> Outcome {
        var check = PageCheck(snapshot, options)
        return try check.run()
    }

    private init(_ snapshot: PageSnapshot, _ options: Options) {
        self.snapshot = snapshot
        self.options = options
        seen = [UInt64](repeating: 0, count: Int(snapshot.meta.lastPage / 64) + 1)
        starts = [UInt64](repeating: 0, count: snapshot.pageBytes / 128)
    }

    private mutating func run() throws(EventLogError) -> Outcome {
        let meta = snapshot.meta
        let metaPage = meta.transaction & 1
        let place = (page: metaPage, offset: PageLayout.headerBytes)
        var free = TreeWalk(.free, meta.free, (metaPage, place.offset + 24), readsLeaves: true)
        var main = TreeWalk(.main, meta.main, (metaPage, place.offset + 72), readsLeaves: true)
        try walk(&main)
        try checkNames()
        var pageCount = PageLayout.metaPageCount
        for index in tables.indices {
            var table = tables[index]
            try walk(&table)
            pageCount += table.pageCount
        }
        // Last, so that a page that is in use and free is reported where it is free.
        try walk(&free)
        pageCount += main.pageCount + free.pageCount + freePageCount
        try checkEnd()
        guard pageCount <= meta.lastPage + 1 else {
            throw damaged(
                (metaPage, place.offset + 120),
                "trees and free list have \(pageCount) pages, the file \(meta.lastPage + 1)"
            )
        }
        return Outcome(
            pageCount: meta.lastPage + 1,
            freePageCount: freePageCount,
            lostPageCount: meta.lastPage + 1 - pageCount
        )
    }

    // MARK: Trees

    private mutating func walk(_ tree: inout TreeWalk) throws(EventLogError) {
        let record = tree.record
        if !record.isEmpty {
            guard record.depth >= 1, record.depth <= PageLayout.depthMax else {
                throw damaged(tree.place, "\(tree.name) has a depth of \(record.depth)")
            }
            try walk(record.root, level: 1, KeyBounds(), &tree)
        }
        let counts = [
            ("levels", UInt64(record.depth), record.isEmpty ? 0 : UInt64(record.depth)),
            ("branch pages", record.branchPageCount, tree.branchPageCount),
            ("leaf pages", record.leafPageCount, tree.leafPageCount),
            (
                "overflow pages", record.overflowPageCount,
                tree.readsLeaves ? tree.overflowPageCount : record.overflowPageCount
            ),
            ("entries", record.entryCount, tree.readsLeaves ? tree.entryCount : record.entryCount),
        ]
        for (what, said, found) in counts where said != found {
            throw damaged(tree.place, "\(tree.name) says that it has \(said) \(what), not \(found)")
        }
        guard record.overflowPageCount <= snapshot.meta.lastPage else {
            throw damaged(
                tree.place,
                "\(tree.name) has more overflow pages than the file has pages"
            )
        }
    }

    private mutating func walk(
        _ number: UInt64,
        level: UInt16,
        _ bounds: KeyBounds,
        _ tree: inout TreeWalk
    ) throws(EventLogError) {
        try mark(number)
        if level == tree.record.depth {
            try checkLeaf(number, bounds, &tree)
        } else {
            try checkBranch(number, level: level, bounds, &tree)
        }
    }

    private mutating func checkBranch(
        _ number: UInt64,
        level: UInt16,
        _ bounds: KeyBounds,
        _ tree: inout TreeWalk
    ) throws(EventLogError) {
        let page = try snapshot.page(number, .branch)
        tree.branchPageCount += 1
        let count = page.count
        // LMDB aborts the process on a branch with a single child, but for the free list.
        guard count >= 2 || tree.kind == .free else {
            throw snapshot.damaged(page, at: PageLayout.lowerOffset, "a branch has a single child")
        }
        try checkNodes(page, isLeaf: false)
        for index in 0..<count {
            let node = try snapshot.node(page, index)
            var inner = bounds
            // The first key is never read: it stands for everything below the second.
            if index > 0 { inner.lower = node.key }
            if index + 1 < count {
                inner.upper = try snapshot.node(page, index + 1).key
                inner.isLast = false
            }
            if index > 0 { try tree.checkOrder(node, page, bounds, before: index - 1, snapshot) }
            let isLeaf = level + 1 == tree.record.depth
            guard !isLeaf || tree.readsLeaves || inner.isLast else {
                try mark(node.child)
                tree.leafPageCount += 1
                continue
            }
            try walk(node.child, level: level + 1, inner, &tree)
        }
    }

    private mutating func checkLeaf(
        _ number: UInt64,
        _ bounds: KeyBounds,
        _ tree: inout TreeWalk
    ) throws(EventLogError) {
        let page = try snapshot.page(number, .leaf)
        tree.leafPageCount += 1
        try checkNodes(page, isLeaf: true)
        for index in 0..<page.count {
            let node = try snapshot.node(page, index)
            try tree.checkOrder(node, page, bounds, before: index - 1, snapshot)
            if node.flags == PageLayout.isOverflowing {
                let run = try snapshot.overflowPage(node, page)
                for offset in 0..<run.overflowCount { try mark(run.number + offset) }
                tree.overflowPageCount += run.overflowCount
            }
            switch tree.kind {
            case .free: try checkFreeList(node, page)
            case .main: try noteTable(node, page)
            case .table:
                guard node.flags & ~PageLayout.isOverflowing == 0 else {
                    throw snapshot.damaged(
                        page,
                        at: node.offset,
                        "entry \(index) has flags \(node.flags), which no table here uses"
                    )
                }
            }
        }
        tree.entryCount += UInt64(page.count)
    }

    /// Checks that the nodes lie side by side from the end of the free space to the end of the page.
    private mutating func checkNodes(_ page: Page, isLeaf: Bool) throws(EventLogError) {
        let pageBytes = snapshot.pageBytes
        for index in starts.indices { starts[index] = 0 }
        var sum = 0
        for index in 0..<page.count {
            let node = try snapshot.node(page, index)
            let bit = node.offset / 2
            let isTwin = starts[bit / 64] & 1 << UInt64(bit % 64) != 0
            starts[bit / 64] |= 1 << UInt64(bit % 64)
            let size = node.byteCount(isLeaf: isLeaf)
            guard !isTwin, size <= pageBytes - node.offset else {
                throw snapshot.damaged(
                    page,
                    at: PageLayout.headerBytes + 2 * index,
                    "entry \(index) overlaps another or the end of the page"
                )
            }
            sum += size
        }
        var isTiled = sum == pageBytes - page.upper && isStart(page.upper)
        for index in 0..<page.count where isTiled {
            let node = try snapshot.node(page, index)
            let end = node.offset + node.byteCount(isLeaf: isLeaf)
            isTiled = end == pageBytes || isStart(end)
        }
        guard isTiled else {
            throw snapshot.damaged(
                page,
                at: PageLayout.upperOffset,
                "its entries overlap or leave holes"
            )
        }
    }

    private func isStart(_ offset: Int) -> Bool {
        offset < snapshot.pageBytes && starts[offset / 128] & 1 << UInt64(offset / 2 % 64) != 0
    }

    // MARK: Main tree

    private mutating func noteTable(_ node: PageNode, _ page: Page) throws(EventLogError) {
        guard node.flags == PageLayout.isTree, node.size == TreeRecord.byteCount else {
            throw snapshot.damaged(page, at: node.offset, "an entry of the main tree is no table")
        }
        let name = String(decoding: node.key, as: UTF8.self)
        let record = TreeRecord(node.value)
        let known = options.tables.first { $0.name == name }
        let isRight =
            known.map { UInt32(record.flags) == $0.flags }
            ?? (record.flags & ~PageLayout.integerKeys == 0)
        guard isRight, record.padding == 0 else {
            throw snapshot.damaged(
                page,
                at: node.valueOffset,
                "table '\(name)' has flags \(record.flags) and padding \(record.padding)"
            )
        }
        tables.append(
            TreeWalk(
                .table(name),
                record,
                (page.number, node.valueOffset),
                readsLeaves: options.readsLeaves
            )
        )
    }

    private func checkNames() throws(EventLogError) {
        guard options.hasAllTables, !tables.isEmpty else { return }
        for table in options.tables where !tables.contains(where: { $0.isNamed(table.name) }) {
            throw EventLogError(
                .corrupt,
                "\(snapshot.path) is damaged: it has no table '\(table.name)'; "
                    + PageDamage.remedy
            )
        }
    }

    // MARK: Pages

    private mutating func checkFreeList(_ node: PageNode, _ page: Page) throws(EventLogError) {
        let list = try snapshot.value(node, page)
        let roomCount = list.count / 8
        let count = roomCount > 0 ? list.loadUnaligned(as: UInt64.self) : 0
        guard list.count % 8 == 0, roomCount > 0, count < UInt64(roomCount) else {
            throw snapshot.damaged(
                page,
                at: node.valueOffset,
                "a list of \(count) free pages has \(list.count) bytes"
            )
        }
        guard node.integerKey <= snapshot.meta.transaction else {
            throw snapshot.damaged(
                page,
                at: node.offset,
                "pages were freed by transaction \(node.integerKey), which is yet to come"
            )
        }
        var before = UInt64.max
        for index in 0..<Int(count) {
            let number = list.loadUnaligned(fromByteOffset: 8 + index * 8, as: UInt64.self)
            guard number < before, number >= PageLayout.metaPageCount,
                number <= snapshot.meta.lastPage
            else {
                throw snapshot.damaged(
                    page,
                    at: node.valueOffset,
                    "the list of free pages has \(number) after \(before)"
                )
            }
            guard note(number) else {
                throw snapshot.damaged(
                    page,
                    at: node.valueOffset,
                    "page \(number) is free and in use, or free twice"
                )
            }
            before = number
        }
        freePageCount += count
    }

    /// Takes note of a page of a tree, which must be in the file and in no other place.
    private mutating func mark(_ number: UInt64) throws(EventLogError) {
        guard number >= PageLayout.metaPageCount, number < snapshot.pageCount else {
            throw snapshot.outside(number)
        }
        guard note(number) else {
            throw damaged((number, 0), "the page is used twice")
        }
    }

    /// False if the page was met before.
    private mutating func note(_ number: UInt64) -> Bool {
        let bit = 1 as UInt64 &<< (number % 64)
        guard seen[Int(number / 64)] & bit == 0 else { return false }
        seen[Int(number / 64)] |= bit
        return true
    }

    /// Checks that only free pages are missing at the end of the file.
    private func checkEnd() throws(EventLogError) {
        var number = snapshot.pageCount
        while number <= snapshot.meta.lastPage {
            guard seen[Int(number / 64)] & 1 &<< (number % 64) != 0 else {
                throw EventLogError(
                    .corrupt,
                    "\(snapshot.path) is truncated: it ends before page \(number), but its last "
                        + "page ends at \((snapshot.meta.lastPage + 1) * UInt64(snapshot.pageBytes))"
                        + "; \(PageDamage.remedy)"
                )
            }
            number += 1
        }
    }

    private func damaged(
        _ place: (page: UInt64, offset: Int),
        _ what: String
    ) -> EventLogError {
        PageDamage.error(
            snapshot.path,
            page: place.page,
            pageBytes: snapshot.pageBytes,
            offset: place.offset,
            what
        )
    }
}

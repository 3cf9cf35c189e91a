import Glibc

/// What a check has counted of one tree.
struct TreeWalk {
    enum Kind: Equatable {
        /// Transaction number to the pages that it freed.
        case free
        /// Name to tree.
        case main
        case table(String)
    }

    let kind: Kind
    let record: TreeRecord
    /// Where the record stands.
    let place: (page: UInt64, offset: Int)
    let readsLeaves: Bool
    var branchPageCount: UInt64 = 0
    var leafPageCount: UInt64 = 0
    var overflowPageCount: UInt64 = 0
    var entryCount: UInt64 = 0

    init(
        _ kind: Kind,
        _ record: TreeRecord,
        _ place: (page: UInt64, offset: Int),
        readsLeaves: Bool
    ) {
        self.kind = kind
        self.record = record
        self.place = place
        self.readsLeaves = readsLeaves
    }

    var name: String {
        switch kind {
        case .free: "the free list"
        case .main: "the main tree"
        case .table(let name): "table '\(name)'"
        }
    }

    func isNamed(_ name: String) -> Bool { kind == .table(name) }

    /// How many pages the tree has, as far as they were counted and else as it says.
    var pageCount: UInt64 {
        branchPageCount + leafPageCount
            + (readsLeaves ? overflowPageCount : record.overflowPageCount)
    }

    /// Checks that a node's key is above the one before it in the page and within its branch's.
    func checkOrder(
        _ node: PageNode,
        _ page: Page,
        _ bounds: KeyBounds,
        before index: Int,
        _ snapshot: PageSnapshot
    ) throws(EventLogError) {
        guard !record.hasIntegerKeys || node.keyBytes == PageLayout.integerKeyBytes else {
            throw snapshot.damaged(page, at: node.offset, "a key has \(node.keyBytes) bytes, not 8")
        }
        guard node.keyBytes > 0, node.keyBytes <= Environment.keyBytesMax else {
            throw snapshot.damaged(page, at: node.offset, "a key has \(node.keyBytes) bytes")
        }
        var isRight = true
        // A branch has no key before its second entry.
        if index > 0 || (index == 0 && page.flags == PageKind.leaf.rawValue) {
            isRight = isLess(try snapshot.node(page, index).key, node.key)
        }
        if isRight, let lower = bounds.lower { isRight = !isLess(node.key, lower) }
        if isRight, let upper = bounds.upper { isRight = isLess(node.key, upper) }
        guard isRight else {
            throw snapshot.damaged(page, at: node.offset, "a key is out of order")
        }
    }

    /// LMDB's order of keys; those of integers have eight bytes, which was checked.
    private func isLess(
        _ left: UnsafeRawBufferPointer,
        _ right: UnsafeRawBufferPointer
    ) -> Bool {
        if record.hasIntegerKeys, left.count == 8, right.count == 8 {
            return left.loadUnaligned(as: UInt64.self) < right.loadUnaligned(as: UInt64.self)
        }
        guard let leftBase = left.baseAddress, let rightBase = right.baseAddress else {
            return left.count < right.count
        }
        let order = memcmp(leftBase, rightBase, min(left.count, right.count))
        return order == 0 ? left.count < right.count : order < 0
    }
}

/// Between which keys a page's keys must lie.
struct KeyBounds {
    var lower: UnsafeRawBufferPointer?
    /// Not itself among them.
    var upper: UnsafeRawBufferPointer?
    /// Whether the page is on the last path of its tree.
    var isLast = true
}

extension PageNode {
    /// How many bytes of its page a node takes.
    func byteCount(isLeaf: Bool) -> Int {
        let head = PageLayout.nodeHeaderBytes + keyBytes
        guard isLeaf else { return (head + 1) & ~1 }
        let isElsewhere = flags & PageLayout.isOverflowing != 0
        return (head + (isElsewhere ? 8 : size) + 1) & ~1
    }
}

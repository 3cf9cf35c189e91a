/// Reads a table whose keys are consecutive positions, without LMDB's cursors, which trust every byte.
///
/// On the way down each page's header, the entries that are looked at, and the bounds that the
/// branches set for their children are checked; in a leaf, that position follows position.
struct PageReader {
    let snapshot: PageSnapshot
    let tree: TreeRecord

    /// Finds a table in a state of a file; nil if the state has no tables at all.
    ///
    /// - Throws: ``EventLogError`` if the main tree is damaged or has no such table.
    init?(_ snapshot: PageSnapshot, table: String) throws(EventLogError) {
        self.snapshot = snapshot
        let main = snapshot.meta.main
        guard !main.isEmpty else { return nil }
        // The few tables of an environment fit into one page.
        guard main.depth == 1 else {
            throw EventLogError(
                .corrupt,
                "\(snapshot.path) is damaged: its main tree has \(main.depth) levels; "
                    + PageDamage.remedy
            )
        }
        let page = try snapshot.page(main.root, .leaf)
        for index in 0..<page.count {
            let node = try snapshot.node(page, index)
            guard node.key.elementsEqual(table.utf8) else { continue }
            guard node.flags == PageLayout.isTree, node.size == TreeRecord.byteCount,
                node.valueOffset + TreeRecord.byteCount <= snapshot.pageBytes
            else {
                throw snapshot.damaged(page, at: node.offset, "'\(table)' is no table")
            }
            tree = TreeRecord(node.value)
            guard tree.isEmpty || (1...PageLayout.depthMax).contains(tree.depth) else {
                throw snapshot.damaged(page, at: node.valueOffset, "'\(table)' has no depth")
            }
            return
        }
        throw snapshot.damaged(page, at: 0, "it has no table '\(table)'")
    }

    /// A leaf, and the branch above it to find the next one.
    private struct Leaf {
        var page: Page
        /// The branch that leads to it; nil if the leaf is the root.
        var parent: Page?
        /// Which child of the branch it is.
        var index = 0
    }

    /// The last position; 0 if there is none.
    func last() throws(EventLogError) -> UInt64 {
        guard !tree.isEmpty else { return 0 }
        let page = try leaf(of: .max).page
        let key = try snapshot.integerKey(try snapshot.node(page, page.count - 1), page)
        guard key > 0, key < .max else {
            throw snapshot.damaged(page, at: page.slot(page.count - 1), "\(key) is no position")
        }
        return key
    }

    /// The value of a position; it lies in the file, and is valid as long as the state is pinned.
    func value(of position: UInt64) throws(EventLogError) -> UnsafeRawBufferPointer {
        let page = try leaf(of: position).page
        return try value(in: page, try index(of: position, in: page), position)
    }

    /// Hands each value between two positions, both inclusive, to the closure.
    ///
    /// The closure returns false to stop. The last position may be less than the first to go
    /// backward.
    func forEach(
        from first: UInt64,
        through last: UInt64,
        _ body: (UInt64, UnsafeRawBufferPointer) throws(EventLogError) -> Bool
    ) throws(EventLogError) {
        var leaf = try leaf(of: first)
        var position = first
        if first <= last {
            while true {
                let page = leaf.page
                var index = try index(of: position, in: page)
                let count = page.count
                while index < count {
                    let bytes = try value(in: page, index, position)
                    guard try body(position, bytes), position != last else { return }
                    index &+= 1
                    position &+= 1
                }
                leaf = try self.leaf(after: leaf, beginningWith: position)
            }
        }
        while true {
            let page = leaf.page
            var index = try index(of: position, in: page)
            while index >= 0 {
                let bytes = try value(in: page, index, position)
                guard try body(position, bytes), position != last else { return }
                index &-= 1
                position &-= 1
            }
            leaf = try self.leaf(of: position)
        }
    }

    /// The value of an entry, which must be that of the position.
    @inline(__always)
    private func value(
        in page: Page,
        _ index: Int,
        _ position: UInt64
    ) throws(EventLogError) -> UnsafeRawBufferPointer {
        let node = try snapshot.node(page, index)
        guard node.keyBytes == PageLayout.integerKeyBytes, node.integerKey == position else {
            throw missing(position, page)
        }
        return try snapshot.value(node, page)
    }

    /// Where a position stands in a leaf: positions follow each other without gaps.
    private func index(of position: UInt64, in page: Page) throws(EventLogError) -> Int {
        let first = try snapshot.integerKey(try snapshot.node(page, 0), page)
        let index = position &- first
        guard position >= first, index < UInt64(page.count) else {
            throw missing(position, page)
        }
        return Int(index)
    }

    /// The leaf after another one, by the branch above both if it has it.
    private func leaf(after leaf: Leaf, beginningWith position: UInt64) throws(EventLogError)
        -> Leaf
    {
        let index = leaf.index + 1
        guard let parent = leaf.parent, index < parent.count else {
            return try self.leaf(of: position)
        }
        let node = try snapshot.node(parent, index)
        guard try snapshot.integerKey(node, parent) == position else {
            throw missing(position, parent)
        }
        return Leaf(
            page: try snapshot.page(node.child, .leaf),
            parent: parent,
            index: index
        )
    }

    /// The leaf that a position would lie in.
    private func leaf(of position: UInt64) throws(EventLogError) -> Leaf {
        guard !tree.isEmpty else { throw missing(position, nil) }
        var number = tree.root
        var parent: Page?
        var childIndex = 0
        var lower: UInt64 = 0
        var upper = UInt64.max
        for _ in 1..<tree.depth {
            let page = try snapshot.page(number, .branch)
            var low = 0
            var high = page.count
            // The first entry's key is not read: it stands for everything below the second.
            while high &- low > 1 {
                let middle = (low &+ high) / 2
                let key = try snapshot.integerKey(try snapshot.node(page, middle), page)
                guard key >= lower, key <= upper else {
                    throw snapshot.damaged(page, at: page.slot(middle), "a key is out of order")
                }
                if key <= position {
                    low = middle
                    lower = key
                } else {
                    high = middle
                    upper = key
                }
            }
            number = try snapshot.node(page, low).child
            parent = page
            childIndex = low
        }
        return Leaf(page: try snapshot.page(number, .leaf), parent: parent, index: childIndex)
    }

    @inline(never)
    private func missing(_ position: UInt64, _ page: Page?) -> EventLogError {
        let place = page.map { page in
            ", where page \(page.number), byte \(page.number &* UInt64(snapshot.pageBytes)), "
                + "\(contents(page)) in state \(snapshot.meta.transaction), should lead to it"
        }
        return EventLogError(
            .corrupt,
            "event \(position) is missing in \(snapshot.path)\(place ?? ""); \(PageDamage.remedy)"
        )
    }

    /// Which keys a page has, for a message.
    private func contents(_ page: Page) -> String {
        let keys = [1 - min(page.count, 1), page.count - 1].compactMap { index in
            try? snapshot.integerKey(try snapshot.node(page, index), page)
        }
        let kind = page.flags == PageKind.leaf.rawValue ? "a leaf" : "a branch"
        return "\(kind) of \(page.count) entries from \(keys.first ?? 0) to \(keys.last ?? 0)"
    }
}

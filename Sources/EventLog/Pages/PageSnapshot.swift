/// One committed state of a data file, read page by page; nothing outside the file is ever touched.
///
/// The bytes are those of a mapping that must outlive this, and the state must be pinned by a
/// transaction, or by nobody writing.
struct PageSnapshot: Sendable {
    /// For messages.
    let path: String
    let meta: PageMeta
    let pageBytes: Int
    /// How many pages can be read: those of the state that lie in the file.
    let pageCount: UInt64
    // Read only, and mapped for as long as the transaction that pins the state.
    nonisolated(unsafe) private let base: UnsafeRawPointer

    init(path: String, base: UnsafeRawPointer, byteCount: Int, meta: PageMeta) {
        self.path = path
        self.base = base
        self.meta = meta
        pageBytes = meta.pageBytes
        let (pageCount, isBeyond) = meta.lastPage.addingReportingOverflow(1)
        let filePageCount = UInt64(byteCount / max(meta.pageBytes, 1))
        self.pageCount = isBeyond ? filePageCount : min(pageCount, filePageCount)
    }

    /// A page of a tree, its header checked.
    @inline(__always)
    func page(_ number: UInt64, _ kind: PageKind) throws(EventLogError) -> Page {
        guard number >= PageLayout.metaPageCount, number < pageCount else {
            throw outside(number)
        }
        let page = Page(
            number: number,
            pointer: base + Int(truncatingIfNeeded: number) &* pageBytes
        )
        guard page.storedNumber == number, page.flags == kind.rawValue else {
            throw wrongHeader(page, kind)
        }
        if kind == .overflow { return page }
        let lower = page.lower
        guard lower > PageLayout.headerBytes, lower <= page.upper, page.upper <= pageBytes,
            lower & 1 == 0, page.upper & 1 == 0
        else {
            throw damaged(
                page,
                at: PageLayout.lowerOffset,
                "the bounds of its free space are wrong"
            )
        }
        return page
    }

    /// A node of a branch or leaf page; its header and key lie inside the page.
    @inline(__always)
    func node(_ page: Page, _ index: Int) throws(EventLogError) -> PageNode {
        let offset = page.slot(index)
        guard offset >= page.upper, offset & 1 == 0,
            offset &+ PageLayout.nodeHeaderBytes <= pageBytes
        else { throw wrongNode(page, index) }
        let node = PageNode(pointer: page.pointer + offset, offset: offset)
        guard node.valueOffset <= pageBytes else { throw wrongNode(page, index) }
        return node
    }

    /// The integer key of a node.
    @inline(__always)
    func integerKey(
        _ node: PageNode,
        _ page: Page
    ) throws(EventLogError) -> UInt64 {
        guard node.keyBytes == PageLayout.integerKeyBytes else {
            throw damaged(page, at: node.offset, "a key is no position")
        }
        return node.integerKey
    }

    /// The value of a leaf's node, wherever it lies.
    @inline(__always)
    func value(
        _ node: PageNode,
        _ page: Page
    ) throws(EventLogError) -> UnsafeRawBufferPointer {
        let size = node.size
        guard node.flags == 0 else { return try overflowValue(node, page) }
        guard size <= pageBytes &- node.valueOffset else {
            throw damaged(page, at: node.offset, "a value reaches beyond the page")
        }
        return UnsafeRawBufferPointer(start: node.value, count: size)
    }

    /// The number of pages of the run that a value of a size needs.
    func overflowPageCount(_ size: Int) -> UInt64 {
        UInt64((PageLayout.headerBytes - 1 + size) / pageBytes + 1)
    }

    @inline(never)
    private func overflowValue(
        _ node: PageNode,
        _ page: Page
    ) throws(EventLogError) -> UnsafeRawBufferPointer {
        let first = try overflowPage(node, page)
        return UnsafeRawBufferPointer(
            start: first.pointer + PageLayout.headerBytes,
            count: node.size
        )
    }

    /// The first page of a value's overflow run, all of which lies in the file.
    func overflowPage(_ node: PageNode, _ page: Page) throws(EventLogError) -> Page {
        guard node.flags == PageLayout.isOverflowing else {
            throw damaged(page, at: node.offset, "a value has unknown flags \(node.flags)")
        }
        guard node.valueOffset + 8 <= pageBytes else {
            throw damaged(page, at: node.offset, "a value reaches beyond the page")
        }
        let first = try self.page(node.value.loadUnaligned(as: UInt64.self), .overflow)
        let count = first.overflowCount
        guard count >= overflowPageCount(node.size), count <= pageCount - first.number else {
            throw damaged(
                first,
                at: PageLayout.overflowCountOffset,
                "it says that it begins \(count) pages, which is not what its value of "
                    + "\(node.size) bytes takes, or more than there are"
            )
        }
        return first
    }

    // MARK: Errors

    /// What is wrong with a page, where, and what to do.
    @inline(never)
    func damaged(_ page: Page, at offset: Int, _ what: String) -> EventLogError {
        PageDamage.error(path, page: page.number, pageBytes: pageBytes, offset: offset, what)
    }

    @inline(never)
    func outside(_ number: UInt64) -> EventLogError {
        guard number >= PageLayout.metaPageCount, number <= meta.lastPage else {
            return EventLogError(
                .corrupt,
                "\(path) is damaged: it refers to page \(number), but its pages are 2 to "
                    + "\(meta.lastPage); \(PageDamage.remedy)"
            )
        }
        return EventLogError(
            .corrupt,
            "\(path) is truncated: it ends before page \(number), byte "
                + "\(number * UInt64(pageBytes)), which it refers to; \(PageDamage.remedy)"
        )
    }

    @inline(never)
    private func wrongHeader(_ page: Page, _ kind: PageKind) -> EventLogError {
        guard page.storedNumber == page.number else {
            return damaged(page, at: 0, "it says that it is page \(page.storedNumber)")
        }
        let flags = String(page.flags, radix: 16)
        return damaged(
            page,
            at: PageLayout.flagsOffset,
            "it should be a page of kind \(kind) and has flags \(flags)"
        )
    }

    @inline(never)
    private func wrongNode(_ page: Page, _ index: Int) -> EventLogError {
        damaged(
            page,
            at: PageLayout.headerBytes + PageLayout.slotBytes * index,
            "entry \(index) lies outside the page"
        )
    }
}

/// A page that lies in the file.
struct Page {
    let number: UInt64
    let pointer: UnsafeRawPointer

    var storedNumber: UInt64 { pointer.loadUnaligned(as: UInt64.self) }
    var flags: UInt16 {
        pointer.loadUnaligned(fromByteOffset: PageLayout.flagsOffset, as: UInt16.self)
    }
    /// Where the slots end.
    var lower: Int {
        Int(pointer.loadUnaligned(fromByteOffset: PageLayout.lowerOffset, as: UInt16.self))
    }
    /// Where the nodes begin.
    var upper: Int {
        Int(pointer.loadUnaligned(fromByteOffset: PageLayout.upperOffset, as: UInt16.self))
    }
    /// How many nodes there are.
    var count: Int { (lower &- PageLayout.headerBytes) / PageLayout.slotBytes }
    /// How many pages an overflow run has.
    var overflowCount: UInt64 {
        UInt64(
            pointer.loadUnaligned(
                fromByteOffset: PageLayout.overflowCountOffset,
                as: UInt32.self
            )
        )
    }

    /// Where a node begins; the index must be below ``count``.
    @inline(__always)
    func slot(_ index: Int) -> Int {
        let offset = PageLayout.headerBytes &+ PageLayout.slotBytes &* index
        return Int(pointer.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }
}

/// An entry of a page.
struct PageNode {
    let pointer: UnsafeRawPointer
    /// Where it begins in its page.
    let offset: Int

    private func part(_ index: Int) -> UInt16 {
        pointer.loadUnaligned(fromByteOffset: index &* 2, as: UInt16.self)
    }

    /// The size of a leaf's value.
    var size: Int { Int(part(0)) | Int(part(1)) << 16 }
    /// The flags of a leaf's node.
    var flags: UInt16 { part(2) }
    /// The page that a branch's node leads to.
    var child: UInt64 { UInt64(part(0)) | UInt64(part(1)) << 16 | UInt64(part(2)) << 32 }
    var keyBytes: Int { Int(part(3)) }
    var key: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: pointer + PageLayout.nodeHeaderBytes, count: keyBytes)
    }
    var integerKey: UInt64 {
        pointer.loadUnaligned(fromByteOffset: PageLayout.nodeHeaderBytes, as: UInt64.self)
    }
    /// Where the value begins in the page.
    var valueOffset: Int { offset &+ PageLayout.nodeHeaderBytes &+ keyBytes }
    var value: UnsafeRawPointer { pointer + PageLayout.nodeHeaderBytes + keyBytes }
}

/// Words for what is wrong with a file.
enum PageDamage {
    static let remedy = "restore the folder from a backup"

    static func error(
        _ path: String,
        page: UInt64,
        pageBytes: Int,
        offset: Int,
        _ what: String
    ) -> EventLogError {
        let place = page &* UInt64(pageBytes) &+ UInt64(offset)
        return EventLogError(
            .corrupt,
            "\(path) is damaged: page \(page), byte \(place): \(what); \(remedy)"
        )
    }
}

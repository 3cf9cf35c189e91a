import Glibc

/// Looks at the two meta pages of a data file before LMDB does.
enum MetaCheck {
    /// The sizes of pages that LMDB writes.
    private static let pageSizes = [4096, 8192, 16384, 32768]
    /// How often a file is read again because somebody wrote it meanwhile.
    private static let readsMax = 100

    /// Checks the meta pages of a file.
    ///
    /// - Returns: the newer of the two; nil if there is no file yet, or an empty one.
    /// - Throws: ``EventLogError`` with page and byte if LMDB must not be shown this file.
    static func check(_ path: String) throws(EventLogError) -> PageMeta? {
        guard let bytes = try stableBytes(path) else { return nil }
        let size = try Files.size(of: path)
        return try bytes.withBytes { bytes throws(EventLogError) in
            try check(bytes, size: size, path)
        }
    }

    /// Checks meta pages that lie at the start of some bytes, of a file of a size.
    static func check(
        _ bytes: UnsafeRawBufferPointer,
        size: Int,
        _ path: String
    ) throws(EventLogError) -> PageMeta {
        let pageBytes = try pageBytes(bytes, path)
        guard size >= 2 * pageBytes, bytes.count >= pageBytes + headBytes,
            let base = bytes.baseAddress
        else {
            throw truncated(path, size, need: 2 * pageBytes)
        }
        let metas = [PageMeta(base), PageMeta(base + pageBytes)]
        for (number, meta) in metas.enumerated() {
            try check(meta, number: UInt64(number), size: size, pageBytes: pageBytes, path)
        }
        let transactions = metas.map(\.transaction)
        let difference = Int64(bitPattern: transactions[0] &- transactions[1])
        guard transactions == [0, 0] || difference == 1 || difference == -1 else {
            throw damaged(
                1,
                pageBytes,
                at: PageLayout.headerBytes + 128,
                "the meta pages are of transactions \(transactions[0]) and \(transactions[1]), "
                    + "which do not follow each other",
                path
            )
        }
        let newer = metas[transactions[0] < transactions[1] ? 1 : 0]
        try checkNewer(newer, size: size, pageBytes: pageBytes, path)
        return newer
    }

    private static let headBytes = PageLayout.headerBytes + PageLayout.metaBytes

    /// The size of pages, on which the place of the second meta page depends; each must be where the
    /// other says.
    private static func pageBytes(
        _ bytes: UnsafeRawBufferPointer,
        _ path: String
    ) throws(EventLogError) -> Int {
        guard bytes.count >= headBytes, let base = bytes.baseAddress else {
            throw truncated(path, bytes.count, need: headBytes)
        }
        let first = PageMeta(base)
        if first.magic == PageLayout.magic, pageSizes.contains(first.pageBytes) {
            return first.pageBytes
        }
        // The first is damaged; a good second one says so at its own place.
        for size in pageSizes where bytes.count >= size + headBytes {
            let second = PageMeta(base + size)
            if second.magic == PageLayout.magic, second.pageBytes == size { return size }
        }
        throw damaged(0, 0, at: 0, "neither it nor page 1 is a meta page of LMDB", path)
    }

    private static func check(
        _ meta: PageMeta,
        number: UInt64,
        size: Int,
        pageBytes: Int,
        _ path: String
    ) throws(EventLogError) {
        let start = PageLayout.headerBytes
        func fault(_ offset: Int, _ what: String) -> EventLogError {
            let other = "; the other meta page describes the state before"
            return damaged(number, pageBytes, at: offset, what + other, path)
        }
        guard meta.magic == PageLayout.magic else {
            throw fault(start, "the meta page lacks LMDB's mark")
        }
        guard meta.version == PageLayout.version else {
            throw EventLogError(
                .newerFormat,
                "\(path) has LMDB's format \(meta.version), this version reads "
                    + "\(PageLayout.version); use the version that wrote it"
            )
        }
        guard meta.storedNumber == number else {
            throw fault(0, "it says that it is page \(meta.storedNumber)")
        }
        guard meta.pageFlags == PageKind.meta.rawValue else {
            throw fault(PageLayout.flagsOffset, "it is not marked as a meta page")
        }
        guard meta.pageBytes == pageBytes else {
            throw fault(start + 24, "it says that pages have \(meta.pageBytes) bytes")
        }
        guard meta.transaction == 0 || meta.transaction & 1 == number else {
            throw fault(start + 128, "transaction \(meta.transaction) belongs on the other page")
        }
    }

    private static func checkNewer(
        _ meta: PageMeta,
        size: Int,
        pageBytes: Int,
        _ path: String
    ) throws(EventLogError) {
        let number = meta.transaction & 1
        let start = PageLayout.headerBytes
        let filePageCount = UInt64(size / pageBytes)
        // Pages at the end that are free need not be in the file; a bound keeps what follows small.
        guard meta.lastPage >= 1, meta.lastPage < filePageCount + PageCheck.missingPagesMax else {
            let need = meta.lastPage < UInt64(Int32.max) ? Int(meta.lastPage + 1) * pageBytes : nil
            throw need.map { truncated(path, size, need: $0) }
                ?? damaged(
                    number,
                    pageBytes,
                    at: start + 120,
                    "it says that the last page is \(meta.lastPage), the file has "
                        + "\(filePageCount)",
                    path
                )
        }
        guard meta.free.flags & ~PageLayout.noFolder == PageLayout.integerKeys else {
            throw damaged(number, pageBytes, at: start + 28, "the free list has wrong flags", path)
        }
        guard meta.main.flags == 0, meta.main.padding == 0 else {
            throw damaged(number, pageBytes, at: start + 72, "the main tree has wrong flags", path)
        }
    }

    /// The first bytes of a file, as they were at one moment; nil if there is no file or it is empty.
    private static func stableBytes(_ path: String) throws(EventLogError) -> [UInt8]? {
        let bytesMax = (pageSizes.last ?? 0) + headBytes
        guard var bytes = try Files.read(path, bytesMax: bytesMax), !bytes.isEmpty else {
            return nil
        }
        for _ in 0..<readsMax {
            guard let again = try Files.read(path, bytesMax: bytesMax) else { return nil }
            if again.prefix(2 * 4096) == bytes.prefix(2 * 4096) { break }
            bytes = again
        }
        return bytes
    }

    private static func truncated(_ path: String, _ size: Int, need: Int) -> EventLogError {
        EventLogError(
            .corrupt,
            "\(path) is truncated: \(size) bytes, but its last page ends at \(need); "
                + PageDamage.remedy
        )
    }

    private static func damaged(
        _ page: UInt64,
        _ pageBytes: Int,
        at offset: Int,
        _ what: String,
        _ path: String
    ) -> EventLogError {
        PageDamage.error(path, page: page, pageBytes: pageBytes, offset: offset, what)
    }
}

import Glibc
import Synchronization

/// A mapping of a data file for reading, of our own beside LMDB's.
///
/// The mapping is longer than the file, so that the file can grow under it; what lies beyond the
/// file's end must not be touched, which ``PageSnapshot`` sees to.
final class PageFile: Sendable {
    /// How much is read, in bytes, before the process gives mapped pages back to the kernel; they stay
    /// in its cache, but no longer count as memory of this process.
    private static let residentBytesMax = 64 << 20

    let path: String
    private let descriptor: Int32
    private let mappedBytes: Int
    private let pageBytes: Int
    // Mapped until this object is gone, and never written.
    nonisolated(unsafe) private let base: UnsafeRawPointer
    private let visitedBytes = Atomic<Int>(0)

    /// Maps a file.
    ///
    /// - Parameters:
    ///   - path: the file, whose meta pages were checked.
    ///   - bytes: how much address space to reserve.
    ///   - pageBytes: the size of its pages.
    /// - Throws: ``EventLogError``; nil is returned if there is not so much address space.
    init?(path: String, bytes: Int, pageBytes: Int) throws(EventLogError) {
        self.path = path
        self.pageBytes = pageBytes
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw EventLogError.system("open", path) }
        mappedBytes = bytes
        guard let base = mmap(nil, bytes, PROT_READ, MAP_SHARED, descriptor, 0),
            base != MAP_FAILED
        else {
            let code = errno
            Glibc.close(descriptor)
            guard code == ENOMEM else { throw EventLogError.system("mmap", path, code: code) }
            return nil
        }
        self.base = UnsafeRawPointer(base)
    }

    deinit {
        munmap(UnsafeMutableRawPointer(mutating: base), mappedBytes)
        Glibc.close(descriptor)
    }

    /// How many bytes of the file can be touched now.
    func readableBytes() throws(EventLogError) -> Int {
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { throw EventLogError.system("fstat", path) }
        return min(Int(facts.st_size), mappedBytes)
    }

    /// The state that a transaction sees; nil if the file's meta page is already that of a later one,
    /// or not yet.
    func snapshot(of transaction: UInt64) throws(EventLogError) -> PageSnapshot? {
        let bytes = try readableBytes()
        guard bytes >= 2 * pageBytes else {
            throw EventLogError(
                .corrupt,
                "\(path) was truncated to \(bytes) bytes while it was open; "
                    + PageDamage.remedy
            )
        }
        let page = base + Int(transaction & 1) * pageBytes
        // Our slot in the reader table has to be seen before this page is: see `readPages`.
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        let meta = PageMeta(page)
        // What a commit writes meanwhile has another number, before or after.
        atomicMemoryFence(ordering: .acquiring)
        guard meta.transaction == transaction, meta.pageBytes == pageBytes,
            PageMeta(page) == meta
        else { return nil }
        return PageSnapshot(path: path, base: base, byteCount: bytes, meta: meta)
    }

    /// Takes note of what was read, and gives mapped pages back from time to time.
    func noteRead(bytes: Int) {
        let before = visitedBytes.wrappingAdd(bytes, ordering: .relaxed).oldValue
        guard before + bytes >= PageFile.residentBytesMax else { return }
        release()
    }

    /// Gives mapped pages back to the kernel, which keeps them in its cache.
    func release() {
        visitedBytes.store(0, ordering: .relaxed)
        // The kernel fetches them again from its cache for whoever reads just now.
        madvise(UnsafeMutableRawPointer(mutating: base), mappedBytes, MADV_DONTNEED)
    }
}

import Glibc

/// One of the journal's two files, open for writing.
///
/// Belongs to one thread at a time.
final class JournalFile {
    /// What is written ahead of the frames while a file is filled for the first time: a block that
    /// was never written costs the file system a commit of its own.
    private static let aheadBytes = 1 << 20

    let path: String
    private var descriptor: Int32
    /// How large the file is.
    private(set) var byteCount = 0
    /// Up to where blocks are known to have been written since the file was opened.
    private var written = 0

    /// Opens the file; makes it, empty, if it is missing.
    init(_ path: String) throws(EventLogError) {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw EventLogError.system("open", path) }
    }

    deinit { close() }

    /// Closes the file; nothing but that can be done with it afterwards.
    func close() {
        guard descriptor >= 0 else { return }
        Glibc.close(descriptor)
        descriptor = -1
    }

    /// Gives the file a size and room on the disk for all of it.
    func reserve(byteCount: Int) throws(EventLogError) {
        let code = posix_fallocate(descriptor, 0, off_t(byteCount))
        guard code == 0 else { throw EventLogError.system("posix_fallocate", path, code: code) }
        self.byteCount = byteCount
        guard fsync(descriptor) == 0 else { throw EventLogError.system("fsync", path) }
    }

    /// Takes everything out of the file, and gives its room back.
    func empty() throws(EventLogError) {
        byteCount = 0
        written = 0
        guard ftruncate(descriptor, 0) == 0 else { throw EventLogError.system("ftruncate", path) }
        guard fsync(descriptor) == 0 else { throw EventLogError.system("fsync", path) }
    }

    /// Writes bytes, which are durable after ``synchronize()`` only.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(EventLogError) {
        let end = offset + bytes.count
        if end > written {
            // Only to be faster later on, so it does not matter whether it goes through.
            let ahead = min((end / JournalFile.aheadBytes + 1) * JournalFile.aheadBytes, byteCount)
            if ahead > end {
                let zeros = [UInt8](repeating: 0, count: ahead - end)
                _ = zeros.withUnsafeBytes {
                    pwrite(descriptor, $0.baseAddress, $0.count, off_t(end))
                }
            }
            written = max(ahead, end)
        }
        var done = 0
        while done < bytes.count {
            let count = pwrite(
                descriptor,
                bytes.baseAddress?.advanced(by: done),
                bytes.count - done,
                off_t(offset + done)
            )
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw EventLogError.system("pwrite", path, code: count < 0 ? errno : ENOSPC)
            }
            done += count
        }
    }

    /// Returns when everything that was written would survive a power failure.
    func synchronize() throws(EventLogError) {
        while fdatasync(descriptor) != 0 {
            guard errno == EINTR else { throw EventLogError.system("fdatasync", path) }
        }
    }

    /// Whether the file holds these bytes, as far as the operating system knows.
    func holds(_ bytes: [UInt8], at offset: Int) throws(EventLogError) -> Bool {
        var found = [UInt8](repeating: 0, count: bytes.count)
        var count = 0
        repeat {
            count = pread(descriptor, &found, found.count, off_t(offset))
        } while count < 0
            && errno == EINTR
        guard count >= 0 else { throw EventLogError.system("pread", path) }
        return count == bytes.count && found == bytes
    }
}

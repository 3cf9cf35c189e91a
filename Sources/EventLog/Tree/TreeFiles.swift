import EventModel
import Glibc
import Synchronization

/// The files `tree/level0`, `tree/level1` … of raw hashes.
///
/// The file of level L holds the roots of the complete subtrees over 256^L leaves, 32 bytes each, in
/// their order. So 256 hashes from a multiple of 256 on are a tile, as C2SP has them.
final class TreeFiles: Sendable {
    /// With 256^8 leaves a tree has more than 64-bit numbers can count.
    static let levelsMax = 8

    private let folder: String
    private let isWriter: Bool
    /// Open descriptors by level; -1 is not open yet.
    private let descriptors = Mutex([Int32](repeating: -1, count: TreeFiles.levelsMax))

    init(folder: String, isWriter: Bool) {
        self.folder = folder
        self.isWriter = isWriter
    }

    deinit { close() }

    func path(_ level: Int) -> String { "\(folder)/level\(level)" }

    /// How many hashes the file of a level holds; 0 if there is none.
    func count(_ level: Int) throws(EventLogError) -> UInt64 {
        guard Files.exists(path(level)) else { return 0 }
        return UInt64(try Files.size(of: path(level)) / Digest.byteCount)
    }

    /// Reads hashes that lie next to each other.
    ///
    /// - Throws: ``EventLogError`` `.corrupt` if the file ends before.
    func read(_ level: Int, from first: UInt64, count: Int) throws(EventLogError) -> [Digest] {
        guard count > 0 else { return [] }
        guard let descriptor = try descriptor(level) else { throw short(level) }
        var bytes = [UInt8](repeating: 0, count: count * Digest.byteCount)
        var filled = 0
        while filled < bytes.count {
            let result = bytes.withUnsafeMutableBytes { buffer in
                pread(
                    descriptor,
                    buffer.baseAddress?.advanced(by: filled),
                    buffer.count - filled,
                    Int(first) * Digest.byteCount + filled
                )
            }
            if result < 0, errno == EINTR { continue }
            guard result >= 0 else { throw EventLogError.system("pread", path(level)) }
            if result == 0 { throw short(level) }
            filled += result
        }
        return stride(from: 0, to: bytes.count, by: Digest.byteCount).compactMap {
            Digest(bytes: bytes[$0..<$0 + Digest.byteCount])
        }
    }

    /// Writes hashes at their place; not synced.
    func write(
        _ hashes: ArraySlice<Digest>,
        level: Int,
        at first: UInt64
    ) throws(EventLogError) {
        guard !hashes.isEmpty, let descriptor = try descriptor(level) else { return }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(hashes.count * Digest.byteCount)
        for hash in hashes { hash.withBytes { bytes.append(contentsOf: $0) } }
        var written = 0
        while written < bytes.count {
            let result = bytes.withUnsafeBytes { buffer in
                pwrite(
                    descriptor,
                    buffer.baseAddress?.advanced(by: written),
                    buffer.count - written,
                    Int(first) * Digest.byteCount + written
                )
            }
            if result < 0, errno == EINTR { continue }
            guard result > 0 else { throw EventLogError.system("pwrite", path(level)) }
            written += result
        }
    }

    /// Brings what was written to the disk.
    func synchronize() throws(EventLogError) {
        for level in 0..<TreeFiles.levelsMax {
            let descriptor = descriptors.withLock { $0[level] }
            guard descriptor >= 0 else { continue }
            guard fdatasync(descriptor) == 0 else {
                throw EventLogError.system("fdatasync", path(level))
            }
        }
    }

    /// Forgets everything after so many leaves.
    func truncate(toSize size: UInt64) throws(EventLogError) {
        for level in 0..<TreeFiles.levelsMax where Files.exists(path(level)) {
            guard let descriptor = try descriptor(level) else { continue }
            let length = Int(size >> UInt64(8 * level)) * Digest.byteCount
            guard ftruncate(descriptor, length) == 0 else {
                throw EventLogError.system("ftruncate", path(level))
            }
        }
    }

    func close() {
        descriptors.withLock { descriptors in
            for level in descriptors.indices where descriptors[level] >= 0 {
                Glibc.close(descriptors[level])
                descriptors[level] = -1
            }
        }
    }

    /// The open file of a level; nil for a reader if there is none.
    private func descriptor(_ level: Int) throws(EventLogError) -> Int32? {
        let path = path(level)
        let isWriter = isWriter
        let (descriptor, isNew) = try descriptors.withLock {
            descriptors throws(EventLogError) -> (Int32, Bool) in
            if descriptors[level] >= 0 { return (descriptors[level], false) }
            let isNew = isWriter && !Files.exists(path)
            let flags = isWriter ? O_RDWR | O_CREAT : O_RDONLY
            let descriptor = open(path, flags | O_CLOEXEC, 0o640)
            guard descriptor >= 0 else {
                if errno == ENOENT { return (-1, false) }
                throw EventLogError.system("open", path)
            }
            descriptors[level] = descriptor
            return (descriptor, isNew)
        }
        if isNew { try Files.synchronizeFolder(folder) }
        return descriptor >= 0 ? descriptor : nil
    }

    private func short(_ level: Int) -> EventLogError {
        EventLogError(
            .corrupt,
            "\(path(level)) is shorter than \(folder)/state says; the tree must be made anew"
        )
    }
}

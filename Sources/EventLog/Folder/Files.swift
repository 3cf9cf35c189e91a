import Glibc

/// The few things that are done to files.
enum Files {
    /// Makes a folder and those above it.
    static func makeFolder(_ path: String) throws(EventLogError) {
        if mkdir(path, 0o750) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw EventLogError.system("mkdir", path)
        }
        try makeFolder(String(path[..<slash]))
        guard mkdir(path, 0o750) == 0 || errno == EEXIST else {
            throw EventLogError.system("mkdir", path)
        }
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Gives a file another name, in place of what had it.
    static func renameFile(_ path: String, to other: String) throws(EventLogError) {
        guard rename(path, other) == 0 else { throw EventLogError.system("rename", other) }
    }

    /// The size of a file, in bytes.
    static func size(of path: String) throws(EventLogError) -> Int {
        var facts = stat()
        guard stat(path, &facts) == 0 else { throw EventLogError.system("stat", path) }
        return Int(facts.st_size)
    }

    /// How much room the disk has where a folder lies, in bytes.
    static func availableBytes(in folder: String) throws(EventLogError) -> Int {
        var facts = statvfs()
        guard statvfs(folder, &facts) == 0 else { throw EventLogError.system("statvfs", folder) }
        let (bytes, isBeyond) = facts.f_bavail.multipliedReportingOverflow(by: facts.f_frsize)
        return isBeyond ? .max : Int(clamping: bytes)
    }

    /// A text that is the same for every path to the same file, as long as it exists.
    static func identity(of path: String) throws(EventLogError) -> String {
        var facts = stat()
        guard stat(path, &facts) == 0 else { throw EventLogError.system("stat", path) }
        return "\(facts.st_dev):\(facts.st_ino)"
    }

    /// Removes a file; one that is not there is fine.
    static func remove(_ path: String) throws(EventLogError) {
        guard unlink(path) == 0 || errno == ENOENT else {
            throw EventLogError.system("unlink", path)
        }
    }

    /// A small file's bytes; nil if there is none.
    static func read(_ path: String, bytesMax: Int = 65_536) throws(EventLogError) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw EventLogError.system("open", path)
        }
        defer { Glibc.close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: bytesMax)
        var filled = 0
        while filled < bytesMax {
            let count = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress?.advanced(by: filled), bytesMax - filled)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw EventLogError.system("read", path) }
            if count == 0 { break }
            filled += count
        }
        return Array(bytes.prefix(filled))
    }

    /// Puts a small file in place of an older one, so that a crash leaves one or the other, whole.
    static func replace(_ path: String, with bytes: [UInt8]) throws(EventLogError) {
        let temporary = path + ".new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw EventLogError.system("open", temporary) }
        do throws(EventLogError) {
            try write(bytes, to: descriptor, path: temporary)
            guard fsync(descriptor) == 0 else { throw EventLogError.system("fsync", temporary) }
        } catch {
            Glibc.close(descriptor)
            unlink(temporary)
            throw error
        }
        Glibc.close(descriptor)
        guard rename(temporary, path) == 0 else { throw EventLogError.system("rename", path) }
    }

    /// Whether a file could hold bytes at an offset: asks for them in another file and gives them
    /// back.
    static func hasRoom(beside path: String, offset: Int, bytes: Int) -> Bool {
        let probe = path + ".probe"
        let descriptor = open(probe, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { return errno != ENOSPC && errno != EDQUOT }
        defer {
            Glibc.close(descriptor)
            unlink(probe)
        }
        let code = posix_fallocate(descriptor, offset, max(bytes, 1))
        return code != ENOSPC && code != EDQUOT && code != EFBIG
    }

    /// Writes all bytes to a descriptor.
    static func write(
        _ bytes: [UInt8],
        to descriptor: Int32,
        path: String
    ) throws(EventLogError) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(
                    descriptor,
                    buffer.baseAddress?.advanced(by: written),
                    bytes.count - written
                )
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw EventLogError.system("write", path) }
            written += count
        }
    }

    /// Brings a folder's entries to the disk, without which a new file may vanish with the power.
    static func synchronizeFolder(_ path: String) throws(EventLogError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw EventLogError.system("open", path) }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw EventLogError.system("fsync", path) }
    }
}

import Glibc

/// What copies of a log need beside the rest of ``Files``.
extension Files {
    /// The folder that a path lies in, and its name there.
    static func split(_ path: String) -> (folder: String, name: String) {
        var path = path[...]
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        guard let slash = path.lastIndex(of: "/") else { return (".", String(path)) }
        let folder = path[..<slash]
        return (folder.isEmpty ? "/" : String(folder), String(path[path.index(after: slash)...]))
    }

    /// Where something is written before it is whole: hidden, beside its place.
    static func unfinished(_ path: String) -> String {
        let (folder, name) = split(path)
        return "\(folder)/.\(name).unfinished"
    }

    static func isFolder(_ path: String) -> Bool {
        var facts = stat()
        return stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
    }

    /// The names in a folder, sorted.
    static func names(in folder: String) throws(EventLogError) -> [String] {
        guard let handle = opendir(folder) else { throw EventLogError.system("opendir", folder) }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Fails if something is there that must not be overwritten; an empty folder is nothing.
    static func expectNothing(at path: String) throws(EventLogError) {
        var facts = stat()
        guard lstat(path, &facts) == 0 else {
            guard errno == ENOENT else { throw EventLogError.system("lstat", path) }
            return
        }
        if isFolder(path), try names(in: path).isEmpty { return }
        throw EventLogError(
            .exists,
            "\(path) exists and is not empty; name another place, or move it away first"
        )
    }

    /// Removes a file, or a folder with everything in it; links are removed, not followed.
    static func removeTree(_ path: String) throws(EventLogError) {
        var facts = stat()
        guard lstat(path, &facts) == 0 else {
            guard errno == ENOENT else { throw EventLogError.system("lstat", path) }
            return
        }
        guard facts.st_mode & S_IFMT == S_IFDIR else { return try remove(path) }
        for name in try names(in: path) { try removeTree("\(path)/\(name)") }
        guard rmdir(path) == 0 else { throw EventLogError.system("rmdir", path) }
    }

    /// Copies a file, or a folder with everything in it, and brings it to the disk.
    ///
    /// Rights are kept; links and sockets are passed over.
    static func copyTree(_ source: String, to target: String) throws(EventLogError) {
        var facts = stat()
        guard lstat(source, &facts) == 0 else { throw EventLogError.system("lstat", source) }
        let rights = facts.st_mode & 0o777
        switch facts.st_mode & S_IFMT {
        case S_IFDIR:
            try makeFolder(target)
            for name in try names(in: source) {
                try copyTree("\(source)/\(name)", to: "\(target)/\(name)")
            }
            try synchronizeFolder(target)
        case S_IFREG:
            let sink = try FileSink(making: target)
            let input = try FileSource(source)
            var buffer = [UInt8](repeating: 0, count: 1 << 18)
            while true {
                let count = try buffer.withMutableBytes { room throws(EventLogError) in
                    try input.read(into: room)
                }
                guard count > 0 else { break }
                try buffer.withBytes { bytes throws(EventLogError) in
                    try sink.write(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
                }
            }
            try sink.finish()
        default:
            return
        }
        guard chmod(target, rights) == 0 else { throw EventLogError.system("chmod", target) }
    }

    /// Gives something that is whole its place.
    static func place(_ unfinished: String, at path: String) throws(EventLogError) {
        guard rename(unfinished, path) == 0 else {
            guard errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR || errno == EISDIR
            else { throw EventLogError.system("rename", path) }
            throw EventLogError(.exists, "\(path) exists by now; name another place")
        }
        try synchronizeFolder(split(path).folder)
    }

    /// Lets the system forget a file's pages in memory, so that the next read comes from the disk.
    static func forget(_ path: String) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        // Only a hint: what stays in memory is read from there.
        posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
        Glibc.close(descriptor)
    }
}

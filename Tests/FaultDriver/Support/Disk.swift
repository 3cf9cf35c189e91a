import Glibc

/// Files and folders of the suite itself.
enum Disk {
    /// The bytes of a file; nil if it cannot be read.
    static func bytes(of path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(facts.st_size))
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                read(descriptor, buffer.baseAddress?.advanced(by: filled), buffer.count - filled)
            }
            guard count > 0 else { break }
            filled += count
        }
        return bytes
    }

    /// Makes a file hold these bytes and nothing else.
    static func write(_ bytes: [UInt8], to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemFailure("cannot write \(path)") }
        defer { close(descriptor) }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(
                    descriptor,
                    buffer.baseAddress?.advanced(by: written),
                    bytes.count - written
                )
            }
            guard count > 0 else { throw SystemFailure("cannot write \(path)") }
            written += count
        }
    }

    static func makeFolder(_ path: String) {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return }
        makeFolder(String(path[..<slash]))
        mkdir(path, 0o700)
    }

    /// Names in a folder, sorted.
    static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    static func isFolder(_ path: String) -> Bool {
        var facts = stat()
        return lstat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
    }

    static func size(of path: String) -> Int {
        var facts = stat()
        return stat(path, &facts) == 0 ? Int(facts.st_size) : 0
    }

    /// Paths of all files below a folder, relative to it, sorted.
    static func files(below folder: String, _ prefix: String = "") -> [String] {
        names(in: folder).flatMap { name in
            let path = "\(folder)/\(name)"
            return isFolder(path) ? files(below: path, "\(prefix)\(name)/") : ["\(prefix)\(name)"]
        }
    }

    /// Removes a file, or a folder with everything in it.
    static func remove(_ path: String) {
        guard isFolder(path) else {
            unlink(path)
            return
        }
        for name in names(in: path) { remove("\(path)/\(name)") }
        rmdir(path)
    }

    /// Copies a folder, in place of what is there.
    static func copy(_ source: String, to target: String) throws {
        remove(target)
        try Picture(of: source).restore(to: target)
    }
}

/// All files of a folder, in memory.
struct Picture: Sendable {
    var files: [(name: String, bytes: [UInt8])]

    init(files: [(name: String, bytes: [UInt8])] = []) { self.files = files }

    init(of folder: String) {
        files = Disk.files(below: folder).map { ($0, Disk.bytes(of: "\(folder)/\($0)") ?? []) }
    }

    var byteCount: Int { files.reduce(0) { $0 + $1.bytes.count } }

    /// Makes a folder hold these files and nothing else.
    func restore(to folder: String) throws {
        Disk.makeFolder(folder)
        let wanted = Set(files.map(\.name))
        for name in Disk.files(below: folder) where !wanted.contains(name) {
            unlink("\(folder)/\(name)")
        }
        for (name, bytes) in files {
            let path = "\(folder)/\(name)"
            if Disk.size(of: path) == bytes.count, Disk.bytes(of: path) == bytes { continue }
            if let slash = path.lastIndex(of: "/") { Disk.makeFolder(String(path[..<slash])) }
            try Disk.write(bytes, to: path)
        }
    }
}

import Glibc
import Synchronization

/// The open file of a ``VaultStore``, which shredding exchanges for a new one.
final class Vault: Sendable {
    private let tables: [String]
    private let numbers: [String: Int]
    /// Shared while the environment is used, alone while it is exchanged.
    private let exchange = SharedLock()
    private let environment: Mutex<Environment>

    init(environment: Environment, tables: [String]) {
        self.environment = Mutex(environment)
        self.tables = tables
        numbers = Dictionary(zip(tables, tables.indices)) { first, _ in first }
    }

    func close() { environment.withLock { $0 }.close() }

    func read<R>(_ body: (TableTransaction) throws -> R) throws -> R {
        exchange.lockShared()
        defer { exchange.unlock() }
        let environment = environment.withLock { $0 }
        let result = try environment.read { transaction throws(EventLogError) in
            TableTransaction.read(transaction, tables: numbers) { access in
                Result { try body(access) }
            }
        }
        return try result.get()
    }

    func write<R>(_ body: (TableWriteTransaction) throws -> R) throws -> R {
        exchange.lockShared()
        defer { exchange.unlock() }
        return try TableStore.perform(environment.withLock { $0 }, numbers, body).get()
    }

    /// Copies what is left into a new file, puts it in place and overwrites the old one.
    ///
    /// Killed at any point, the folder holds one whole file under the right name; what is to be
    /// overwritten has a name of its own until it is, and ``VaultFiles/finishShredding(in:)`` looks
    /// for it.
    func shred(folder: String) throws(EventLogError) {
        exchange.lockAlone()
        defer { exchange.unlock() }
        let gate = try VaultGate(folder: folder, isAlone: true)
        defer { gate.release() }
        let old = environment.withLock { $0 }
        let fresh = folder + "/new"
        try VaultFiles.removeFresh(fresh)
        try Files.makeFolder(fresh)
        try VaultFiles.closeToOthers(fresh)
        let target = try Environment(VaultStore.options(fresh, tables, isWriter: true))
        do throws(EventLogError) {
            try Environment.copy(tables.indices, from: old, to: target)
        } catch {
            target.close()
            throw error
        }
        target.close()
        old.close()
        do throws(EventLogError) {
            try VaultFiles.exchange(in: folder, fresh: fresh)
        } catch {
            try reopen(folder)
            throw error
        }
        try reopen(folder)
    }

    private func reopen(_ folder: String) throws(EventLogError) {
        let options = VaultStore.options(folder, tables, isWriter: true)
        let opened = try Environment(options)
        environment.withLock { $0 = opened }
    }
}

/// The lock between readers of other processes and shredding; the kernel releases it with its holder.
struct VaultGate: Sendable {
    private let descriptor: Int32

    /// Waits for the lock; readers hold it for one read.
    init(folder: String, isAlone: Bool) throws(EventLogError) {
        let path = folder + "/" + VaultStore.gateName
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw EventLogError.system("open", path) }
        while flock(descriptor, isAlone ? LOCK_EX : LOCK_SH) != 0 {
            let code = errno
            if code == EINTR { continue }
            Glibc.close(descriptor)
            throw EventLogError.system("flock", path, code: code)
        }
        self.descriptor = descriptor
    }

    func release() { Glibc.close(descriptor) }
}

/// What shredding does to files.
enum VaultFiles {
    /// The name that the old file has while it waits to be overwritten.
    static let shredName = "shred.mdb"
    private static let blockBytes = 1 << 16

    static func closeToOthers(_ folder: String) throws(EventLogError) {
        guard chmod(folder, 0o700) == 0 else { throw EventLogError.system("chmod", folder) }
    }

    static func removeFresh(_ folder: String) throws(EventLogError) {
        try Files.remove(folder + "/data.mdb")
        try Files.remove(folder + "/lock.mdb")
        guard rmdir(folder) == 0 || errno == ENOENT else {
            throw EventLogError.system("rmdir", folder)
        }
    }

    /// Puts the new file in place of the old one and destroys the old one.
    static func exchange(in folder: String, fresh: String) throws(EventLogError) {
        let file = folder + "/data.mdb"
        let old = folder + "/" + shredName
        guard link(file, old) == 0 else { throw EventLogError.system("link", old) }
        try Files.synchronizeFolder(folder)
        try Files.renameFile(fresh + "/data.mdb", to: file)
        try Files.synchronizeFolder(folder)
        try overwrite(old)
        try Files.remove(old)
        try removeFresh(fresh)
        try Files.synchronizeFolder(folder)
    }

    /// Does what a process that was killed while shredding left to do.
    static func finishShredding(in folder: String) throws(EventLogError) {
        try removeFresh(folder + "/new")
        let old = folder + "/" + shredName
        guard Files.exists(old) else { return }
        let file = folder + "/data.mdb"
        // The same file under two names was not exchanged yet, and is still the one that counts.
        let current = Files.exists(file) ? try Files.identity(of: file) : ""
        if try Files.identity(of: old) != current { try overwrite(old) }
        try Files.remove(old)
        try Files.synchronizeFolder(folder)
    }

    private static func overwrite(_ path: String) throws(EventLogError) {
        let size = try Files.size(of: path)
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw EventLogError.system("open", path) }
        defer { Glibc.close(descriptor) }
        let zeros = [UInt8](repeating: 0, count: blockBytes)
        var done = 0
        while done < size {
            let count = min(blockBytes, size - done)
            try Files.write(Array(zeros.prefix(count)), to: descriptor, path: path)
            done += count
        }
        guard fsync(descriptor) == 0 else { throw EventLogError.system("fsync", path) }
    }
}

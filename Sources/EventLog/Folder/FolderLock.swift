import Glibc
import Synchronization

/// Lets one process at a time write in a folder; the kernel releases it when that process dies.
final class FolderLock: Sendable {
    /// Negative once it is released.
    private let descriptor: Mutex<Int32>

    /// Takes the lock, or says who has it.
    init(folder: String) throws(EventLogError) {
        let path = folder + "/lock"
        // Closed on exec: a lock that a child process inherits would outlive its holder.
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw EventLogError.system("open", path) }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let code = errno
            if code == EINTR { continue }
            Glibc.close(descriptor)
            guard code == EWOULDBLOCK else {
                throw EventLogError.system("flock", path, code: code)
            }
            throw EventLogError(
                .locked,
                "\(folder) is open for writing by \(FolderLock.holder(path)); "
                    + "stop that process, or open the folder for reading only"
            )
        }
        do throws(EventLogError) {
            guard ftruncate(descriptor, 0) == 0 else {
                throw EventLogError.system("ftruncate", path)
            }
            try Files.write(Array("\(getpid())\n".utf8), to: descriptor, path: path)
        } catch {
            // Only the name of the holder is missing then; the lock itself holds on a full disk
            // too.
            guard error.code == .diskFull else {
                Glibc.close(descriptor)
                throw error
            }
        }
        self.descriptor = Mutex(descriptor)
    }

    deinit { release() }

    /// Lets others write.
    func release() {
        descriptor.withLock { descriptor in
            guard descriptor >= 0 else { return }
            Glibc.close(descriptor)
            descriptor = -1
        }
    }

    private static func holder(_ path: String) -> String {
        let bytes = (try? Files.read(path)) ?? nil
        let text = String(decoding: bytes ?? [], as: UTF8.self)
        let process = Int32(text.filter(\.isNumber))
        guard let process else { return "another process" }
        return process == getpid() ? "this process (\(process))" : "process \(process)"
    }
}

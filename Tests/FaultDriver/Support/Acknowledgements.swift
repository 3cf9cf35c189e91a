import Glibc
import Synchronization

/// Lines that outlive the process that writes them, without a system call of its own.
///
/// A shared map of a file: what is stored in it is there after SIGKILL, and no injected fault can
/// hit the writing of it. The first 8 bytes are how many bytes of lines there are. Sendable because
/// the map is written under the lock only.
final class Acknowledgements: @unchecked Sendable {
    static let bytesMax = 64 << 20

    private let start: UnsafeMutableRawPointer
    private let lock = Mutex(())
    private let observer: @Sendable ([UInt8]) -> Void

    /// Opens a file of lines; adds to those that are there.
    init(_ path: String, observer: @escaping @Sendable ([UInt8]) -> Void = { _ in }) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0, ftruncate(descriptor, Acknowledgements.bytesMax) == 0 else {
            throw SystemFailure("cannot make \(path)")
        }
        defer { close(descriptor) }
        let protection = PROT_READ | PROT_WRITE
        let length = Acknowledgements.bytesMax
        let map = mmap(nil, length, protection, MAP_SHARED, descriptor, 0)
        guard let map, map != MAP_FAILED else { throw SystemFailure("cannot map \(path)") }
        start = map
        self.observer = observer
    }

    deinit { munmap(start, Acknowledgements.bytesMax) }

    /// How many bytes of lines there are.
    var byteCount: Int { Int(start.load(as: UInt64.self)) }

    /// Adds a line.
    func write(_ line: String) {
        let bytes = Array((line.replacingLineEnds() + "\n").utf8)
        observer(bytes)
        lock.withLock { _ in
            let count = byteCount
            guard 8 + count + bytes.count <= Acknowledgements.bytesMax else { return }
            (start + 8 + count).copyMemory(from: bytes, byteCount: bytes.count)
            atomicMemoryFence()
            start.storeBytes(of: UInt64(count + bytes.count), as: UInt64.self)
        }
    }

    /// All lines so far.
    var lines: [Substring] {
        let bytes = UnsafeRawBufferPointer(start: start + 8, count: byteCount)
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    }
}

/// Keeps the length of the lines from being stored before the lines.
private func atomicMemoryFence() {
    Atomic<UInt8>(0).store(1, ordering: .sequentiallyConsistent)
}

extension String {
    /// The text on one line.
    fileprivate func replacingLineEnds() -> String {
        String(map { $0.isNewline ? " " : $0 })
    }
}

/// A system call of the suite itself that failed.
struct SystemFailure: Error, CustomStringConvertible {
    let description: String

    init(_ what: String) { description = "\(what): \(String(cString: strerror(errno)))" }
}

import CZstd
import EventModel
import Glibc

/// Where bytes go, in order; belongs to one thread.
protocol ByteSink: AnyObject {
    /// Takes bytes; they are not kept beyond the call.
    func write(_ bytes: UnsafeRawBufferPointer) throws(EventLogError)
    /// Brings everything out, for good.
    func finish() throws(EventLogError)
}

/// Writes to a descriptor, in large pieces.
final class FileSink: ByteSink {
    private static let bufferBytes = 1 << 20

    private let path: String
    private let descriptor: Int32
    private let isOwn: Bool
    private var isOpen = true
    private var buffer: [UInt8] = []

    /// Makes a file anew, which is synced and closed at the end.
    init(making path: String) throws(EventLogError) {
        self.path = path
        isOwn = true
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else {
            isOpen = false
            throw EventLogError.system("open", path)
        }
    }

    /// Writes to something that is open already, such as standard output.
    init(descriptor: Int32, name: String) {
        self.descriptor = descriptor
        path = name
        isOwn = false
    }

    deinit { if isOwn, isOpen { Glibc.close(descriptor) } }

    func write(_ bytes: UnsafeRawBufferPointer) throws(EventLogError) {
        buffer.append(contentsOf: bytes)
        if buffer.count >= FileSink.bufferBytes { try flush() }
    }

    func finish() throws(EventLogError) {
        try flush()
        guard isOwn else { return }
        guard fsync(descriptor) == 0 else { throw EventLogError.system("fsync", path) }
        Glibc.close(descriptor)
        isOpen = false
    }

    private func flush() throws(EventLogError) {
        try Files.write(buffer, to: descriptor, path: path)
        buffer.removeAll(keepingCapacity: true)
    }
}

/// Keeps everything in memory.
final class MemorySink: ByteSink {
    private(set) var bytes: [UInt8] = []

    func write(_ bytes: UnsafeRawBufferPointer) { self.bytes.append(contentsOf: bytes) }
    func finish() {}
}

/// Compresses into another sink: one frame of RFC 8878 with a checksum, then a skippable frame that
/// holds the SHA-256 of all bytes of the first.
///
/// Some bits of a frame can change without changing what it says; the digest notices these too.
final class CompressingSink: ByteSink {
    static let level: Int32 = 3
    /// The head of the skippable frame: its magic number and 32, the length.
    static let digestHead: [UInt8] = [0x50, 0x2A, 0x4D, 0x18, 32, 0, 0, 0]

    private let target: any ByteSink
    private let context: OpaquePointer
    private var digest = Digest.Stream()
    private var output = [UInt8](repeating: 0, count: ZSTD_CStreamOutSize())

    init(_ target: any ByteSink) throws(EventLogError) {
        self.target = target
        guard let context = ZSTD_createCCtx() else {
            throw EventLogError(.inputOutput, "there is no memory for the compression")
        }
        self.context = context
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, CompressingSink.level)
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
    }

    deinit { ZSTD_freeCCtx(context) }

    func write(_ bytes: UnsafeRawBufferPointer) throws(EventLogError) {
        try compress(bytes, ZSTD_e_continue)
    }

    func finish() throws(EventLogError) {
        try compress(UnsafeRawBufferPointer(start: nil, count: 0), ZSTD_e_end)
        try (CompressingSink.digestHead + digest.digest.bytes).withBytes {
            bytes throws(EventLogError) in
            try target.write(bytes)
        }
        try target.finish()
    }

    private func compress(
        _ bytes: UnsafeRawBufferPointer,
        _ directive: ZSTD_EndDirective
    ) throws(EventLogError) {
        var input = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
        while true {
            var produced = 0
            let left = output.withUnsafeMutableBytes { room in
                var slot = ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)
                let left = ZSTD_compressStream2(context, &slot, &input, directive)
                produced = slot.pos
                return left
            }
            guard ZSTD_isError(left) == 0 else {
                let reason = String(cString: ZSTD_getErrorName(left))
                throw EventLogError(.inputOutput, "the compression failed: \(reason)")
            }
            try output.withBytes { bytes throws(EventLogError) in
                let part = UnsafeRawBufferPointer(rebasing: bytes[..<produced])
                digest.update(part)
                try target.write(part)
            }
            // To end takes until nothing is left inside, to go on until all was taken.
            let isDone = directive == ZSTD_e_end ? left == 0 : input.pos == input.size
            if isDone { return }
        }
    }
}

import CZstd
import EventModel
import Glibc

/// Where bytes come from, in order; belongs to one thread.
protocol ByteSource: AnyObject {
    /// Fills the beginning of a buffer and returns how many bytes that were; 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(EventLogError) -> Int
}

/// Reads a descriptor.
final class FileSource: ByteSource {
    private let path: String
    private let descriptor: Int32
    private let isOwn: Bool

    /// Opens a file.
    init(_ path: String) throws(EventLogError) {
        self.path = path
        isOwn = true
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw EventLogError.system("open", path) }
    }

    deinit { if isOwn, descriptor >= 0 { Glibc.close(descriptor) } }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(EventLogError) -> Int {
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw EventLogError.system("read", path) }
            return count
        }
    }
}

/// Reads what is in memory.
final class MemorySource: ByteSource {
    private let bytes: [UInt8]
    private var offset = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, bytes.count - offset)
        bytes.withUnsafeBytes { all in
            buffer.copyBytes(from: all[offset..<offset + count])
        }
        offset += count
        return count
    }
}

/// Decompresses what ``CompressingSink`` wrote, and refuses anything else.
final class DecompressingSource: ByteSource {
    /// The first bytes of a frame.
    static let magic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]

    private let source: any ByteSource
    private let name: String
    private let context: OpaquePointer
    private var input = [UInt8](repeating: 0, count: ZSTD_DStreamInSize())
    private var filled = 0
    private var taken = 0
    private var isFrameOver = false
    private var isChecked = false
    private var digest = Digest.Stream()

    init(_ source: any ByteSource, name: String) throws(EventLogError) {
        self.source = source
        self.name = name
        guard let context = ZSTD_createDCtx() else {
            throw EventLogError(.inputOutput, "there is no memory for the decompression")
        }
        self.context = context
    }

    deinit { ZSTD_freeDCtx(context) }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(EventLogError) -> Int {
        while !isFrameOver {
            guard try fill() else {
                throw EventLogError(.corrupt, "\(name) is cut: its compressed data ends early")
            }
            let produced = try decompress(into: buffer)
            if produced > 0 { return produced }
        }
        if !isChecked { try checkDigest() }
        return 0
    }

    /// Whether there is input.
    private func fill() throws(EventLogError) -> Bool {
        guard taken == filled else { return true }
        filled = try input.withMutableBytes { room throws(EventLogError) in
            try source.read(into: room)
        }
        taken = 0
        return filled > 0
    }

    private func checkDigest() throws(EventLogError) {
        let wanted = CompressingSink.digestHead + digest.digest.bytes
        var found: [UInt8] = []
        // One byte more would be one too many.
        while found.count <= wanted.count, try fill() {
            found.append(input[taken])
            taken += 1
        }
        guard found == wanted else {
            throw EventLogError(
                .corrupt,
                "\(name) is cut or changed: its digest is not that of its compressed data"
            )
        }
        isChecked = true
    }

    private func decompress(
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(EventLogError) -> Int {
        var slot = ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
        let left = input.withUnsafeBytes { bytes in
            var slice = ZSTD_inBuffer(src: bytes.baseAddress, size: filled, pos: taken)
            let left = ZSTD_decompressStream(context, &slot, &slice)
            digest.update(UnsafeRawBufferPointer(rebasing: bytes[taken..<slice.pos]))
            taken = slice.pos
            return left
        }
        guard ZSTD_isError(left) == 0 else {
            let reason = String(cString: ZSTD_getErrorName(left))
            throw EventLogError(.corrupt, "\(name) cannot be decompressed: \(reason)")
        }
        isFrameOver = left == 0
        return slot.pos
    }
}

import EventModel
import Glibc

/// Writes one section of a file after the other through a buffer, and keeps the checksum of every
/// block.
final class SectionWriter {
    private static let bufferBytes = 16 * SegmentLayout.blockBytes

    private let buffer: UnsafeMutableRawPointer
    private var filled = 0
    private var offset = 0
    private let output: SegmentOutput

    init(_ output: SegmentOutput) {
        self.output = output
        buffer = .allocate(
            byteCount: SectionWriter.bufferBytes,
            alignment: SegmentLayout.blockBytes
        )
    }

    deinit { buffer.deallocate() }

    /// Begins a section; the one before must have been ended.
    func begin(_ section: SegmentLayout.Section) {
        offset = section.offset
        filled = 0
    }

    @inline(__always)
    func append(_ number: UInt32) throws(EventLogError) {
        buffer.storeBytes(of: number.littleEndian, toByteOffset: filled, as: UInt32.self)
        filled &+= 4
        if filled == SectionWriter.bufferBytes { try flush() }
    }

    @inline(__always)
    func append(_ number: UInt64) throws(EventLogError) {
        buffer.storeBytes(of: number.littleEndian, toByteOffset: filled, as: UInt64.self)
        filled &+= 8
        if filled == SectionWriter.bufferBytes { try flush() }
    }

    @inline(__always)
    func append(_ key: IndexKey) throws(EventLogError) {
        try append(key.high)
        try append(key.low)
    }

    /// Adds numbers, each with the same one added to it.
    func append(
        _ numbers: UnsafeBufferPointer<UInt32>,
        adding shift: UInt32
    ) throws(EventLogError) {
        var next = 0
        while next < numbers.count {
            let count = min(numbers.count - next, (SectionWriter.bufferBytes - filled) / 4)
            let target = buffer + filled
            for index in 0..<count {
                let number = numbers[next + index] &+ shift
                target.storeBytes(
                    of: number.littleEndian,
                    toByteOffset: index &* 4,
                    as: UInt32.self
                )
            }
            next += count
            filled += 4 * count
            if filled == SectionWriter.bufferBytes { try flush() }
        }
    }

    /// Adds bytes; their number is a multiple of four.
    func append(_ bytes: UnsafeRawBufferPointer) throws(EventLogError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = min(rest.count, SectionWriter.bufferBytes - filled)
            UnsafeMutableRawBufferPointer(start: buffer + filled, count: count)
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: rest[..<count]))
            filled += count
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            if filled == SectionWriter.bufferBytes { try flush() }
        }
    }

    /// Fills the last block up and writes it.
    func end() throws(EventLogError) {
        let rest = filled % SegmentLayout.blockBytes
        if rest > 0 {
            let missing = SegmentLayout.blockBytes - rest
            memset(buffer + filled, 0, missing)
            filled += missing
        }
        if filled > 0 { try flush() }
    }

    private func flush() throws(EventLogError) {
        try output.write(UnsafeRawBufferPointer(start: buffer, count: filled), at: offset)
        offset += filled
        filled = 0
    }
}

/// A file that is written in whole blocks, with the checksum of each.
final class SegmentOutput {
    let path: String
    private let descriptor: Int32
    private var checksums: [UInt32] = []

    /// Makes the file, in place of a left-over one.
    init(path: String) throws(EventLogError) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw EventLogError.system("open", path) }
    }

    deinit { close(descriptor) }

    /// Writes whole blocks at the beginning of a block.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(EventLogError) {
        let firstBlock = offset / SegmentLayout.blockBytes
        let blockCount = bytes.count / SegmentLayout.blockBytes
        if checksums.count < firstBlock + blockCount {
            let missing = firstBlock + blockCount - checksums.count
            checksums += [UInt32](repeating: 0, count: missing)
        }
        for block in 0..<blockCount {
            let start = block * SegmentLayout.blockBytes
            checksums[firstBlock + block] = CRC32C.checksum(
                UnsafeRawBufferPointer(rebasing: bytes[start..<start + SegmentLayout.blockBytes])
            )
        }
        try writeAll(bytes, at: offset)
    }

    /// Writes the table of checksums behind the blocks and brings all of it to the disk.
    ///
    /// - Returns: the checksum of the table, which stands for the whole file.
    func finish() throws(EventLogError) -> UInt32 {
        let table = checksums.flatMap { word in
            (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32($0 * 8)) }
        }
        let checksum = CRC32C.checksum(table)
        let end = (0..<4).map { UInt8(truncatingIfNeeded: checksum >> UInt32($0 * 8)) }
        let offset = checksums.count * SegmentLayout.blockBytes
        try (table + end).withBytes { bytes throws(EventLogError) in
            try writeAll(bytes, at: offset)
        }
        guard fdatasync(descriptor) == 0 else { throw EventLogError.system("fdatasync", path) }
        return checksum
    }

    private func writeAll(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(EventLogError) {
        var written = 0
        while written < bytes.count {
            let count = pwrite(
                descriptor,
                bytes.baseAddress?.advanced(by: written),
                bytes.count - written,
                off_t(offset + written)
            )
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw EventLogError.system("pwrite", path) }
            written += count
        }
    }
}

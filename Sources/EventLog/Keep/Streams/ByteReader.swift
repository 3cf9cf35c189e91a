/// Takes bytes from a source one stretch after the other, and knows how far it has come.
final class ByteReader {
    private static let bufferBytes = 256 << 10

    /// What is read, for messages.
    let name: String
    /// How many bytes were taken.
    private(set) var offset: UInt64 = 0
    private let source: any ByteSource
    private var buffer = [UInt8](repeating: 0, count: ByteReader.bufferBytes)
    private var start = 0
    private var end = 0

    init(_ source: any ByteSource, name: String) {
        self.source = source
        self.name = name
    }

    /// Whether nothing is left.
    func isAtEnd() throws(EventLogError) -> Bool { try !fill() }

    /// The next byte, which is not taken; nil at the end.
    func peek() throws(EventLogError) -> UInt8? { try fill() ? buffer[start] : nil }

    /// The next bytes, which are not taken; fewer at the end.
    func peek(_ count: Int) throws(EventLogError) -> [UInt8] {
        while end - start < count, try more() {}
        return Array(buffer[start..<min(end, start + count)])
    }

    /// Moves bytes to the end of an array.
    ///
    /// - Throws: ``EventLogError`` with code `corrupt` if they end before.
    func take(_ count: Int, into target: inout [UInt8]) throws(EventLogError) {
        var left = count
        while left > 0 {
            guard try fill() else { throw cut() }
            let part = min(left, end - start)
            target.append(contentsOf: buffer[start..<start + part])
            start += part
            offset += UInt64(part)
            left -= part
        }
    }

    /// Moves bytes up to and with a line feed to the end of an array.
    ///
    /// - Returns: false if the bytes ended first.
    func takeLine(into target: inout [UInt8], bytesMax: Int) throws(EventLogError) -> Bool {
        while try fill() {
            let stretch = buffer[start..<end]
            let feed = stretch.firstIndex(of: 0x0A)
            let stop = feed.map { $0 + 1 } ?? end
            guard target.count + stop - start <= bytesMax else {
                throw EventLogError(
                    .tooLarge,
                    "\(name) has a line of more than \(bytesMax) bytes at byte \(offset)"
                )
            }
            target.append(contentsOf: buffer[start..<stop])
            offset += UInt64(stop - start)
            start = stop
            if feed != nil { return true }
        }
        return false
    }

    /// The error of a file that ends too early.
    func cut() -> EventLogError {
        EventLogError(
            .corrupt,
            "\(name) is cut at byte \(offset); take a whole copy of it"
        )
    }

    private func fill() throws(EventLogError) -> Bool {
        guard start == end else { return true }
        return try more()
    }

    /// Reads more behind what is there.
    private func more() throws(EventLogError) -> Bool {
        if start > 0 {
            buffer.withUnsafeMutableBytes { bytes in
                let rest = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
                bytes.copyMemory(from: rest)
            }
            end -= start
            start = 0
        }
        guard end < buffer.count else { return false }
        let count = try buffer.withMutableBytes { bytes throws(EventLogError) in
            try source.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[end...]))
        }
        end += count
        return count > 0
    }
}

public import EventModel
import Glibc

/// The file `checkpoints/history`: every checkpoint that was published, one after the other.
///
/// Each is a line `checkpoint <size> <microseconds since 1970> <bytes>`, the signed note in that
/// many bytes, and an empty line. A part at the end that a crash cut short is passed over, and cut
/// off by the next one.
public struct CheckpointHistory: Sendable {
    /// One published checkpoint.
    public struct Entry: Sendable, Hashable {
        /// How many events it covers.
        public let size: UInt64
        /// When it was published.
        public let publishedAt: Timestamp
        /// The signed note.
        public let note: SignedNote
    }

    /// A history is read up to this many bytes: some 200,000 checkpoints.
    static let bytesMax = 64 << 20

    let path: String

    /// The history of the log in a folder.
    public init(folder: String) { path = folder + "/checkpoints/history" }

    /// All checkpoints, the oldest first; none if there is no history.
    ///
    /// - Throws: ``EventLogError`` if the file cannot be read, or is damaged before its end.
    public func entries() throws(EventLogError) -> [Entry] { try scan().entries }

    /// Adds a checkpoint and brings it to the disk.
    func append(_ note: SignedNote, size: UInt64, at time: Timestamp) throws(EventLogError) {
        let (_, end) = try scan()
        let message = Array(note.message.utf8)
        let head = "checkpoint \(size) \(time.microseconds) \(message.count)\n"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw EventLogError.system("open", path) }
        defer { Glibc.close(descriptor) }
        guard ftruncate(descriptor, end) == 0 else {
            throw EventLogError.system("ftruncate", path)
        }
        guard lseek(descriptor, end, SEEK_SET) == end else {
            throw EventLogError.system("lseek", path)
        }
        try Files.write(Array(head.utf8) + message + [0x0A], to: descriptor, path: path)
        guard fsync(descriptor) == 0 else { throw EventLogError.system("fsync", path) }
    }

    /// Gives the file another name, so that a new history begins.
    func setAside() throws(EventLogError) {
        guard Files.exists(path) else { return }
        var number = 1
        while Files.exists("\(path).\(number)") { number += 1 }
        guard rename(path, "\(path).\(number)") == 0 else {
            throw EventLogError.system("rename", path)
        }
    }

    /// The entries, and where the last whole one ends.
    private func scan() throws(EventLogError) -> (entries: [Entry], end: Int) {
        guard Files.exists(path) else { return ([], 0) }
        let size = try Files.size(of: path)
        guard size <= Self.bytesMax else {
            throw EventLogError(
                .tooLarge,
                "\(path) has \(size) bytes, more than \(Self.bytesMax); move it elsewhere, a new "
                    + "one is begun"
            )
        }
        let bytes = try Files.read(path, bytesMax: max(size, 1)) ?? []
        var entries: [Entry] = []
        var start = 0
        while start < bytes.count {
            guard let line = bytes[start...].firstIndex(of: 0x0A) else { break }
            let words = String(decoding: bytes[start..<line], as: UTF8.self).split(separator: " ")
            guard words.count == 4, words[0] == "checkpoint", let size = UInt64(words[1]),
                let microseconds = Int64(words[2]), let count = Int(words[3]), count > 0
            else { throw damaged(at: start) }
            let (end, isBeyond) = (line + 1).addingReportingOverflow(count)
            guard !isBeyond, end < bytes.count else { break }
            guard bytes[end] == 0x0A,
                let note = try? SignedNote(bytes: Array(bytes[(line + 1)..<end]))
            else { throw damaged(at: start) }
            let time = Timestamp(seconds: 0) + .microseconds(microseconds)
            entries.append(Entry(size: size, publishedAt: time, note: note))
            start = end + 1
        }
        return (entries, start)
    }

    private func damaged(at offset: Int) -> EventLogError {
        EventLogError(
            .corrupt,
            "\(path) is damaged at byte \(offset); restore it from a backup, or move it elsewhere: "
                + "a new one is begun"
        )
    }
}

import EventModel

/// A small file beside the log that remembers how far the log had come.
///
/// LMDB opens a file whose newest state is lost, or an older copy, without a word. This file is
/// what turns that into an error: the log must hold at least these events, and the last of them
/// must be this.
struct HeadFile: Sendable, Hashable {
    /// The log's identity.
    var log: String
    /// The last event at the time, 0 if there was none.
    var position: UInt64
    /// The checksum of that event's stored bytes, frame included.
    var checksum: UInt32
    /// How many bytes each file of the journal has at least; nil if nobody needs the journal.
    ///
    /// Set while the log is open for writing, so that it is still set if the log was not closed.
    var journalBytes: Int?

    private static let title = "daybook head 1"

    static func path(in folder: String) -> String { folder + "/head" }

    /// Reads the file; nil if there is none.
    static func read(in folder: String) throws(EventLogError) -> HeadFile? {
        let path = path(in: folder)
        guard let bytes = try Files.read(path) else { return nil }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        guard (5...6).contains(lines.count), lines[0] == title,
            let log = member(lines[1], "log"),
            let position = member(lines[2], "position").flatMap({ UInt64($0) }),
            let checksum = member(lines[3], "record").flatMap({ UInt32($0, radix: 16) }),
            let own = member(lines[lines.count - 1], "checksum").flatMap({ UInt32($0, radix: 16) })
        else { throw damaged(path) }
        var file = HeadFile(log: log, position: position, checksum: checksum)
        if lines.count == 6 {
            guard let bytes = member(lines[4], "journal").flatMap({ Int($0) }) else {
                throw damaged(path)
            }
            file.journalBytes = bytes
        }
        guard own == CRC32C.checksum(Array(file.body.utf8)) else { throw damaged(path) }
        return file
    }

    /// Replaces the file.
    func write(in folder: String) throws(EventLogError) {
        let checksum = String(CRC32C.checksum(Array(body.utf8)), radix: 16)
        let text = body + "checksum \(checksum)\n"
        try Files.replace(HeadFile.path(in: folder), with: Array(text.utf8))
    }

    private var body: String {
        "\(HeadFile.title)\nlog \(log)\nposition \(position)\n"
            + "record \(String(checksum, radix: 16))\n"
            + (journalBytes.map { "journal \($0)\n" } ?? "")
    }

    private static func member(_ line: Substring, _ name: String) -> String? {
        let parts = line.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0] == name else { return nil }
        return String(parts[1])
    }

    private static func damaged(_ path: String) -> EventLogError {
        EventLogError(
            .corrupt,
            "\(path) is damaged, so nothing proves that the log is complete; restore it from a "
                + "backup, or remove it to trust the log as it is"
        )
    }
}

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

    private static let title = "daybook head 1"

    static func path(in folder: String) -> String { folder + "/head" }

    /// Reads the file; nil if there is none.
    static func read(in folder: String) throws(EventLogError) -> HeadFile? {
        let path = path(in: folder)
        guard let bytes = try Files.read(path) else { return nil }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        guard lines.count == 5, lines[0] == title,
            let log = member(lines[1], "log"),
            let position = member(lines[2], "position").flatMap({ UInt64($0) }),
            let checksum = member(lines[3], "record").flatMap({ UInt32($0, radix: 16) }),
            let own = member(lines[4], "checksum").flatMap({ UInt32($0, radix: 16) })
        else { throw damaged(path) }
        let file = HeadFile(log: log, position: position, checksum: checksum)
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

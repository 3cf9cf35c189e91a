import EventModel

/// A small file of lines `name value` under a title, with a checksum in its last line.
///
/// What is written this way is replaced whole or not at all, and a byte that was changed is noticed.
struct SealedText {
    /// The first line.
    let title: String
    /// Names and values, in the order of their lines; no value holds a newline.
    var members: [(name: String, value: String)] = []

    subscript(name: String) -> String? { members.first { $0.name == name }?.value }

    /// Reads the file; nil if there is none.
    ///
    /// - Throws: ``EventLogError`` `.corrupt` with the remedy if it is not as it was written.
    static func read(
        _ path: String,
        title: String,
        remedy: String
    ) throws(EventLogError) -> SealedText? {
        guard let bytes = try Files.read(path) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        var sealed = SealedText(title: title)
        guard lines.count >= 3, lines.removeLast().isEmpty, lines.removeFirst() == title else {
            throw EventLogError(.corrupt, "\(path) is damaged; \(remedy)")
        }
        let last = lines.removeLast()
        for line in lines {
            let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw EventLogError(.corrupt, "\(path) is damaged; \(remedy)")
            }
            sealed.members.append((String(parts[0]), String(parts[1])))
        }
        guard last == sealed.seal, Array(sealed.text.utf8) == bytes else {
            throw EventLogError(.corrupt, "\(path) is damaged; \(remedy)")
        }
        return sealed
    }

    /// Replaces the file, so that a crash leaves the old one or this one.
    func write(_ path: String) throws(EventLogError) {
        try Files.replace(path, with: Array(text.utf8))
    }

    private var text: String { body + seal + "\n" }

    private var body: String {
        ([title] + members.map { "\($0.name) \($0.value)" }).map { $0 + "\n" }.joined()
    }

    private var seal: Substring {
        "checksum \(String(CRC32C.checksum(Array(body.utf8)), radix: 16))"
    }
}

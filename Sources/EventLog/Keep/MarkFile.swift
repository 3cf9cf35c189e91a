import EventModel

/// A small text file with a title, named members and a checksum, for what a folder says about itself.
///
/// The first line is `daybook TITLE 1`, then a line a member, `name value`, and at last `checksum` with
/// the CRC-32C in hexadecimal of everything before that line.
struct MarkFile: Sendable, Hashable {
    /// The version of all mark files.
    static let format = 1

    var title: String
    let members: [(name: String, value: String)]

    subscript(name: String) -> String? { members.first { $0.name == name }?.value }

    init(_ title: String, _ members: [(name: String, value: String)]) {
        self.title = title
        self.members = members
    }

    /// Reads a file; nil if there is none.
    static func read(
        _ path: String,
        title: String,
        bytesMax: Int = 1 << 20
    ) throws(EventLogError) -> MarkFile? {
        guard Files.exists(path) else { return nil }
        let size = try Files.size(of: path)
        guard size <= bytesMax else {
            throw EventLogError(.corrupt, "\(path) is larger than such a file can be")
        }
        guard let bytes = try Files.read(path, bytesMax: size + 1) else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self), text.hasSuffix("\n") else {
            throw damaged(path)
        }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        guard let first = lines.first, first.hasPrefix("daybook \(title) "),
            let format = Int(first.dropFirst("daybook \(title) ".count))
        else { throw damaged(path) }
        guard format <= MarkFile.format else {
            throw EventLogError(
                .newerFormat,
                "\(path) has format \(format), this version reads \(MarkFile.format); "
                    + "use the version that wrote it"
            )
        }
        var members: [(name: String, value: String)] = []
        for line in lines.dropFirst() {
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2 else { throw damaged(path) }
            members.append((String(parts[0]), String(parts[1])))
        }
        guard members.last?.name == "checksum" else { throw damaged(path) }
        let file = MarkFile(title, Array(members.dropLast()))
        guard file.text == text else { throw damaged(path) }
        return file
    }

    /// Replaces the file.
    func write(_ path: String) throws(EventLogError) {
        try Files.replace(path, with: Array(text.utf8))
    }

    private var text: String {
        let body = members.reduce("daybook \(title) \(MarkFile.format)\n") { text, member in
            text + "\(member.name) \(member.value)\n"
        }
        return body + "checksum \(String(CRC32C.checksum(Array(body.utf8)), radix: 16))\n"
    }

    private static func damaged(_ path: String) -> EventLogError {
        EventLogError(.corrupt, "\(path) is damaged; restore it from a backup")
    }

    static func == (left: MarkFile, right: MarkFile) -> Bool { left.text == right.text }
    func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

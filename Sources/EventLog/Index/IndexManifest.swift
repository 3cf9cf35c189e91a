import EventModel

/// The list of segments, a text file; what it does not list is not there.
///
///     daybook index 2
///     log <identity of the log>
///     secret <32 hexadecimal digits: the secret of SipHash>
///     segment <first position> <last position> <checksum of its table, hexadecimal>
///     checksum <CRC-32C of the lines before, hexadecimal>
///
/// The segments follow each other without a gap, from position 1.
struct IndexManifest: Sendable, Equatable {
    private static let title = "daybook index 2"
    /// Enough for some hundred thousand segments.
    private static let bytesMax = 32 << 20

    /// A segment that is part of the index.
    struct Entry: Sendable, Hashable {
        var first: UInt64
        var last: UInt64
        /// The checksum of the table of checksums at the end of the file.
        var checksum: UInt32

        /// The positions in 20 digits each, so that names sort as the log does.
        var fileName: String {
            "\(Entry.digits(first))-\(Entry.digits(last)).segment"
        }

        private static func digits(_ number: UInt64) -> String {
            let text = String(number)
            return String(repeating: "0", count: 20 - text.utf8.count) + text
        }
    }

    var log: String
    var secret: SipHash
    var entries: [Entry] = []

    static func path(in folder: String) -> String { folder + "/manifest" }

    /// What the headers of all segments hold, so that none of another log or secret is taken.
    var seal: IndexKey {
        let (high, low) = Array(log.utf8).withUnsafeBytes { secret.hash($0) }
        return IndexKey(high: high, low: low)
    }

    /// The manifest of an index without segments.
    static func new(log: String) -> IndexManifest {
        var generator = SystemRandomNumberGenerator()
        return IndexManifest(
            log: log,
            secret: SipHash(secret: (generator.next(), generator.next()))
        )
    }

    /// Reads the manifest; nil if there is none.
    static func read(in folder: String) throws(EventLogError) -> IndexManifest? {
        let path = path(in: folder)
        guard Files.exists(path) else { return nil }
        // No more room than it takes: readers look again and again. One that grows meanwhile is
        // seen to be damaged, and read again.
        let byteCount = min(try Files.size(of: path) + 1, bytesMax)
        guard let bytes = try Files.read(path, bytesMax: byteCount) else { return nil }
        guard let manifest = IndexManifest(bytes) else {
            throw EventLogError(.corrupt, "\(path) is damaged or of another version")
        }
        return manifest
    }

    /// Replaces the manifest, so that a crash leaves this one or the one before.
    func write(in folder: String) throws(EventLogError) {
        let checksum = String(CRC32C.checksum(Array(body.utf8)), radix: 16)
        let text = body + "checksum \(checksum)\n"
        try Files.replace(IndexManifest.path(in: folder), with: Array(text.utf8))
    }

    private var body: String {
        let secret = Hexadecimal16.text(secret.secret.0) + Hexadecimal16.text(secret.secret.1)
        var text = "\(IndexManifest.title)\nlog \(log)\nsecret \(secret)\n"
        for entry in entries {
            text += "segment \(entry.first) \(entry.last) \(String(entry.checksum, radix: 16))\n"
        }
        return text
    }

    private init(log: String, secret: SipHash, entries: [Entry] = []) {
        self.log = log
        self.secret = secret
        self.entries = entries
    }

    private init?(_ bytes: [UInt8]) {
        guard let end = bytes.dropLast().lastIndex(of: UInt8(ascii: "\n")) else { return nil }
        let body = Array(bytes[...end])
        let lines = String(decoding: body, as: UTF8.self).split(separator: "\n")
        let last = String(decoding: bytes[(end + 1)...], as: UTF8.self).split(separator: "\n")
        guard lines.count >= 3, lines[0] == IndexManifest.title,
            let log = IndexManifest.member(lines[1], "log"), log.count == 1,
            let secret = IndexManifest.member(lines[2], "secret"), secret.count == 1,
            secret[0].utf8.count == 32,
            let high = UInt64(secret[0].prefix(16), radix: 16),
            let low = UInt64(secret[0].suffix(16), radix: 16),
            last.count == 1, let checksum = IndexManifest.member(last[0], "checksum"),
            checksum.first.flatMap({ UInt32($0, radix: 16) }) == CRC32C.checksum(body)
        else { return nil }
        self.init(log: String(log[0]), secret: SipHash(secret: (high, low)))
        var next: UInt64 = 1
        for line in lines.dropFirst(3) {
            guard let parts = IndexManifest.member(line, "segment"), parts.count == 3,
                let first = UInt64(parts[0]), let last = UInt64(parts[1]),
                let checksum = UInt32(parts[2], radix: 16), first == next, last >= first,
                last < .max
            else { return nil }
            entries.append(Entry(first: first, last: last, checksum: checksum))
            next = last + 1
        }
    }

    private static func member(_ line: Substring, _ name: String) -> [Substring]? {
        let parts = line.split(separator: " ")
        guard parts.first.map(String.init) == name else { return nil }
        return Array(parts.dropFirst())
    }
}

/// Sixteen hexadecimal digits of a number.
enum Hexadecimal16 {
    static func text(_ number: UInt64) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: 16 - text.utf8.count) + text
    }
}

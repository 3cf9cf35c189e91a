import EventModel

/// One sealed stretch of a log, as a manifest lists it.
struct Segment: Sendable, Hashable {
    var first: UInt64
    var last: UInt64
    /// The size of the file, in bytes, and its SHA-256.
    var byteCount: Int
    var digest: Digest
    /// The size of the sequence of records in it, in bytes, and its SHA-256.
    var rawByteCount: Int
    var rawDigest: Digest
    /// The root of the log's tree (RFC 6962) over everything up to the last position.
    var root: Digest

    /// The name of the file: both positions, so that names sort as positions do.
    var fileName: String {
        "segment-\(Segment.padded(first))-\(Segment.padded(last)).zst"
    }

    /// The line of a manifest.
    var text: String {
        [
            String(first), String(last), String(byteCount), digest.hexadecimal,
            String(rawByteCount), rawDigest.hexadecimal, root.hexadecimal,
        ].joined(separator: " ")
    }

    init?(text: String) {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 7, let first = UInt64(parts[0]), let last = UInt64(parts[1]),
            let byteCount = Int(parts[2]), let digest = Digest(hexadecimal: parts[3]),
            let rawByteCount = Int(parts[4]), let rawDigest = Digest(hexadecimal: parts[5]),
            let root = Digest(hexadecimal: parts[6]), first > 0, last >= first
        else { return nil }
        self.first = first
        self.last = last
        self.byteCount = byteCount
        self.digest = digest
        self.rawByteCount = rawByteCount
        self.rawDigest = rawDigest
        self.root = root
    }

    init(
        first: UInt64,
        last: UInt64,
        file: [UInt8],
        raw: [UInt8],
        root: Digest
    ) {
        self.first = first
        self.last = last
        byteCount = file.count
        digest = file.withUnsafeBytes { Digest.sha256($0) }
        rawByteCount = raw.count
        rawDigest = raw.withUnsafeBytes { Digest.sha256($0) }
        self.root = root
    }

    private static func padded(_ number: UInt64) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, 20 - text.utf8.count)) + text
    }
}

/// What a folder of segments says about itself; replaced as a whole after each new segment.
struct SegmentManifest: Sendable, Hashable {
    private static let title = "segments"
    /// Room for more than a hundred thousand segments.
    private static let bytesMax = 64 << 20

    /// The identity of the log.
    var log: String
    /// The last position of the log when the manifest was written.
    var head: UInt64
    var writtenAt: Timestamp
    /// The tree over all segments, to go on from.
    var tree: CompactRange
    /// The SHA-256 of the last segment's last record; of nothing if there is none.
    var tail: Digest
    var segments: [Segment]

    /// The last position that a segment holds.
    var last: UInt64 { segments.last?.last ?? 0 }

    static func path(in folder: String) -> String { folder + "/manifest" }

    /// A manifest without segments.
    init(log: String, writtenAt: Timestamp) {
        self.log = log
        self.writtenAt = writtenAt
        head = 0
        tree = CompactRange()
        tail = Digest.sha256([])
        segments = []
    }

    func write(in folder: String) throws(EventLogError) {
        let peaks = tree.peaks.map(\.hexadecimal)
        let file = MarkFile(
            SegmentManifest.title,
            [
                ("log", log), ("head", String(head)), ("written", writtenAt.rfc3339),
                ("tail", tail.hexadecimal),
                ("peaks", peaks.isEmpty ? "none" : peaks.joined(separator: ",")),
            ] + segments.map { ("segment", $0.text) }
        )
        try file.write(SegmentManifest.path(in: folder))
        try Files.synchronizeFolder(folder)
    }

    /// Reads the manifest of a folder; nil if there is none.
    static func read(in folder: String) throws(EventLogError) -> SegmentManifest? {
        let path = path(in: folder)
        guard let file = try MarkFile.read(path, title: title, bytesMax: bytesMax) else {
            return nil
        }
        guard let log = file["log"], LogIdentity.isIdentity(log),
            let head = file["head"].flatMap({ UInt64($0) }),
            let written = file["written"].flatMap({ try? Timestamp(rfc3339: $0) }),
            let tail = file["tail"].flatMap({ Digest(hexadecimal: $0) }),
            let peaks = file["peaks"].flatMap(MerklePeaks.parse)
        else { throw damaged(path) }
        var manifest = SegmentManifest(log: log, writtenAt: written)
        manifest.head = head
        manifest.tail = tail
        for member in file.members where member.name == "segment" {
            guard let segment = Segment(text: member.value), segment.first == manifest.last + 1
            else { throw damaged(path) }
            manifest.segments.append(segment)
        }
        guard let tree = CompactRange(size: manifest.last, peaks: peaks),
            tree.root == manifest.segments.last?.root ?? MerkleHash.empty
        else { throw damaged(path) }
        manifest.tree = tree
        return manifest
    }

    private static func damaged(_ path: String) -> EventLogError {
        EventLogError(
            .corrupt,
            "\(path) is damaged; write the segments to a new folder, or copy the manifest again"
        )
    }
}

/// The roots of complete subtrees as text.
enum MerklePeaks {
    static func parse(_ text: String) -> [Digest]? {
        if text == "none" { return [] }
        var peaks: [Digest] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let peak = Digest(hexadecimal: String(part)) else { return nil }
            peaks.append(peak)
        }
        return peaks
    }
}

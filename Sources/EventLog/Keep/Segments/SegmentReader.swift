import EventModel

/// Reads one segment and checks all of it.
enum SegmentReader {
    /// A segment's file is not larger than this.
    private static let fileBytesMax = 512 << 20

    /// Hands the records of a segment to the closure, after file, digests, head, and each record's hash
    /// were compared; a failure may come after some of them.
    ///
    /// - Parameters:
    ///   - segment: what the manifest says.
    ///   - folder: where the segments are.
    ///   - log: the identity of the log.
    ///   - tree: the tree before the segment; afterwards with it.
    static func read(
        _ segment: Segment,
        in folder: String,
        log: String,
        tree: inout CompactRange,
        _ body: (UInt64, UnsafeRawBufferPointer) throws(EventLogError) -> Void
    ) throws(EventLogError) {
        let path = "\(folder)/\(segment.fileName)"
        let raw = try sequence(of: segment, path: path)
        var reader = try CBORSequenceReader(ByteReader(MemorySource(raw), name: path))
        let header = reader.header
        guard header.log == log, header.first == segment.first, header.last == segment.last,
            header.isWhole
        else { throw foreign(path, "its head says events \(header.first) to \(header.last)") }
        var next = segment.first
        var leaves = LeafHasher()
        while let position = try reader.next() {
            guard position == next, position <= segment.last else {
                throw foreign(path, "event \(position) follows event \(next - 1)")
            }
            try reader.record.withBytes { record throws(EventLogError) in
                leaves.add(position: position, record)
                try body(position, record)
            }
            next += 1
        }
        guard next == segment.last + 1 else {
            throw foreign(path, "it ends at event \(next - 1)")
        }
        for leaf in leaves.take() { tree.append(leaf) }
        guard tree.root == segment.root else {
            throw EventLogError(
                .corrupt,
                "\(path): the tree over events 1 to \(segment.last) has the root "
                    + "\(tree.root.hexadecimal), not \(segment.root.hexadecimal) as the manifest "
                    + "says; the events before it are not those that the segment follows"
            )
        }
    }

    /// The sequence of records in a segment's file.
    private static func sequence(
        of segment: Segment,
        path: String
    ) throws(EventLogError) -> [UInt8] {
        guard segment.byteCount <= fileBytesMax, segment.rawByteCount <= 4 * fileBytesMax else {
            throw EventLogError(.tooLarge, "\(path) is larger than any segment")
        }
        guard Files.exists(path) else {
            throw EventLogError(.missing, "\(path) is missing; copy the segments again")
        }
        let file = try Files.read(path, bytesMax: segment.byteCount + 1) ?? []
        guard file.count == segment.byteCount,
            file.withUnsafeBytes({ Digest.sha256($0) }) == segment.digest
        else {
            throw EventLogError(
                .corrupt,
                "\(path) is not the file that the manifest lists; copy it again"
            )
        }
        let source = try DecompressingSource(MemorySource(file), name: path)
        var raw = [UInt8](repeating: 0, count: segment.rawByteCount + 1)
        var filled = 0
        while filled < raw.count {
            let count = try raw.withMutableBytes { room throws(EventLogError) in
                try source.read(into: UnsafeMutableRawBufferPointer(rebasing: room[filled...]))
            }
            if count == 0 { break }
            filled += count
        }
        raw.removeSubrange(filled...)
        guard raw.count == segment.rawByteCount,
            raw.withUnsafeBytes({ Digest.sha256($0) }) == segment.rawDigest
        else { throw foreign(path, "it holds other bytes than the manifest says") }
        return raw
    }

    private static func foreign(_ path: String, _ why: String) -> EventLogError {
        EventLogError(.corrupt, "\(path) is not the segment of the manifest: \(why); copy it again")
    }
}

extension EventLog {
    /// Reads all segments of a folder and checks every byte, every record, and the roots of the tree.
    ///
    /// - Throws: ``EventLogError`` that names the file, or because there are no segments.
    public static func verifySegments(
        in folder: String,
        progress: @escaping @Sendable (KeepProgress) -> Void = { _ in }
    ) async throws(EventLogError) -> SegmentReport {
        try await WorkerThread.run("segments") { () -> Result<SegmentReport, EventLogError> in
            Result { () throws(EventLogError) in
                guard let manifest = try SegmentManifest.read(in: folder) else {
                    throw EventLogError(.missing, "there are no segments in \(folder)")
                }
                var tree = CompactRange()
                var check = RecordCheck(name: folder)
                var meter = KeepMeter(.verifying, total: manifest.last, progress)
                for segment in manifest.segments {
                    let name = "\(folder)/\(segment.fileName)"
                    try SegmentReader.read(segment, in: folder, log: manifest.log, tree: &tree) {
                        position,
                        record throws(EventLogError) in
                        try check.check(position, record, place: name)
                        meter.count(record.count)
                    }
                }
                meter.finish()
                return SegmentReport(manifest, path: folder, newCount: 0)
            }
        }
    }
}

public import EventModel
import Glibc

/// What an export of tiles has done.
public struct TileExportReport: Sendable, Hashable {
    /// How many events the exported log has.
    public internal(set) var size: UInt64 = 0
    /// How many files were written; those that were there already are not counted.
    public internal(set) var fileCount = 0
}

extension EventLog {
    /// Writes the log's tree as static files in the layout of C2SP tlog-tiles: tiles, bundles of
    /// leaves, and last the checkpoint, so that a reader never sees one without its tiles.
    ///
    /// - Parameters:
    ///   - folder: where to write; a folder of an earlier export is continued.
    ///   - note: the signed checkpoint to export.
    ///   - progress: hears from another thread how far it has come.
    /// - Throws: ``EventLogError`` if the checkpoint is not this log's, or a file cannot be written.
    public func exportTiles(
        to folder: String,
        checkpoint note: SignedNote,
        progress: @escaping @Sendable (VerifyProgress) -> Void = { _ in }
    ) async throws(EventLogError) -> TileExportReport {
        let checkpoint: Checkpoint
        do throws(ProofError) {
            checkpoint = try Checkpoint(text: note.text)
        } catch {
            throw EventLogError(.invalid, error.message)
        }
        return try await withTree(of: checkpoint.size) { tree throws(EventLogError) in
            guard try tree.root(at: checkpoint.size) == checkpoint.root else {
                throw EventLogError(
                    .invalid,
                    "the checkpoint of \(checkpoint.size) events is not this log's"
                )
            }
            var export = TileExport(tree: tree, folder: folder, size: checkpoint.size)
            try export.run(progress)
            try Files.replace(folder + "/checkpoint", with: Array(note.message.utf8))
            export.report.size = checkpoint.size
            return export.report
        }
    }
}

/// One export.
private struct TileExport {
    let tree: LogTree
    let folder: String
    let size: UInt64
    var report = TileExportReport()

    mutating func run(_ progress: (VerifyProgress) -> Void) throws(EventLogError) {
        try Files.makeFolder(folder)
        for level in 0..<TreeFiles.levelsMax {
            for tile in TilePath.all(.hashes(level: level), size: size) {
                guard !Files.exists("\(folder)/\(tile.path)") else { continue }
                let hashes = try tree.tile(level: level, index: tile.index, width: tile.width)
                var bytes: [UInt8] = []
                bytes.reserveCapacity(hashes.count * Digest.byteCount)
                for hash in hashes { hash.withBytes { bytes.append(contentsOf: $0) } }
                try write(bytes, tile)
            }
        }
        for tile in TilePath.all(.entries, size: size) {
            let first = tile.index * UInt64(TilePath.widthMax) + 1
            let last = first + UInt64(tile.width) - 1
            if !Files.exists("\(folder)/\(tile.path)") {
                var bundle: [UInt8] = []
                try tree.records.forEach(from: first, through: last) { position, record in
                    let leaf = LeafRecord(position: Position(position), record: record)
                    EntryBundle.append(leaf.bytes, to: &bundle)
                    return true
                }
                try write(bundle, tile)
            }
            progress(VerifyProgress(position: Position(last), head: Position(size)))
        }
    }

    private mutating func write(_ bytes: [UInt8], _ tile: TilePath) throws(EventLogError) {
        let path = "\(folder)/\(tile.path)"
        let slash = path.lastIndex(of: "/") ?? path.endIndex
        try Files.makeFolder(String(path[..<slash]))
        try Files.replace(path, with: bytes)
        report.fileCount += 1
        guard tile.width == TilePath.widthMax else { return }
        // Who has the full tile needs none of its beginnings.
        let partial = path + ".p"
        guard Files.exists(partial) else { return }
        for width in 1..<TilePath.widthMax { unlink("\(partial)/\(width)") }
        rmdir(partial)
    }
}

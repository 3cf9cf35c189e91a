public import EventModel

/// When a stretch of the log is sealed.
public struct SegmentOptions: Sendable {
    /// How many events a segment holds at the most.
    public var eventsMax: Int
    /// A segment ends with the event that brings its records to this many bytes.
    public var bytesMax: Int
    /// Seals the last stretch too, although it is not full.
    public var sealsLast: Bool

    public init(
        eventsMax: Int = 65_536,
        bytesMax: Int = 16 << 20,
        sealsLast: Bool = false
    ) {
        self.eventsMax = max(eventsMax, 1)
        self.bytesMax = max(bytesMax, 1)
        self.sealsLast = sealsLast
    }
}

/// What a folder of segments holds, and what was added.
public struct SegmentReport: Sendable, Hashable {
    public var path: String
    /// The identity of the log.
    public var identity: String
    /// How many segments there are.
    public var segmentCount: Int
    /// How many of them are new.
    public var newCount: Int
    /// The last position that a segment holds.
    public var last: Position
    /// The last position of the log when the manifest was written.
    public var head: Position
    /// How many bytes the files of all segments have together.
    public var fileBytes: UInt64
    /// The root of the log's tree over everything in the segments.
    public var root: Digest

    init(_ manifest: SegmentManifest, path: String, newCount: Int) {
        self.path = path
        identity = manifest.log
        segmentCount = manifest.segments.count
        self.newCount = newCount
        last = Position(manifest.last)
        head = Position(manifest.head)
        fileBytes = manifest.segments.reduce(0) { $0 + UInt64($1.byteCount) }
        root = manifest.tree.root
    }
}

extension EventLog {
    /// Adds the stretches of the log that are full by now to a folder of segments.
    ///
    /// A segment that is there is never touched again. The manifest is replaced after each new one, so
    /// whoever copies or follows the folder always finds a whole one; a kill costs nothing but time.
    ///
    /// - Parameters:
    ///   - destination: the folder; made if it is missing.
    ///   - options: when a stretch is full.
    ///   - progress: hears from another thread how far it has come.
    /// - Throws: ``EventLogError`` if the folder has the segments of another log, or of this one before
    ///   it was set back; or if another process writes there.
    public func writeSegments(
        to destination: String,
        options: SegmentOptions = SegmentOptions(),
        progress: @escaping @Sendable (KeepProgress) -> Void = { _ in }
    ) async throws(EventLogError) -> SegmentReport {
        try await WorkerThread.run("segments") {
            [self] () -> Result<SegmentReport, EventLogError> in
            Result { () throws(EventLogError) in
                try addSegments(to: destination, options, progress)
            }
        }
    }

    private func addSegments(
        to destination: String,
        _ options: SegmentOptions,
        _ progress: @escaping @Sendable (KeepProgress) -> Void
    ) throws(EventLogError) -> SegmentReport {
        try Files.makeFolder(destination)
        let lock = try FolderLock(folder: destination)
        defer { lock.release() }
        let head = try checkedHead()
        var manifest =
            try SegmentManifest.read(in: destination)
            ?? SegmentManifest(log: storage.identity.id, writtenAt: configuration.now())
        try expectOwn(manifest, in: destination, head: head)
        let before = manifest.segments.count
        var meter = KeepMeter(.writing, total: head - manifest.last, progress)
        manifest.head = head
        while let stretch = try nextStretch(after: manifest.last, head: head, options, &meter) {
            try add(stretch, to: &manifest, in: destination)
        }
        meter.finish()
        manifest.writtenAt = configuration.now()
        // Also without a new segment: a follower learns from it how far behind it is.
        try manifest.write(in: destination)
        return SegmentReport(
            manifest,
            path: destination,
            newCount: manifest.segments.count - before
        )
    }

    private func expectOwn(
        _ manifest: SegmentManifest,
        in destination: String,
        head: UInt64
    ) throws(EventLogError) {
        guard manifest.log == storage.identity.id else {
            throw EventLogError(
                .invalid,
                "\(destination) holds segments of log \(manifest.log), not of "
                    + "\(storage.identity.id); name another folder"
            )
        }
        guard manifest.last > 0 else { return }
        var tail: Digest?
        if manifest.last <= head {
            try walk(from: manifest.last, through: manifest.last) { _, record in
                tail = Digest.sha256(record)
            }
        }
        guard tail == manifest.tail else {
            throw EventLogError(
                .invalid,
                "\(destination) holds events up to \(manifest.last) that this log does not have: "
                    + "an older copy of it was restored; name a new folder"
            )
        }
    }

    /// A full stretch of records, one behind the other.
    private struct Stretch {
        let first: UInt64
        var bytes: [UInt8] = []
        var ends: [Int] = []
    }

    /// The records after a position up to where a segment ends; nil if it is not full yet.
    private func nextStretch(
        after position: UInt64,
        head: UInt64,
        _ options: SegmentOptions,
        _ meter: inout KeepMeter
    ) throws(EventLogError) -> Stretch? {
        var stretch = Stretch(first: position + 1)
        var isFull = false
        var next = position + 1
        while !isFull, next <= head {
            let end = min(head, next + 1023)
            try records.forEach(from: next, through: end) {
                position,
                record throws(EventLogError) in
                try RecordCodec.check(record, position: position, file: storage.file)
                stretch.bytes.append(contentsOf: record)
                stretch.ends.append(stretch.bytes.count)
                meter.count(record.count)
                isFull =
                    stretch.ends.count >= options.eventsMax
                    || stretch.bytes.count >= options.bytesMax
                return !isFull
            }
            next = end + 1
        }
        guard isFull || (options.sealsLast && !stretch.ends.isEmpty) else { return nil }
        return stretch
    }

    private func add(
        _ stretch: Stretch,
        to manifest: inout SegmentManifest,
        in destination: String
    ) throws(EventLogError) {
        let last = stretch.first + UInt64(stretch.ends.count) - 1
        let raw = MemorySink()
        let header = RecordFileHeader(
            log: manifest.log,
            first: stretch.first,
            last: last,
            isWhole: true
        )
        var writer = try CBORSequenceWriter(raw, header: header)
        var leaves = LeafHasher()
        try stretch.bytes.withBytes { bytes throws(EventLogError) in
            var start = 0
            for (index, end) in stretch.ends.enumerated() {
                let record = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
                let position = stretch.first + UInt64(index)
                try writer.add(position, record)
                leaves.add(position: position, record)
                if end == bytes.count { manifest.tail = Digest.sha256(record) }
                start = end
            }
        }
        try writer.finish()
        for leaf in leaves.take() { manifest.tree.append(leaf) }
        let file = MemorySink()
        let compressed = try CompressingSink(file)
        try raw.bytes.withBytes { bytes throws(EventLogError) in try compressed.write(bytes) }
        try compressed.finish()
        let segment = Segment(
            first: stretch.first,
            last: last,
            file: file.bytes,
            raw: raw.bytes,
            root: manifest.tree.root
        )
        try Files.replace("\(destination)/\(segment.fileName)", with: file.bytes)
        try Files.synchronizeFolder(destination)
        manifest.segments.append(segment)
        manifest.writtenAt = configuration.now()
        try manifest.write(in: destination)
    }
}

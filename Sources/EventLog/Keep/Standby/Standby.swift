public import EventModel

/// A log that follows another one by its segments, in a folder of its own.
///
/// Segments are applied in order, each in one transaction after it was checked to the last byte and
/// after the tree over everything had the root that the manifest says. What was applied once is passed
/// over, so a standby can be killed at any moment and goes on where it was.
///
/// Sendable because a pass holds the folder's lock, and only passes change anything.
public struct Standby: Sendable {
    /// Where the standby's log lies.
    public let folder: String

    /// What a pass has done, and how far behind the standby is.
    public struct Report: Sendable, Hashable {
        /// The identity of the log.
        public var identity: String
        /// The last event of the standby.
        public var position: Position
        /// How many events were added.
        public var appliedCount: UInt64
        /// How many segments they came in.
        public var segmentCount: Int
        /// The last event of the followed log when its manifest was written.
        public var head: Position
        /// When the manifest was written.
        public var writtenAt: Timestamp

        /// How many events the standby was behind when the manifest was written.
        public var lag: UInt64 { head.value - min(position.value, head.value) }
    }

    /// A standby in a folder, which is made by the first pass.
    public init(folder: String) { self.folder = folder }

    /// Whether a folder is a standby.
    public static func isStandby(_ folder: String) -> Bool { StandbyMark.exists(in: folder) }

    /// Applies what is new in a folder of segments.
    ///
    /// - Parameters:
    ///   - segments: the folder.
    ///   - progress: hears from another thread how far it has come.
    /// - Throws: ``EventLogError`` if a segment is damaged or missing, does not connect, or is of another
    ///   log; what came before it is applied. Also if the folder has a log that is no standby.
    public func apply(
        from segments: String,
        progress: @escaping @Sendable (KeepProgress) -> Void = { _ in }
    ) async throws(EventLogError) -> Report {
        let folder = folder
        return try await WorkerThread.run("standby") { () -> Result<Report, EventLogError> in
            Result { () throws(EventLogError) in
                guard let manifest = try SegmentManifest.read(in: segments) else {
                    throw EventLogError(.missing, "there are no segments in \(segments)")
                }
                try Standby.prepare(folder, log: manifest.log)
                let pass = try StandbyPass(folder: folder)
                defer { pass.close() }
                return try pass.apply(manifest, from: segments, progress)
            }
        }
    }

    /// Applies what is new again and again.
    ///
    /// Segments that are missing, or a folder that cannot be read, may still be on their way: that is
    /// reported, and tried again.
    ///
    /// - Parameters:
    ///   - segments: the folder.
    ///   - wait: waits for the next look; false ends it.
    ///   - report: hears of every pass.
    /// - Throws: ``EventLogError`` that waiting does not mend.
    public func follow(
        _ segments: String,
        wait: @Sendable () async -> Bool,
        report: @Sendable (Result<Report, EventLogError>) -> Void
    ) async throws(EventLogError) {
        repeat {
            do throws(EventLogError) {
                report(.success(try await apply(from: segments)))
            } catch {
                guard [.missing, .inputOutput, .diskFull].contains(error.code) else { throw error }
                report(.failure(error))
            }
        } while await wait()
    }

    /// Makes the standby a log of its own, which can be written from then on.
    ///
    /// The followed log must not be written any more: both have the same identity.
    ///
    /// - Parameter now: the clock.
    /// - Returns: its last position.
    /// - Throws: ``EventLogError`` with code `invalid` if the folder is no standby, or because the log is
    ///   damaged.
    public func promote(
        now: @escaping @Sendable () -> Timestamp = EventLogConfiguration.systemClock
    ) async throws(EventLogError) -> Position {
        let folder = folder
        return try await WorkerThread.run("promote") { () -> Result<Position, EventLogError> in
            Result { () throws(EventLogError) in
                guard StandbyMark.exists(in: folder) else {
                    throw EventLogError(.invalid, "\(folder) is no standby")
                }
                let pass = try StandbyPass(folder: folder)
                defer { pass.close() }
                return Position(try pass.promote(now: now()))
            }
        }
    }

    /// Makes the folder of a standby that is not there yet, with an empty log.
    private static func prepare(_ folder: String, log: String) throws(EventLogError) {
        guard !StandbyMark.exists(in: folder) else { return }
        guard !Files.exists(folder + "/log/data.mdb") else {
            throw EventLogError(
                .exists,
                "\(folder) holds a log that is no standby; name an empty folder"
            )
        }
        let fresh = try FreshLog(target: folder, identity: LogIdentity(id: log))
        do throws(EventLogError) {
            try fresh.seal()
            try StandbyMark(log: log, tree: CompactRange()).write(in: fresh.folder)
            try fresh.place()
        } catch {
            fresh.abandon()
            throw error
        }
    }
}

/// One stay in a standby's folder: holds its lock and its table.
///
/// Belongs to one thread.
private struct StandbyPass {
    private let folder: String
    private let lock: FolderLock
    private let storage: LogStorage
    private let mark: StandbyMark

    init(folder: String) throws(EventLogError) {
        self.folder = folder
        lock = try FolderLock(folder: folder)
        guard let mark = try StandbyMark.read(in: folder) else {
            throw EventLogError(.invalid, "\(folder) is no standby any more")
        }
        self.mark = mark
        storage = try LogStorage(folder: folder, configuration: EventLogConfiguration())
        guard storage.identity.id == mark.log else {
            close()
            throw EventLogError(
                .corrupt,
                "\(storage.file) is not the log that \(StandbyMark.path(in: folder)) names; begin the "
                    + "standby anew in an empty folder"
            )
        }
    }

    func close() {
        storage.environment.close()
        lock.release()
    }

    /// The tree over everything that is applied.
    private func tree(through last: UInt64) throws(EventLogError) -> CompactRange {
        var tree = mark.tree
        guard tree.size <= last else {
            throw EventLogError(
                .corrupt,
                "\(storage.file) ends at \(last), but \(StandbyMark.path(in: folder)) says that "
                    + "\(tree.size) events were applied; begin the standby anew in an empty folder"
            )
        }
        guard tree.size < last else { return tree }
        var leaves = LeafHasher()
        try storage.forEach(from: tree.size + 1, through: last) { position, record in
            leaves.add(position: position, record)
            return true
        }
        for leaf in leaves.take() { tree.append(leaf) }
        return tree
    }

    func apply(
        _ manifest: SegmentManifest,
        from segments: String,
        _ progress: @escaping @Sendable (KeepProgress) -> Void
    ) throws(EventLogError) -> Standby.Report {
        guard manifest.log == mark.log else {
            throw EventLogError(
                .invalid,
                "\(segments) holds segments of log \(manifest.log), but \(folder) follows log "
                    + "\(mark.log); name the other folder"
            )
        }
        let before = try storage.lastPosition()
        var last = before
        var tree = try tree(through: last)
        try expectKnown(manifest, last: last, tree: tree, segments)
        var meter = KeepMeter(.writing, total: manifest.last - min(before, manifest.last), progress)
        var count = 0
        for segment in manifest.segments where segment.first > last {
            try apply(segment, from: segments, &tree, &meter)
            last = segment.last
            count += 1
        }
        meter.finish()
        return Standby.Report(
            identity: mark.log,
            position: Position(last),
            appliedCount: last - before,
            segmentCount: count,
            head: Position(manifest.head),
            writtenAt: manifest.writtenAt
        )
    }

    /// Refuses segments that the standby's own events do not end with or between.
    private func expectKnown(
        _ manifest: SegmentManifest,
        last: UInt64,
        tree: CompactRange,
        _ segments: String
    ) throws(EventLogError) {
        guard last > 0 else { return }
        guard let own = manifest.segments.first(where: { $0.last >= last }), own.last == last else {
            throw EventLogError(
                .corrupt,
                "no segment of \(segments) ends at event \(last), where \(folder) does, so they are "
                    + "of another history; begin the standby anew in an empty folder"
            )
        }
        guard own.root == tree.root else {
            throw EventLogError(
                .corrupt,
                "\(segments)/\(own.fileName) has the root \(own.root.hexadecimal) at event \(last), "
                    + "but the tree over the events in \(folder) has \(tree.root.hexadecimal), so "
                    + "they are of another history; begin the standby anew in an empty folder"
            )
        }
    }

    private func apply(
        _ segment: Segment,
        from segments: String,
        _ tree: inout CompactRange,
        _ meter: inout KeepMeter
    ) throws(EventLogError) {
        var bytes: [UInt8] = []
        var ends: [Int] = []
        let name = "\(segments)/\(segment.fileName)"
        var next = tree
        try SegmentReader.read(segment, in: segments, log: mark.log, tree: &next) {
            position,
            record throws(EventLogError) in
            _ = try RecordCodec.decode(
                record,
                position: position,
                file: name,
                isChecksumChecked: false
            )
            bytes.append(contentsOf: record)
            ends.append(bytes.count)
            meter.count(record.count)
        }
        try storage.append(bytes, ends: ends, first: segment.first)
        tree = next
        try storage.writeHeadFile()
        try StandbyMark(log: mark.log, tree: tree).write(in: folder)
    }

    func promote(now: Timestamp) throws(EventLogError) -> UInt64 {
        let last = try storage.lastPosition()
        _ = try tree(through: last)
        try storage.writeHeadFile()
        // What the followed log has signed is not known here, so nothing is signed until told.
        var report = KeepReport(path: folder, identity: mark.log)
        report.last = Position(last)
        try RestoredMark(source: "segments", at: now).write(in: folder, report)
        try Files.remove(StandbyMark.path(in: folder))
        try Files.synchronizeFolder(folder)
        return last
    }
}

extension LogStorage {
    /// Adds records that lie one behind the other, and returns when they are durable.
    ///
    /// - Parameters:
    ///   - bytes: the records.
    ///   - ends: where each of them ends.
    ///   - first: the position of the first one.
    func append(_ bytes: [UInt8], ends: [Int], first: UInt64) throws(EventLogError) {
        try bytes.withBytes { bytes throws(EventLogError) in
            try environment.write { transaction throws(EventLogError) in
                var start = 0
                for (index, end) in ends.enumerated() {
                    try transaction.append(
                        LogStorage.events,
                        integer: first + UInt64(index),
                        value: UnsafeRawBufferPointer(rebasing: bytes[start..<end])
                    )
                    start = end
                }
            }
        }
    }
}

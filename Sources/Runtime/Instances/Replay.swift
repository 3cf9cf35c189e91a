public import EventLog
public import EventModel
import WorkflowEngine

/// Proves that the live states are what the log says.
public enum Replay {
    private static let pageRows = 500

    /// What a comparison found.
    public struct Report: Sendable, Hashable {
        public var instanceCount = 0
        public var eventCount: UInt64 = 0
        /// The instances whose live state is not what their events give.
        public var mismatches: [Mismatch] = []
        /// Instances that began before the views' position and are not in the views.
        public var missing: [EventID] = []
        /// The position up to which the views hold the log.
        public var position: Position = .start

        /// True if every live state is what the log says.
        public var isClean: Bool { mismatches.isEmpty && missing.isEmpty }
    }

    /// One instance whose live state is wrong.
    public struct Mismatch: Sendable, Hashable {
        public var instance: EventID
        /// How many of its events both sides have folded.
        public var eventCount: UInt64
        /// The digest of the state that the events give; nil if they cannot be folded.
        public var expected: Digest?
        /// The digest of the live state.
        public var found: Digest?
        public var reason: String
    }

    /// Folds every instance anew and compares its digest with the live state at the same revision.
    ///
    /// - Parameters:
    ///   - store: the log.
    ///   - views: the live states.
    ///   - progress: called with the number of instances compared so far.
    /// - Throws: if the log or the views cannot be read.
    public static func verify(
        store: any EventStore,
        views: TableStore,
        progress: (Int) -> Void = { _ in }
    ) throws -> Report {
        var report = Report()
        report.position = try InstanceDirectory(views: views).position
        var from: [UInt8]?
        while true {
            let page = try views.rows(ViewTables.instances, from: from, limit: pageRows)
            for row in page {
                try compare(row.key, row.value, store, &report)
            }
            progress(report.instanceCount)
            guard let last = page.last, page.count == pageRows else { break }
            from = last.key + [0]
        }
        try findMissing(store, views, &report)
        return report
    }

    /// Folds one instance anew and compares it, see ``verify(store:views:progress:)``.
    ///
    /// - Throws: if the log or the views cannot be read.
    public static func verify(
        instance: EventID,
        store: any EventStore,
        views: TableStore
    ) throws -> Report {
        var report = Report()
        report.position = try InstanceDirectory(views: views).position
        if let bytes = try views.value(ViewTables.instances, instance.bytes) {
            try compare(instance.bytes, bytes, store, &report)
        } else if try store.eventCount(of: InstanceStream.name(instance)) > 0 {
            report.missing.append(instance)
        }
        return report
    }

    private static func compare(
        _ key: [UInt8],
        _ bytes: [UInt8],
        _ store: any EventStore,
        _ report: inout Report
    ) throws {
        guard let instance = Identifier(bytes: key) else { return }
        report.instanceCount += 1
        guard let row = InstanceRow(try Value(canonicalBytes: bytes)) else {
            report.mismatches.append(
                Mismatch(
                    instance: instance,
                    eventCount: 0,
                    expected: nil,
                    found: nil,
                    reason: "the live state cannot be read"
                )
            )
            return
        }
        var loaded = LoadedInstance.absent
        var failure: String?
        do throws(CommandError) {
            try InstanceStream.fold(&loaded, of: instance, from: store, upTo: row.count)
        } catch {
            failure = error.description
        }
        report.eventCount += loaded.count
        let expected = failure == nil ? loaded.state.digest : nil
        let isSame =
            expected == row.digest && row.state.digest == row.digest && loaded.count == row.count
        guard !isSame else { return }
        report.mismatches.append(
            Mismatch(
                instance: instance,
                eventCount: row.count,
                expected: expected,
                found: row.state.digest,
                reason: failure ?? "the digests differ"
            )
        )
    }

    private static func findMissing(
        _ store: any EventStore,
        _ views: TableStore,
        _ report: inout Report
    ) throws {
        var from = Position(1)
        while from <= report.position {
            let page = try store.read(
                from: from,
                direction: .forward,
                limit: pageRows,
                filter: EventFilter(categories: ["instance"], types: ["InstanceStarted"])
            )
            for event in page where event.position <= report.position {
                guard let instance = InstanceStream.instance(of: event.stream) else { continue }
                if try views.value(ViewTables.instances, instance.bytes) == nil {
                    report.missing.append(instance)
                }
            }
            guard let last = page.last, page.count == pageRows else { return }
            from = last.position.advanced(by: 1)
        }
    }
}

import EventLog
import EventModel
import Synchronization
import WorkflowEngine

/// An instance that waits for its turn, or has a place, as the views hold it.
struct AdmissionRow: Sendable, Hashable {
    var instance: EventID
    /// Where its first event stands: who came first.
    var position: Position
    var admission: AdmissionState
    var queuedAt: Timestamp

    var value: Value {
        [
            "instance": .bytes(instance.bytes), "position": .uint(position.value),
            "queued_at": .timestamp(queuedAt), "admission": admission.snapshot,
        ]
    }

    init(
        instance: EventID,
        position: Position,
        admission: AdmissionState,
        queuedAt: Timestamp
    ) {
        self.instance = instance
        self.position = position
        self.admission = admission
        self.queuedAt = queuedAt
    }

    init?(_ value: Value) {
        guard let instance = value["instance"]?.bytesValue.flatMap({ Identifier(bytes: $0) }),
            let position = value["position"]?.intValue,
            let queuedAt = value["queued_at"]?.timestampValue,
            let admission = value["admission"].flatMap({ try? AdmissionState(snapshot: $0) })
        else { return nil }
        self.init(
            instance: instance,
            position: Position(UInt64(position)),
            admission: admission,
            queuedAt: queuedAt
        )
    }
}

/// Everything of one workflow that waits for its turn or has a place.
///
/// The rows are folded from the log with the states of the instances, so a place is taken exactly as
/// long as its instance lives: none can leak.
struct AdmissionQueue: Sendable, Hashable {
    private static let pageRows = 500

    var prefix: [UInt8]

    init(workflow: String) { prefix = Array(Digest.sha256(workflow.utf8).bytes.prefix(16)) }

    init(key: [UInt8]) { prefix = Array(key.prefix(16)) }

    private func key(_ row: AdmissionRow) -> [UInt8] {
        prefix + ViewKey.position(row.position) + row.instance.bytes
    }

    private func markKey(_ kind: String, _ key: String) -> [UInt8] {
        prefix + Digest.sha256("\(kind)/\(key)".utf8).bytes.prefix(16)
    }

    /// Writes the row of an instance, or takes it away after its end.
    ///
    /// - Parameter admittedAt: when it began after waiting, if it just has.
    func write(
        _ row: AdmissionRow,
        _ state: InstanceState,
        admittedAt: Timestamp?,
        _ changes: inout ViewChanges
    ) throws {
        if state.status.isEnded {
            changes.delete(ViewTables.admissions, key(row))
        } else {
            changes.put(ViewTables.admissions, key(row), row.value)
        }
        guard let admittedAt else { return }
        if let rate = row.admission.rate {
            let key = markKey("rate", rate.key)
            var starts = try changes.value(ViewTables.admitted, key)?.listValue ?? []
            starts.append(.timestamp(admittedAt))
            changes.put(ViewTables.admitted, key, .list(starts.suffix(rate.limit)))
        }
        if let same = row.admission.deduplication {
            let mark: Value = [
                "at": .timestamp(row.queuedAt), "instance": .bytes(row.instance.bytes),
            ]
            changes.put(ViewTables.admitted, markKey("same", same.key), mark)
        }
    }

    /// All rows, those that came first first.
    func rows(_ views: TableStore) throws -> [AdmissionRow] {
        var rows: [AdmissionRow] = []
        var from: [UInt8]?
        while true {
            let page = try views.rows(
                ViewTables.admissions,
                prefix: prefix,
                from: from,
                limit: AdmissionQueue.pageRows
            )
            for entry in page {
                if let row = AdmissionRow(try Value(canonicalBytes: entry.value)) {
                    rows.append(row)
                }
            }
            guard let last = page.last, page.count == AdmissionQueue.pageRows else { return rows }
            from = last.key + [0]
        }
    }

    /// When instances of a rate's key began, the newest last.
    func starts(of key: String, _ views: TableStore) throws -> [Timestamp] {
        try views.value(ViewTables.admitted, markKey("rate", key))
            .map { try Value(canonicalBytes: $0).listValue?.compactMap(\.timestampValue) ?? [] }
            ?? []
    }

    /// The instance of a deduplication's key that began last, and when it came.
    func last(of key: String, _ views: TableStore) throws -> (instance: EventID, at: Timestamp)? {
        guard let bytes = try views.value(ViewTables.admitted, markKey("same", key)) else {
            return nil
        }
        let value = try Value(canonicalBytes: bytes)
        guard let at = value["at"]?.timestampValue,
            let instance = value["instance"]?.bytesValue.flatMap({ Identifier(bytes: $0) })
        else { return nil }
        return (instance, at)
    }
}

/// The queues that must be looked at, because something in them has changed.
final class ChangedQueues: Sendable {
    private struct State {
        /// Those whose change the views do not hold yet.
        var unpublished: Set<AdmissionQueue> = []
        var published: Set<AdmissionQueue> = []
    }

    private let state = Mutex(State())

    /// Adds a queue whose change is being written to the views.
    func add(_ queue: AdmissionQueue) { state.withLock { _ = $0.unpublished.insert(queue) } }

    /// Says that the views hold the changes of all that were added.
    func publish() {
        state.withLock { state in
            state.published.formUnion(state.unpublished)
            state.unpublished = []
        }
    }

    /// All that were published since the last time.
    func take() -> Set<AdmissionQueue> {
        state.withLock { state in
            defer { state.published = [] }
            return state.published
        }
    }
}

import EventLog
import EventModel

/// What one step of a follower will write to the views: collected first, then written in a single
/// transaction together with the cursor.
///
/// Folding so happens on the follower's own task, and the views' writer only copies bytes. Reading
/// sees what was collected; that is sound because each table has a single writer.
struct ViewChanges {
    private struct Place: Hashable {
        var table: String
        var key: [UInt8]
    }

    private let views: TableStore
    private var pending: [Place: [UInt8]?] = [:]

    init(_ views: TableStore) { self.views = views }

    var isEmpty: Bool { pending.isEmpty }
    var count: Int { pending.count }

    /// The keys of a table that were changed and not removed.
    func keys(of table: String) -> [[UInt8]] {
        pending.filter { $0.key.table == table && $0.value != nil }.map(\.key.key)
    }

    func get(_ table: String, _ key: [UInt8]) throws -> [UInt8]? {
        if let changed = pending[Place(table: table, key: key)] { return changed }
        return try views.value(table, key)
    }

    func value(_ table: String, _ key: [UInt8]) throws -> Value? {
        try get(table, key).map { bytes in try Value(canonicalBytes: bytes) }
    }

    mutating func put(_ table: String, _ key: [UInt8], _ value: Value) {
        pending[Place(table: table, key: key)] = .some(value.canonicalBytes)
    }

    mutating func delete(_ table: String, _ key: [UInt8]) {
        pending[Place(table: table, key: key)] = .some(nil)
    }

    /// Writes everything, all or nothing.
    func commit() async throws {
        guard !pending.isEmpty else { return }
        let writes = pending.map { (table: $0.key.table, key: $0.key.key, value: $0.value) }
        try await views.put(writes)
    }
}

import EventModel

/// Where the looks at a database stand.
struct SyncCursor: Sendable, Hashable {
    /// The newest edit that was seen.
    var newest: Timestamp
    /// When all rows were read last.
    var scannedAt: Timestamp

    var value: Value { ["newest": .timestamp(newest), "scanned_at": .timestamp(scannedAt)] }

    init(newest: Timestamp, scannedAt: Timestamp) {
        self.newest = newest
        self.scannedAt = scannedAt
    }

    init?(_ value: Value) {
        guard let newest = value["newest"]?.timestampValue,
            let scannedAt = value["scanned_at"]?.timestampValue
        else { return nil }
        self.init(newest: newest, scannedAt: scannedAt)
    }
}

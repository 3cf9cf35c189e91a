import EventLog
import EventModel

/// How far a follower has come, with the identity of the event that stands there.
///
/// The identity shows whether the log is still the one that was followed: after a restore from an
/// older backup the same position may hold another event.
struct Cursor: Sendable, Hashable {
    var position: Position
    var event: EventID?
    /// The version of the tables that belong to the cursor.
    var version: Int64

    var value: Value {
        [
            "position": .uint(position.value),
            "event": event.map { .bytes($0.bytes) } ?? .null,
            "version": .int(version),
        ]
    }

    init(position: Position, event: EventID?, version: Int64) {
        self.position = position
        self.event = event
        self.version = version
    }

    init?(_ value: Value) {
        guard let position = value["position"]?.intValue, let version = value["version"]?.intValue
        else { return nil }
        self.position = Position(UInt64(position))
        self.version = version
        event = value["event"]?.bytesValue.flatMap { Identifier(bytes: $0) }
    }

    /// The cursor at a position of this log.
    init(at position: Position, of store: any EventStore, version: Int64) throws {
        self.position = position
        self.version = version
        event = nil
        if position > .start {
            event = try store.read(from: position, direction: .forward, limit: 1, filter: .all)
                .first?.id
        }
    }

    /// True if the log holds, at this position, the event that was there when the cursor was kept.
    func fits(_ store: any EventStore) throws -> Bool {
        guard position > .start else { return true }
        guard position <= store.head else { return false }
        let there = try store.read(from: position, direction: .forward, limit: 1, filter: .all)
        return there.first?.id == event && there.first?.position == position
    }
}

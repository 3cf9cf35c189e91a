import EventModel
import Foundation
import Projections

/// Folds events into rows the way a runner does, in memory.
struct ProjectionTable {
    let definition: ProjectionDefinition
    private(set) var rows: [String: Row] = [:]
    private var keys: [String: String] = [:]
    private var position: UInt64 = 0

    init(_ definition: ProjectionDefinition) { self.definition = definition }

    /// Reads a file of `Projections/`.
    init(file: String) throws {
        let text = try String(contentsOfFile: "Projections/\(file)", encoding: .utf8)
        self.init(try ProjectionDefinition.parse(text, file: file))
    }

    /// Takes an event that the log has just given the next position; returns the row it touched.
    @discardableResult
    mutating func take(
        _ type: String,
        stream: String,
        _ data: Value,
        entity: String? = nil,
        second: Int64 = 0
    ) throws -> Row? {
        position += 1
        return try take(
            event(type, stream: stream, data, entity: entity, second: second, position: position)
        )
    }

    @discardableResult
    mutating func take(_ event: Event) throws -> Row? {
        let key: String? =
            switch try definition.reference(of: event) {
            case .key(let key): key
            case .name(let name): keys[name]
            case nil: nil
            }
        switch try definition.fold(event, previous: key.flatMap { rows[$0] }) {
        case .none: break
        case .put(let row): rows[row.key] = row
        case .delete(let key): rows[key] = nil
        }
        if let key { for name in try definition.names(of: event) { keys[name] = key } }
        return key.flatMap { rows[$0] }
    }
}

func event(
    _ type: String,
    stream: String,
    _ data: Value,
    entity: String? = nil,
    second: Int64 = 0,
    position: UInt64 = 1
) throws -> Event {
    let id = EventID.build(unixMilliseconds: second * 1000, randA: 0, randB: position)
    return Event(
        position: Position(position),
        id: id,
        stream: try StreamName(stream),
        revision: 0,
        type: type,
        schema: 1,
        recordedAt: Timestamp(seconds: second),
        entity: entity,
        actor: "user:ana",
        correlation: id,
        causation: nil,
        data: data,
        metadata: [:]
    )
}

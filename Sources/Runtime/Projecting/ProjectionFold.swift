import EventModel
import Projections

/// Folds events into one generation of a projection's rows.
struct ProjectionFold: Sendable {
    let definition: ProjectionDefinition
    let generation: Int64
    /// Whether changed rows become debts of the sinks at once; a rebuild finds them by comparison.
    let makesDebts: Bool

    func apply(_ event: Event, _ changes: inout ViewChanges) throws {
        guard definition.reads(category: event.stream.category, type: event.type) else { return }
        guard let key = try key(of: event, changes) else { return }
        let place = RowKey.row(definition.name, generation, key)
        let previous = try changes.value(ViewTables.rows, place).flatMap(Row.init)
        switch try definition.fold(event, previous: previous) {
        case .none:
            break
        case .put(let row):
            changes.put(ViewTables.rows, place, row.value)
            guard makesDebts else { break }
            for index in definition.sinks.indices {
                try SinkDebtTable(projection: definition.name, sink: index)
                    .owe(row.key, at: row.position, &changes)
            }
        case .delete(let key):
            changes.delete(ViewTables.rows, RowKey.row(definition.name, generation, key))
        }
        for name in try definition.names(of: event) {
            changes.put(
                ViewTables.rowNames,
                RowKey.row(definition.name, generation, name),
                .string(key)
            )
        }
    }

    private func key(of event: Event, _ changes: ViewChanges) throws -> String? {
        switch try definition.reference(of: event) {
        case nil: nil
        case .key(let key): key
        case .name(let name):
            try changes.value(
                ViewTables.rowNames,
                RowKey.row(definition.name, generation, name)
            )?.stringValue
        }
    }
}

import EventLog
import EventModel
import Projections

/// Builds a projection anew beside its old rows, then swaps.
///
/// Readers see the old rows until the swap. Only rows that differ become debts of the sinks.
struct ProjectionBuilder: Sendable {
    private static let pageEvents = 1000
    private static let pageRows = 1000

    let definition: ProjectionDefinition
    let store: any EventStore
    let views: TableStore

    /// What a rebuild changed.
    struct Difference: Sendable, Hashable {
        var addedCount = 0
        var changedCount = 0
        var removedCount = 0
        var unchangedCount = 0
    }

    static func state(of projection: String, in views: TableStore) throws -> ProjectionState? {
        try views.value(ViewTables.projections, ViewKey.text(projection))
            .flatMap { ProjectionState(try Value(canonicalBytes: $0)) }
    }

    /// Builds and swaps; the projection's cursor stands where the build ended.
    func rebuild(cursorName: String) async throws -> Difference {
        let name = definition.name
        let old = try ProjectionBuilder.state(of: name, in: views)
        let generation = (old?.generation ?? 0) + 1
        // An earlier build may have died halfway.
        try await clear(generation)
        let end = try await fold(generation)
        var changes = ViewChanges(views)
        let difference = try compare(old?.generation, generation, &changes)
        changes.put(
            ViewTables.projections,
            ViewKey.text(name),
            ProjectionState(generation: generation, hash: definition.hash).value
        )
        let cursor = try Cursor(at: end, of: store, version: ViewTables.version)
        changes.put(ViewTables.cursors, ViewKey.text(cursorName), cursor.value)
        try await changes.commit()
        if let old { try await clear(old.generation) }
        return difference
    }

    private func clear(_ generation: Int64) async throws {
        let prefix = RowKey.prefix(definition.name, generation)
        try await views.clear(ViewTables.rows, prefix: prefix)
        try await views.clear(ViewTables.rowNames, prefix: prefix)
    }

    private func fold(_ generation: Int64) async throws -> Position {
        let fold = ProjectionFold(
            definition: definition,
            generation: generation,
            makesDebts: false
        )
        let end = store.head
        var from = Position(1)
        while from <= end {
            try Task.checkCancellation()
            let page = try store.read(
                from: from,
                direction: .forward,
                limit: ProjectionBuilder.pageEvents,
                filter: EventFilter(
                    categories: Set(definition.categories),
                    types: Set(definition.types ?? [])
                )
            )
            var changes = ViewChanges(views)
            for event in page where event.position <= end { try fold.apply(event, &changes) }
            try await changes.commit()
            guard let last = page.last, page.count == ProjectionBuilder.pageEvents else { break }
            from = last.position.advanced(by: 1)
        }
        return end
    }

    private func compare(
        _ old: Int64?,
        _ new: Int64,
        _ changes: inout ViewChanges
    ) throws -> Difference {
        var difference = Difference()
        try walk(new) { row, part in
            let before = try old.flatMap { generation in
                try views.value(
                    ViewTables.rows,
                    RowKey.prefix(definition.name, generation) + part
                )
            }.flatMap { Row(try Value(canonicalBytes: $0)) }
            if let before, before.columns == row.columns {
                difference.unchangedCount += 1
                return
            }
            if before == nil {
                difference.addedCount += 1
            } else {
                difference.changedCount += 1
            }
            for index in definition.sinks.indices {
                try SinkDebtTable(projection: definition.name, sink: index)
                    .owe(row.key, at: row.position, &changes)
            }
        }
        guard let old else { return difference }
        try walk(old) { _, part in
            let place = RowKey.prefix(definition.name, new) + part
            if try views.value(ViewTables.rows, place) == nil { difference.removedCount += 1 }
        }
        return difference
    }

    private func walk(_ generation: Int64, _ body: (Row, [UInt8]) throws -> Void) throws {
        let prefix = RowKey.prefix(definition.name, generation)
        var from: [UInt8]?
        while true {
            let page = try views.rows(
                ViewTables.rows,
                prefix: prefix,
                from: from,
                limit: ProjectionBuilder.pageRows
            )
            for entry in page {
                guard let row = Row(try Value(canonicalBytes: entry.value)) else { continue }
                try body(row, Array(entry.key.dropFirst(prefix.count)))
            }
            guard let last = page.last, page.count == ProjectionBuilder.pageRows else { return }
            from = last.key + [0]
        }
    }
}

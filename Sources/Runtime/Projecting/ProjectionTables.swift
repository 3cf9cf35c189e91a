public import EventLog
public import EventModel
public import Projections

/// The rows of projections, as the views hold them.
public struct ProjectionTables: Sendable {
    private static let pageRows = 500

    let views: TableStore

    public init(views: TableStore) { self.views = views }

    /// Rows in the order of their keys.
    ///
    /// - Parameters:
    ///   - projection: its name; one that does not exist has no rows.
    ///   - after: the key of the last row of the page before; nil begins at the first.
    ///   - limit: how many at the most.
    ///   - columns: what columns must hold; empty takes all rows.
    public func rows(
        _ projection: String,
        after: String? = nil,
        limit: Int = 100,
        where columns: ValueMap = ValueMap()
    ) throws -> [Row] {
        guard let state = try ProjectionBuilder.state(of: projection, in: views) else {
            return []
        }
        let prefix = RowKey.prefix(projection, state.generation)
        var from = after.map { prefix + RowKey.part($0) + [0] }
        var found: [Row] = []
        while found.count < limit {
            let page = try views.rows(
                ViewTables.rows,
                prefix: prefix,
                from: from,
                limit: ProjectionTables.pageRows
            )
            for entry in page where found.count < limit {
                guard let row = Row(try Value(canonicalBytes: entry.value)) else { continue }
                let fits = columns.stringKeys.allSatisfy { row.columns[$0] == columns[$0] }
                if fits { found.append(row) }
            }
            guard let last = page.last, page.count == ProjectionTables.pageRows else { break }
            from = last.key + [0]
        }
        return found
    }

    /// The row of a key, or nil.
    public func row(_ projection: String, key: String) throws -> Row? {
        guard let state = try ProjectionBuilder.state(of: projection, in: views) else {
            return nil
        }
        return try views.value(
            ViewTables.rows,
            RowKey.row(projection, state.generation, key)
        ).flatMap { Row(try Value(canonicalBytes: $0)) }
    }

    /// How many rows a projection has.
    public func count(_ projection: String) throws -> Int {
        guard let state = try ProjectionBuilder.state(of: projection, in: views) else {
            return 0
        }
        return try views.rowCount(
            ViewTables.rows,
            prefix: RowKey.prefix(projection, state.generation)
        )
    }
}

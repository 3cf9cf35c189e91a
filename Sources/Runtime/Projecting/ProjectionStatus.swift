public import EventLog
public import EventModel
public import Projections

/// How a projection stands.
public struct ProjectionStatus: Sendable, Hashable {
    public var name: String
    /// Everything up to here is in its rows.
    public var position: Position
    public var rowCount: Int
    /// True if its rows were made by another definition, or it has none yet.
    public var isOutdated: Bool
    /// For each sink how many rows it has not taken yet.
    public var debts: [Debt]

    /// What a sink has not taken yet.
    public struct Debt: Sendable, Hashable {
        public var kind: String
        public var target: String
        public var rowCount: Int
    }
}

/// Looks after projections from outside of an engine.
public struct ProjectionKeeper: Sendable {
    let store: any EventStore
    let views: TableStore

    /// Takes the log and the views; rebuilding needs the views open for writing.
    public init(store: any EventStore, views: TableStore) {
        self.store = store
        self.views = views
    }

    /// How projections stand, in the order in which they are given.
    public func status(of definitions: [ProjectionDefinition]) throws -> [ProjectionStatus] {
        try definitions.map { definition in
            let name = definition.name
            let state = try ProjectionBuilder.state(of: name, in: views)
            let cursor = try views.value(
                ViewTables.cursors,
                ViewKey.text(ProjectionRunner.name(name))
            ).flatMap { Cursor(try Value(canonicalBytes: $0)) }
            let debts = try definition.sinks.enumerated().map { index, binding in
                let table = SinkDebtTable(projection: name, sink: index)
                return ProjectionStatus.Debt(
                    kind: binding.kind,
                    target: binding.target,
                    rowCount: try table.count(views).rows
                )
            }
            return ProjectionStatus(
                name: name,
                position: cursor?.position ?? .start,
                rowCount: try ProjectionTables(views: views).count(name),
                isOutdated: state?.hash != definition.hash,
                debts: debts
            )
        }
    }

    /// Builds a projection anew beside its rows, then swaps; no engine may run meanwhile.
    ///
    /// - Returns: how many rows came, changed and went.
    /// - Throws: why an event cannot be folded; the old rows then stay.
    public func rebuild(_ definition: ProjectionDefinition) async throws -> RebuildReport {
        let builder = ProjectionBuilder(definition: definition, store: store, views: views)
        let name = ProjectionRunner.name(definition.name)
        return RebuildReport(try await builder.rebuild(cursorName: name))
    }
}

/// What a rebuild changed, in rows.
public struct RebuildReport: Sendable, Hashable {
    public var addedCount: Int
    public var changedCount: Int
    public var removedCount: Int
    public var unchangedCount: Int

    init(_ difference: ProjectionBuilder.Difference) {
        addedCount = difference.addedCount
        changedCount = difference.changedCount
        removedCount = difference.removedCount
        unchangedCount = difference.unchangedCount
    }
}

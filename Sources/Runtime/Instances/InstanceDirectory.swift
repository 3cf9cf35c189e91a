public import EventLog
public import EventModel
public import WorkflowEngine

/// The live states of all instances, as the views hold them.
///
/// It trails the log by the time of one fold; ``position`` says how far it is.
public struct InstanceDirectory: Sendable {
    private static let pageRows = 500

    let views: TableStore

    public init(views: TableStore) { self.views = views }

    /// One live state.
    public struct Entry: Sendable {
        public var summary: InstanceSummary
        public var state: InstanceState
        /// The digest of the state when it was kept; differs from `state.digest` only after damage.
        public var digest: Digest
        /// The story that the instance belongs to.
        public var correlation: EventID?
        /// Why an event of the instance could not be folded, or nil.
        public var problem: String?
    }

    /// The position up to which the log is in here.
    public var position: Position {
        get throws {
            try views.value(ViewTables.cursors, ViewKey.text(InstanceFold.follower))
                .flatMap { Cursor(try Value(canonicalBytes: $0)) }?.position ?? .start
        }
    }

    /// The live state of an instance, or nil.
    public func entry(_ instance: EventID) throws -> Entry? {
        guard let row = try row(instance) else { return nil }
        return Entry(
            summary: InstanceSummary(
                instance: instance,
                state: row.state,
                firstPosition: row.firstPosition,
                lastPosition: row.lastPosition
            ),
            state: row.state,
            digest: row.digest,
            correlation: row.correlation,
            problem: row.problem
        )
    }

    /// Instances, the newest first.
    public func summaries(_ filter: InstanceFilter = InstanceFilter()) throws -> [InstanceSummary] {
        var found: [InstanceSummary] = []
        // The key is the first event's position, so a page ends just before the one it names.
        var from = filter.before.map { ViewKey.position(Position($0.value &- 1)) }
        while found.count < filter.limit {
            let page = try views.rows(
                ViewTables.instanceList,
                from: from,
                limit: InstanceDirectory.pageRows,
                reversed: true
            )
            for row in page where found.count < filter.limit {
                let summary = InstanceSummary(try Value(canonicalBytes: row.value))
                if let summary, filter.matches(summary) { found.append(summary) }
            }
            guard let last = page.last, page.count == InstanceDirectory.pageRows else { break }
            let position = ViewKey.position(from: last.key)
            guard position > .start else { break }
            from = ViewKey.position(Position(position.value - 1))
        }
        return found
    }

    /// How many instances there are.
    public var count: Int { get throws { try views.rowCount(ViewTables.instances) } }

    func row(_ instance: EventID) throws -> InstanceRow? {
        try views.value(ViewTables.instances, instance.bytes)
            .flatMap { InstanceRow(try Value(canonicalBytes: $0)) }
    }
}

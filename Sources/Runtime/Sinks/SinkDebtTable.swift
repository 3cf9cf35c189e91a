import EventLog
import EventModel

/// What one sink has not taken yet.
///
/// A row is in it once, however often it changes: with the position of the oldest change that was not
/// pushed, by which it waits in line, and of the newest, by which a push knows whether it was the last
/// word.
struct SinkDebtTable: Sendable {
    /// One row's debt.
    struct Debt: Sendable, Hashable {
        var key: String
        var oldest: Position
        var newest: Position
        /// Why the sink can never take the row as it is; nil if it may.
        var refusal: String?

        var value: Value {
            .map([
                "key": .string(key), "oldest": .uint(oldest.value),
                "newest": .uint(newest.value), "refusal": refusal.map(Value.string) ?? .null,
            ])
        }

        init(key: String, oldest: Position, newest: Position, refusal: String? = nil) {
            self.key = key
            self.oldest = oldest
            self.newest = newest
            self.refusal = refusal
        }

        init?(_ value: Value) {
            guard let key = value["key"]?.stringValue, let oldest = value["oldest"]?.intValue,
                let newest = value["newest"]?.intValue
            else { return nil }
            self.key = key
            self.oldest = Position(UInt64(oldest))
            self.newest = Position(UInt64(newest))
            refusal = value["refusal"]?.stringValue
        }
    }

    private let prefix: [UInt8]

    init(projection: String, sink: Int) {
        prefix = Array(projection.utf8) + [0, UInt8(clamping: sink)]
    }

    func debtKey(_ key: String) -> [UInt8] { prefix + RowKey.part(key) }

    func dueKey(_ debt: Debt) -> [UInt8] {
        prefix + ViewKey.position(debt.oldest) + RowKey.part(debt.key)
    }

    /// Notes that a row has changed.
    func owe(_ key: String, at position: Position, _ changes: inout ViewChanges) throws {
        let known = try changes.value(ViewTables.debts, debtKey(key)).flatMap(Debt.init)
        let waiting = known.flatMap { $0.refusal == nil ? $0 : nil }
        // A row that was refused may be taken after it has changed, from the end of the line.
        let debt = Debt(key: key, oldest: waiting?.oldest ?? position, newest: position)
        changes.put(ViewTables.debts, debtKey(key), debt.value)
        changes.put(ViewTables.dues, dueKey(debt), .string(key))
    }

    /// The debts that are to be paid first.
    func oldest(_ views: TableStore, limit: Int) throws -> [Debt] {
        let page = try views.rows(ViewTables.dues, prefix: prefix, limit: limit)
        return try page.compactMap { entry in
            guard let key = try Value(canonicalBytes: entry.value).stringValue else { return nil }
            return try views.value(ViewTables.debts, debtKey(key))
                .flatMap { Debt(try Value(canonicalBytes: $0)) }
        }
    }

    func count(_ views: TableStore) throws -> (rows: Int, waiting: Int) {
        (
            try views.rowCount(ViewTables.debts, prefix: prefix),
            try views.rowCount(ViewTables.dues, prefix: prefix)
        )
    }

    /// Settles debts in one transaction, with what was learnt on the way.
    ///
    /// A row that has changed since its debt was read keeps it: what was pushed is not the last word.
    func settle(
        _ settled: [(debt: Debt, refusal: String?)],
        and more: [TableStore.Change],
        in views: TableStore
    ) async throws {
        let steps = settled.map { settlement in
            var refused = settlement.debt
            refused.refusal = settlement.refusal
            return (
                key: debtKey(settlement.debt.key), due: dueKey(settlement.debt),
                expected: settlement.debt.value.canonicalBytes,
                refused: settlement.refusal == nil ? nil : refused.value.canonicalBytes
            )
        }
        try await views.write { transaction in
            for step in steps {
                let there = try transaction.get(ViewTables.debts, key: step.key)
                guard there == step.expected else { continue }
                try transaction.delete(ViewTables.dues, key: step.due)
                if let refused = step.refused {
                    try transaction.put(ViewTables.debts, key: step.key, value: refused)
                } else {
                    try transaction.delete(ViewTables.debts, key: step.key)
                }
            }
            for change in more {
                if let value = change.value {
                    try transaction.put(change.table, key: change.key, value: value)
                } else {
                    try transaction.delete(change.table, key: change.key)
                }
            }
        }
    }
}

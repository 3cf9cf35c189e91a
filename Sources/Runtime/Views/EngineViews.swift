public import EventLog

/// The tables that an engine keeps beside its log; they can be deleted at any time.
public enum EngineViews {
    /// The names of all of them.
    public static let tables = ViewTables.all

    /// Opens them: for writing in the process of the engine, for reading in any other.
    ///
    /// - Parameters:
    ///   - folder: where they lie.
    ///   - mode: what to open them for.
    ///   - notice: hears that the tables had to be emptied, and why.
    /// - Throws: ``EventLog/EventLogError``.
    public static func open(
        at folder: String,
        mode: TableStore.Mode = .readWrite,
        notice: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(EventLogError) -> TableStore {
        if mode == .readWrite { try rewriteIfDue(folder, notice) }
        return try TableStore.open(at: folder, tables: tables, mode: mode, notice: notice)
    }
}

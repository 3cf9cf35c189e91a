public import EventLog
public import EventModel
import Foundation

extension EngineViews {
    /// Holds the position of the newest tombstone while the file may have remains of what it erased.
    private static let markName = "rewrite"

    /// Has the tables' file written anew as soon as they are opened after everything in them has gone
    /// beyond a tombstone, so that no free page holds what was erased.
    ///
    /// - Throws: ``EventLog/EventLogError`` if the mark cannot be written.
    public static func rewrite(
        at folder: String,
        after tombstone: Position
    ) throws(EventLogError) {
        guard FileManager.default.fileExists(atPath: folder) else { return }
        let mark = URL(fileURLWithPath: folder).appendingPathComponent(markName)
        do {
            try Data("\(tombstone.value)\n".utf8).write(to: mark, options: .atomic)
        } catch {
            throw EventLogError(.inputOutput, "\(mark.path) cannot be written: \(error)")
        }
    }

    static func rewriteIfDue(
        _ folder: String,
        _ notice: (String) -> Void
    ) throws(EventLogError) {
        let mark = URL(fileURLWithPath: folder).appendingPathComponent(markName)
        guard let text = try? String(contentsOf: mark, encoding: .utf8) else { return }
        let number = UInt64(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
        let tombstone = Position(number)
        do {
            let isDone = try TableStore.rewrite(at: folder, tables: tables) { transaction in
                try isFolded(through: tombstone, transaction)
            }
            if isDone {
                try FileManager.default.removeItem(at: mark)
                notice("the views in \(folder) were written anew, without what was erased")
            }
        } catch let error as EventLogError where error.code == .locked {
            throw error
        } catch {
            // Damaged tables are emptied by whoever opens them, and are then without it, too.
            notice("the views in \(folder) cannot be written anew yet: \(error)")
        }
    }

    private static func isFolded(
        through tombstone: Position,
        _ transaction: TableTransaction
    ) throws -> Bool {
        let names = [InstanceFold.follower, RecordFold.follower]
        let entries = try transaction.scan(ViewTables.cursors)
        var positions: [String: Position] = [:]
        for entry in entries {
            let name = String(decoding: entry.key, as: UTF8.self)
            positions[name] = Cursor(try Value(canonicalBytes: entry.value))?.position
        }
        let isBehind = { (name: String) in (positions[name] ?? .start) < tombstone }
        return !names.contains(where: isBehind)
            && !positions.keys.filter { $0.hasPrefix("projection:") }.contains(where: isBehind)
    }
}

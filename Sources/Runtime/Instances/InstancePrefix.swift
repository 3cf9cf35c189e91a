import EventLog
import EventModel
import WorkflowEngine

/// Finds instances by the beginning of their ids, as people type them.
struct InstancePrefix: Sendable {
    private static let shownMax = 5

    let views: TableStore

    /// - Throws: ``CommandError/rejected(_:)`` if no id begins so, or more than one does.
    func find(_ text: String) throws -> EventID {
        if let whole = EventID(text) { return whole }
        let digits = text.lowercased().filter { $0 != "-" }
        guard !digits.isEmpty, digits.utf8.count < 32,
            digits.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else {
            throw CommandError.rejected(Rejection(.missing, "'\(text)' is no instance id"))
        }
        // An odd last digit is half a byte, so the rows are compared as text.
        let bytes = stride(from: 0, to: digits.count - digits.count % 2, by: 2).compactMap {
            index in
            UInt8(digits.dropFirst(index).prefix(2), radix: 16)
        }
        var found: [EventID] = []
        var from: [UInt8]?
        while found.count <= InstancePrefix.shownMax {
            let page = try views.rows(ViewTables.instances, prefix: bytes, from: from, limit: 500)
            for row in page {
                guard let instance = Identifier(bytes: row.key) else { continue }
                let name = instance.text.filter { $0 != "-" }
                if name.hasPrefix(digits) { found.append(instance) }
            }
            guard let last = page.last, page.count == 500 else { break }
            from = last.key + [0]
        }
        guard let only = found.first else {
            throw CommandError.rejected(
                Rejection(.missing, "no instance's id begins with '\(text)'")
            )
        }
        guard found.count == 1 else {
            let shown = found.prefix(InstancePrefix.shownMax).map(\.text).joined(separator: ", ")
            throw CommandError.rejected(
                Rejection(.ambiguous, "several instances' ids begin with '\(text)': \(shown)")
            )
        }
        return only
    }
}

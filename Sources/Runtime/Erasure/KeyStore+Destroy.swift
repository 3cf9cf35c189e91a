import EventLog
import EventModel

extension KeyStore {
    /// Destroys keys, for good, and keeps the erasure until ``settle(_:)``.
    ///
    /// The rows that say so take the places of the keys in one transaction; then the file is written
    /// anew and the old one overwritten, so that no page holds a destroyed key any more.
    func destroy(_ erasure: Erasure) async throws {
        try await vault.write { transaction in
            try KeyStore.destroy(erasure, transaction)
            try transaction.put(
                KeyStore.pending,
                key: erasure.event.bytes,
                value: erasure.value.canonicalBytes
            )
        }
        forget(erasure.erased)
        try await vault.shred()
    }

    private static func destroy(
        _ erasure: Erasure,
        _ transaction: TableWriteTransaction
    ) throws {
        for subject in erasure.erased {
            let key = key(subject)
            let known = try transaction.get(subjects, key: key).flatMap { KeyRow($0) }
            if case .erased = known?.state { continue }
            let row = KeyRow(
                state: .erased(by: erasure.event, at: erasure.at),
                madeAt: known?.madeAt ?? erasure.at
            )
            try transaction.put(subjects, key: key, value: row.value.canonicalBytes)
            // The hash of an address would let whoever has the keys try addresses.
            for entry in try transaction.scan(handlesOf, prefix: key + [0]) {
                let hash = Array(entry.key.dropFirst(key.count + 1))
                try transaction.delete(handles, key: hash + key)
                try transaction.delete(handlesOf, key: entry.key)
            }
        }
    }

    /// Notes that the tombstone of an erasure is in the log.
    func settle(_ event: EventID) async throws {
        try await vault.write { transaction in
            _ = try transaction.delete(KeyStore.pending, key: event.bytes)
        }
    }

    /// The erasures whose tombstones may not be in the log: the process was stopped in between.
    func pendingErasures() throws -> [Erasure] {
        try vault.read { transaction in
            try transaction.scan(KeyStore.pending).compactMap { Erasure($0.value) }
        }
    }

    /// How far the tombstones of the log are known to be carried out here.
    func tombstoneCursor() throws -> Position {
        let bytes = try vault.read { transaction in
            try transaction.get(KeyStore.meta, key: KeyStore.cursorName)
        }
        return bytes.map { ViewKey.position(from: $0) } ?? .start
    }

    /// Carries out tombstones that the log has, such as after an older backup of the keys was restored.
    ///
    /// - Returns: how many keys had to be destroyed again.
    func carryOut(_ erasures: [Erasure], upTo position: Position) async throws -> Int {
        let count = try await vault.write { transaction in
            var count = 0
            for erasure in erasures {
                for subject in erasure.erased {
                    let row = try transaction.get(KeyStore.subjects, key: KeyStore.key(subject))
                    if case .live = row.flatMap({ KeyRow($0) })?.state { count += 1 }
                }
                try KeyStore.destroy(erasure, transaction)
            }
            try transaction.put(
                KeyStore.meta,
                key: KeyStore.cursorName,
                value: ViewKey.position(position)
            )
            return count
        }
        if count > 0 {
            forgetAll()
            try await vault.shred()
        }
        return count
    }

    /// All subjects with what is left of their keys, in order.
    func rows() throws -> [(subject: Subject, row: KeyRow)] {
        try vault.read { transaction in
            try transaction.scan(KeyStore.subjects).compactMap { entry in
                guard let subject = Subject(String(decoding: entry.key, as: UTF8.self)),
                    let row = KeyRow(entry.value)
                else { return nil }
                return (subject, row)
            }
        }
    }

    /// The row of a subject, or nil.
    func row(of subject: Subject) throws -> KeyRow? {
        try vault.read { transaction in
            try transaction.get(KeyStore.subjects, key: KeyStore.key(subject))
        }.flatMap { KeyRow($0) }
    }
}

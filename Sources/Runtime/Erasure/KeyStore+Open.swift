import Crypto
public import EventLog
public import EventModel
import Synchronization

extension KeyStore {
    private static let formatName = Array("format".utf8)
    private static let format: UInt8 = 1

    /// True if there is a key store in a folder.
    public static func exists(at folder: String) -> Bool { VaultStore.exists(at: folder) }

    /// Opens a key store; one process at a time may write, others may read beside it.
    ///
    /// - Parameters:
    ///   - folder: where it lies; a writer makes it if it is missing.
    ///   - master: the key that wraps all others.
    ///   - mode: for what to open it.
    ///   - now: the clock.
    /// - Throws: ``KeyStoreError`` if the master key is not the one that the keys were wrapped with, or
    ///   the store is missing, damaged, or open for writing elsewhere.
    public static func open(
        at folder: String,
        master: MasterKey,
        mode: EventLogConfiguration.Mode,
        now: @escaping @Sendable () -> Timestamp
    ) async throws(KeyStoreError) -> KeyStore {
        do {
            let vault = try VaultStore.open(at: folder, tables: tables, mode: mode)
            do {
                return try await open(vault, master, mode, now)
            } catch {
                await vault.close()
                throw error
            }
        } catch let error as KeyStoreError {
            throw error
        } catch {
            throw KeyStoreError(.inputOutput, "the keys in \(folder) cannot be opened: \(error)")
        }
    }

    private static func open(
        _ vault: VaultStore,
        _ master: MasterKey,
        _ mode: EventLogConfiguration.Mode,
        _ now: @escaping @Sendable () -> Timestamp
    ) async throws -> KeyStore {
        let rows = try vault.read { transaction in
            (
                try transaction.get(meta, key: formatName),
                try transaction.get(meta, key: identityName),
                try transaction.get(meta, key: handleKeyName)
            )
        }
        if rows == (nil, nil, nil), mode == .readWrite {
            return try await make(vault, master, now)
        }
        guard rows.0 == [format] else {
            throw KeyStoreError(
                .damaged,
                "the keys in \(vault.folder) are damaged or of a newer version of daybook; restore "
                    + "the folder from a backup, or use that version"
            )
        }
        guard let identity = rows.1.flatMap({ Identifier(bytes: $0) }), let wrapped = rows.2 else {
            throw KeyStoreError(
                .damaged,
                "the keys in \(vault.folder) are damaged; restore the folder from a backup"
            )
        }
        guard let handleKey = master.unwrap(wrapped, for: handleKeyPurpose) else {
            throw KeyStoreError(
                .wrongMasterKey,
                "the keys in \(vault.folder) were wrapped by another master key than that of "
                    + "\(master.origin), or are damaged; set the one that they were made with"
            )
        }
        return KeyStore(
            vault: vault,
            identity: identity,
            secrets: Secrets(master: master, handleKey: SymmetricKey(data: handleKey)),
            now: now
        )
    }

    private static func make(
        _ vault: VaultStore,
        _ master: MasterKey,
        _ now: @escaping @Sendable () -> Timestamp
    ) async throws -> KeyStore {
        let identity = RandomIdentity.next(at: now())
        let handleKey = SymmetricKey(size: .bits256)
        let wrapped = try master.wrap(
            handleKey.withUnsafeBytes { Array($0) },
            for: handleKeyPurpose
        )
        try await vault.write { transaction in
            try transaction.put(meta, key: formatName, value: [format])
            try transaction.put(meta, key: identityName, value: identity.bytes)
            try transaction.put(meta, key: handleKeyName, value: wrapped)
        }
        return KeyStore(
            vault: vault,
            identity: identity,
            secrets: Secrets(master: master, handleKey: handleKey),
            now: now
        )
    }

    /// Wraps every key anew by another master key, in one transaction, and makes what the old one had
    /// wrapped unreadable.
    ///
    /// - Returns: how many keys were wrapped.
    /// - Throws: ``KeyStoreError`` if a key cannot be unwrapped; nothing was changed.
    public func rewrap(by master: MasterKey) async throws -> Int {
        let old = secrets.withLock { $0 }
        let count = try await vault.write { transaction in
            let handleKey = old.handleKey.withUnsafeBytes { Array($0) }
            try transaction.put(
                KeyStore.meta,
                key: KeyStore.handleKeyName,
                value: try master.wrap(handleKey, for: KeyStore.handleKeyPurpose)
            )
            var count = 0
            for entry in try transaction.scan(KeyStore.subjects) {
                let subject = String(decoding: entry.key, as: UTF8.self)
                guard let row = KeyRow(entry.value) else {
                    throw KeyStoreError(.damaged, "the key of \(subject) is damaged")
                }
                guard case .live(let wrapped) = row.state else { continue }
                guard let key = old.master.unwrap(wrapped, for: subject) else {
                    throw KeyStoreError(.damaged, "the key of \(subject) cannot be unwrapped")
                }
                let state = KeyRow.State.live(wrapped: try master.wrap(key, for: subject))
                try transaction.put(
                    KeyStore.subjects,
                    key: entry.key,
                    value: KeyRow(state: state, madeAt: row.madeAt).value.canonicalBytes
                )
                count += 1
            }
            return count
        }
        secrets.withLock { $0.master = master }
        try await vault.shred()
        return count
    }
}

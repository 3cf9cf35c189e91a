import EventLog
import EventModel
import Foundation
import Records
import Runtime
import WorkflowEngine

/// The keys of personal values: where they are, and the master key that wraps them.
enum Keys {
    /// The environment variable that holds the master key.
    static let variable = "DAYBOOK_MASTER_KEY"

    static func folder(_ configuration: Configuration) -> String {
        configuration.dataFolder + "/keys"
    }

    /// The file that holds the master key if the environment does not.
    static func masterKeyFile(_ configuration: Configuration) -> URL {
        let path = configuration.masterKeyFile ?? folder(configuration) + "/master.key"
        return URL(fileURLWithPath: path)
    }

    /// The log with its seal, for the process that writes; makes what is missing on the first run.
    static func seal(
        _ log: EventLog,
        _ configuration: Configuration,
        databases: DatabaseCatalogue,
        time: any TimeSource,
        notice: @escaping @Sendable (String) -> Void
    ) async throws -> (store: SealingEventStore, keys: KeyStore) {
        let folder = folder(configuration)
        let isNew = !KeyStore.exists(at: folder)
        if isNew, try log.eventCount(of: StreamName("keys/main")) > 0 {
            throw KeyStoreError(
                .missing,
                "the log was sealed with the keys in \(folder), which are missing; restore the "
                    + "folder from a backup, since what was sealed cannot be opened without it"
            )
        }
        let master = try masterKey(configuration, makes: isNew, notice)
        let keys = try await open(configuration, master, .readWrite, now: { time.now })
        let store = SealingEventStore(
            log,
            policy: PersonalData(databases: databases),
            keys: keys,
            notice: notice
        )
        return (store, keys)
    }

    /// The log with its seal, for reading beside an engine.
    ///
    /// Keys that cannot be used are no reason to show nothing: what is sealed then shows as `‹sealed›`.
    static func unseal(
        _ log: EventLog,
        _ configuration: Configuration,
        databases: DatabaseCatalogue,
        notice: @escaping @Sendable (String) -> Void
    ) async -> (store: SealingEventStore, keys: KeyStore?) {
        var keys: KeyStore?
        do {
            if KeyStore.exists(at: folder(configuration)) {
                let master = try masterKey(configuration, makes: false, notice)
                keys = try await open(
                    configuration,
                    master,
                    .readOnly,
                    now: EventLogConfiguration.systemClock
                )
            } else if try log.eventCount(of: StreamName("keys/main")) > 0 {
                notice("the keys in \(folder(configuration)) are missing; sealed values stay so")
            }
        } catch {
            notice("\(error); sealed values stay so")
        }
        let policy = PersonalData(databases: databases)
        return (SealingEventStore(log, policy: policy, keys: keys, notice: notice), keys)
    }

    private static func open(
        _ configuration: Configuration,
        _ master: MasterKey,
        _ mode: EventLogConfiguration.Mode,
        now: @escaping @Sendable () -> Timestamp
    ) async throws(KeyStoreError) -> KeyStore {
        let folder = folder(configuration)
        do throws(KeyStoreError) {
            return try await KeyStore.open(at: folder, master: master, mode: mode, now: now)
        } catch {
            // A change of the master key that was cut short has left the new one beside the old.
            let next = replacement(masterKeyFile(configuration))
            guard error.code == .wrongMasterKey, configuration.masterKey == nil,
                let text = try? String(contentsOf: next, encoding: .utf8),
                let other = try? MasterKey(text: text, origin: next.path),
                let keys = try? await KeyStore.open(at: folder, master: other, mode: mode, now: now)
            else { throw error }
            if mode == .readWrite { try adopt(next, as: masterKeyFile(configuration)) }
            return keys
        }
    }

    /// Where the next master key lies while all keys are wrapped by it.
    static func replacement(_ file: URL) -> URL { file.appendingPathExtension("new") }

    /// Puts the new master key in the place of the old one.
    static func adopt(_ next: URL, as file: URL) throws(KeyStoreError) {
        guard rename(next.path, file.path) == 0 else {
            throw KeyStoreError(.inputOutput, "\(next.path) cannot be renamed to \(file.path)")
        }
    }

    /// The master key of the environment, or of the file, which is made if it may be.
    static func masterKey(
        _ configuration: Configuration,
        makes: Bool,
        _ notice: (String) -> Void
    ) throws(KeyStoreError) -> MasterKey {
        if let text = configuration.masterKey {
            return try MasterKey(text: text, origin: variable)
        }
        let file = masterKeyFile(configuration)
        if FileManager.default.fileExists(atPath: file.path) {
            guard let text = try? String(contentsOf: file, encoding: .utf8) else {
                throw KeyStoreError(.inputOutput, "\(file.path) cannot be read")
            }
            return try MasterKey(text: text, origin: file.path)
        }
        guard makes else {
            throw KeyStoreError(
                .badMasterKey,
                "the master key is missing: \(variable) is not set and there is no \(file.path); "
                    + "restore it from where it is kept, since nothing can stand in for it"
            )
        }
        let (key, text) = try MasterKey.random(origin: file.path)
        try write(text, to: file)
        notice(
            "a master key for personal values was made in \(file.path); keep a copy of it apart "
                + "from the data, or set \(variable)"
        )
        return key
    }

    /// Writes a master key so that nobody but its owner can read it from the first byte on, and so that
    /// it is on the disk before anything depends on it.
    static func write(_ text: String, to file: URL) throws(KeyStoreError) {
        let folder = file.deletingLastPathComponent().path
        try? FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        let descriptor = Foundation.open(file.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw KeyStoreError(
                .inputOutput,
                "\(file.path) cannot be made: \(String(cString: strerror(errno)))"
            )
        }
        defer { Foundation.close(descriptor) }
        let bytes = Array("\(text)\n".utf8)
        guard Foundation.write(descriptor, bytes, bytes.count) == bytes.count,
            fsync(descriptor) == 0, isSynchronized(folder)
        else {
            throw KeyStoreError(.inputOutput, "\(file.path) cannot be written")
        }
    }

    private static func isSynchronized(_ folder: String) -> Bool {
        let descriptor = Foundation.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { Foundation.close(descriptor) }
        return fsync(descriptor) == 0
    }
}

import EventLog
import EventModel
import Records
import Runtime

/// What seals an engine's log, and what can destroy the keys.
struct Seal {
    let store: SealingEventStore
    let keys: KeyStore
    let subjects: SubjectService
    let secrets: FileSecretStore

    /// Opens the keys, or makes them on the first run, and finishes what an earlier process left half done.
    static func make(
        _ log: EventLog,
        _ configuration: Configuration,
        _ databases: DatabaseCatalogue,
        notice: @escaping @Sendable (String) -> Void
    ) async throws -> Seal {
        let secrets = try SecretsKey.store(configuration)
        let time = SystemTime()
        let (store, keys) = try await Keys.seal(
            log,
            configuration,
            databases: databases,
            time: time,
            notice: notice
        )
        let views = configuration.dataFolder + "/views"
        let subjects = SubjectService(
            store: store,
            keys: keys,
            secrets: secrets,
            time: time,
            onErase: { try EngineViews.rewrite(at: views, after: $0) }
        )
        do {
            for line in try await subjects.recover() { notice(line) }
        } catch {
            await keys.close()
            throw error
        }
        return Seal(store: store, keys: keys, subjects: subjects, secrets: secrets)
    }
}

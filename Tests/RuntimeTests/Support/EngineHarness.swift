import DaybookTestKit
import EventLog
import EventModel
import Logging
import Projections
import Records
import Runtime
import Synchronization
import Testing
import WorkflowEngine

/// One engine over a log in memory and views in a temporary folder, under virtual time.
final class EngineHarness: Sendable {
    struct Parts: Sendable {
        var actions = ActionCatalogue([])
        var databases = DatabaseCatalogue(databases: [])
        var projections: [ProjectionDefinition] = []
        var sinks: [any Sink] = []
        var source: (any RecordSource)?
        var configuration = EngineConfiguration(makeIdentifier: EngineHarness.identifiers())
    }

    /// The same identifiers in every life of an engine, so that two runs can be compared.
    private static func identifiers() -> @Sendable (Timestamp) -> Identifier {
        let count = Mutex<UInt64>(0)
        return { now in
            let number = count.withLock { count in
                count += 1
                return count
            }
            return Identifier.build(
                unixMilliseconds: now.milliseconds,
                randA: 0,
                randB: number
            )
        }
    }

    let store: InMemoryEventStore
    let time: VirtualTime
    let views: TableStore
    let secrets: InMemorySecrets
    let engine: Engine
    private let task = Mutex<Task<Void, any Error>?>(nil)

    init(
        _ parts: Parts,
        folder: TemporaryFolder,
        time: VirtualTime,
        store: InMemoryEventStore? = nil,
        secrets: InMemorySecrets = InMemorySecrets()
    ) throws {
        self.time = time
        self.store = store ?? InMemoryEventStore { time.now }
        self.secrets = secrets
        views = try EngineViews.open(at: folder.file("views"))
        engine = try Engine(
            store: self.store,
            views: views,
            actions: parts.actions,
            databases: parts.databases,
            projections: parts.projections,
            sinks: parts.sinks,
            source: parts.source,
            secrets: secrets,
            time: time,
            configuration: parts.configuration,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    /// Starts the engine and waits until it has nothing to do.
    func start() async {
        let engine = engine
        task.withLock { $0 = Task { try await engine.run() } }
        await engine.waitUntilIdle()
    }

    /// Stops the engine as an operator does.
    func stop() async throws {
        await engine.stop()
        try await task.withLock { $0 }?.value
        await views.close()
    }

    /// Drops the engine as a crash does: nothing is drained.
    func crash() async {
        let running = task.withLock { $0 }
        running?.cancel()
        _ = await running?.result
        await views.close()
    }

    /// Moves time from one waking to the next until an instant, as if it passed by itself.
    func pass(until end: Timestamp) async {
        await engine.waitUntilIdle()
        while let due = engine.nextWakeUp, due <= end, !store.isClosed {
            time.advance(to: due)
            await engine.waitUntilIdle()
        }
        if !store.isClosed { time.advance(to: end) }
        await engine.waitUntilIdle()
    }

    func summaries() throws -> [InstanceSummary] {
        try InstanceDirectory(views: views).summaries()
    }

    func types(of instance: EventID) throws -> [String] {
        try InstanceReader(store: store).history(of: instance).map(\.type)
    }
}

/// Secrets in memory.
final class InMemorySecrets: SecretStore {
    private let secrets = Mutex<[SecretReference: [UInt8]]>([:])

    var all: [SecretReference: [UInt8]] { secrets.withLock { $0 } }

    func keep(_ secret: [UInt8], under reference: SecretReference) async throws(SecretError) {
        secrets.withLock { if $0[reference] == nil { $0[reference] = secret } }
    }

    func forget(_ reference: SecretReference) async throws(SecretError) {
        secrets.withLock { $0[reference] = nil }
    }

    func secret(_ reference: SecretReference) async throws(SecretError) -> [UInt8]? {
        secrets.withLock { $0[reference] }
    }
}

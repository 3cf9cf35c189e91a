import EventLog
import EventModel
import Logging
import Projections
import Synchronization
import WorkflowEngine

/// Keeps one projection: folds what comes, and builds it anew when its definition or the log is another.
///
/// An event that cannot be folded stops this projection, with the reason on display, and no other.
final class ProjectionRunner: Sendable {
    let definition: ProjectionDefinition
    let context: EngineContext
    private let rebuilds = Mutex<[Promise<Result<ProjectionBuilder.Difference, any Error>>]>([])
    private let following = Mutex<Task<Void, Never>?>(nil)

    init(definition: ProjectionDefinition, context: EngineContext) {
        self.definition = definition
        self.context = context
    }

    static func name(_ projection: String) -> String { "projection:\(projection)" }

    var name: String { ProjectionRunner.name(definition.name) }

    /// Follows the log until the task is cancelled.
    func run(onMoved: @escaping @Sendable () -> Void) async {
        var failures = 0
        while !Task.isCancelled {
            do {
                try await buildIfNeeded()
                failures = 0
            } catch {
                if Task.isCancelled { return }
                failures += 1
                context.logger.error(
                    "a projection cannot be built",
                    metadata: ["projection": "\(definition.name)", "error": "\(error)"]
                )
                context.board.failed(name, "\(error)", at: context.time.now)
                let delay = Backoff.standard.delay(afterFailures: failures)
                await context.pause(name, for: delay)
                continue
            }
            context.board.recovered(name)
            onMoved()
            await follow(onMoved)
            // A follower that ends by itself has lost its log; only a wanted rebuild goes round.
            guard !Task.isCancelled, rebuilds.withLock({ !$0.isEmpty }) else { return }
        }
    }

    /// Builds the projection anew beside its rows and swaps.
    func rebuild() async throws -> ProjectionBuilder.Difference {
        let promise = Promise<Result<ProjectionBuilder.Difference, any Error>>()
        rebuilds.withLock { $0.append(promise) }
        following.withLock { $0?.cancel() }
        return try await promise.value().get()
    }

    private func follow(_ onMoved: @escaping @Sendable () -> Void) async {
        guard let state = try? ProjectionBuilder.state(of: definition.name, in: context.views)
        else { return }
        let fold = ProjectionFold(
            definition: definition,
            generation: state.generation,
            makesDebts: true
        )
        let follower = Follower(
            name: name,
            filter: filter,
            version: ViewTables.version,
            context: context,
            onMoved: onMoved
        )
        let task = Task(executorPreference: EngineExecutor.shared) {
            await follower.run { [self] batch, changes in
                for event in batch.events {
                    if event.type == SubjectEvents.erased { try beginAnew() }
                    try fold.apply(event, &changes)
                }
            }
        }
        following.withLock { $0 = task }
        if Task.isCancelled || rebuilds.withLock({ !$0.isEmpty }) { task.cancel() }
        await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
    }

    /// Also hears of erasures, whatever the projection reads.
    private var filter: EventFilter {
        var types = Set(definition.types ?? [])
        if !types.isEmpty { types.insert(SubjectEvents.erased) }
        return EventFilter(
            categories: Set(definition.categories).union([SubjectEvents.category]),
            types: types
        )
    }

    /// Ends following and has the rows built anew, without what was erased.
    ///
    /// The cursor stays before the tombstone until they are, so that a stop in between loses nothing.
    private func beginAnew() throws -> Never {
        rebuilds.withLock { $0.append(Promise()) }
        throw CancellationError()
    }

    private func buildIfNeeded() async throws {
        let wanted = rebuilds.withLock { rebuilds in
            defer { rebuilds = [] }
            return rebuilds
        }
        let state = try ProjectionBuilder.state(of: definition.name, in: context.views)
        let cursor = try context.cursor(name)
        let fits = try cursor.map {
            try $0.version == ViewTables.version && $0.fits(context.store)
        }
        guard !wanted.isEmpty || state?.hash != definition.hash || fits != true else { return }
        let builder = ProjectionBuilder(
            definition: definition,
            store: context.store,
            views: context.views
        )
        do {
            let difference = try await builder.rebuild(cursorName: name)
            context.logger.notice(
                "a projection was built anew",
                metadata: [
                    "projection": "\(definition.name)", "added": "\(difference.addedCount)",
                    "changed": "\(difference.changedCount)",
                    "removed": "\(difference.removedCount)",
                ]
            )
            for promise in wanted { promise.fulfil(.success(difference)) }
        } catch {
            for promise in wanted { promise.fulfil(.failure(error)) }
            throw error
        }
    }
}

import EventLog
import EventModel
import Logging
import WorkflowEngine

/// Lets instances that wait for their turn begin.
///
/// It alone admits, and looks at a queue again only after the views hold what it has done, so no place
/// is given twice.
final class AdmissionDesk: Sendable {
    static let name = "admissions"
    /// When an instance that could not be told is told again.
    private static let retryDelay = Duration.seconds(10)

    private let context: EngineContext
    private let processor: InstanceProcessor
    private let queues: ChangedQueues
    private let pulse = Pulse()

    init(context: EngineContext, processor: InstanceProcessor, queues: ChangedQueues) {
        self.context = context
        self.processor = processor
        self.queues = queues
    }

    /// Looks again: the views hold what has changed in the queues.
    func wake() {
        queues.publish()
        pulse.beat()
    }

    /// Works until the task is cancelled.
    func run() async {
        // Queues that must be looked at by themselves, and when.
        var due: [AdmissionQueue: Timestamp] = [:]
        do {
            for queue in try allQueues() { due[queue] = context.time.now }
        } catch {
            context.board.failed(AdmissionDesk.name, "\(error)", at: context.time.now)
        }
        while !Task.isCancelled, !context.board.state.isStopping {
            do {
                try await turn(&due)
                context.board.recovered(AdmissionDesk.name)
                await context.wait(for: pulse, until: due.values.min())
            } catch {
                context.logger.error("the admissions failed", metadata: ["error": "\(error)"])
                context.board.failed(AdmissionDesk.name, "\(error)", at: context.time.now)
                await context.pause(AdmissionDesk.name, for: .seconds(1))
            }
        }
    }

    private func allQueues() throws -> Set<AdmissionQueue> {
        var queues: Set<AdmissionQueue> = []
        var from: [UInt8]?
        while let first = try context.views.rows(ViewTables.admissions, from: from, limit: 1).first
        {
            let queue = AdmissionQueue(key: first.key)
            queues.insert(queue)
            // The next queue begins behind every key of this one.
            from = queue.prefix + Array(repeating: 0xFF, count: 25)
        }
        return queues
    }

    private func turn(_ due: inout [AdmissionQueue: Timestamp]) async throws {
        while !Task.isCancelled {
            let seen = context.board.position(InstanceFold.follower)
            let now = context.time.now
            for queue in queues.take() { due[queue] = now }
            let ready = due.filter { $0.value <= now }.keys
            guard !ready.isEmpty else {
                let next = due.values.min()
                context.board.update { state in
                    state.wakeUps[AdmissionDesk.name] = next
                    state.positions[AdmissionDesk.name] = seen
                }
                return
            }
            for queue in ready {
                let plan = try plan(queue, now)
                var next = plan.nextLook
                for step in plan.steps where try await !take(step) {
                    let again = now + AdmissionDesk.retryDelay
                    next = min(next ?? again, again)
                }
                // Not before: what goes wrong above must not make the queue forgotten.
                due[queue] = next
            }
            // What was done must be in the views before the queues are looked at again.
            let target = context.store.head
            await context.board.wait { state in
                state.isStopping
                    || (state.positions[InstanceFold.follower] ?? .start) >= target
            }
            if context.board.state.isStopping { return }
        }
    }

    private func plan(_ queue: AdmissionQueue, _ now: Timestamp) throws -> AdmissionPlan {
        let rows = try queue.rows(context.views)
        var memory = AdmissionPlan.Memory()
        for row in rows where !row.admission.isAdmitted {
            if let key = row.admission.rate?.key, memory.starts[key] == nil {
                memory.starts[key] = try queue.starts(of: key, context.views)
            }
            if let key = row.admission.deduplication?.key, memory.last[key] == nil {
                memory.last[key] = try queue.last(of: key, context.views)
            }
        }
        return AdmissionPlan(rows, memory: memory, now: now)
    }

    /// - Returns: false if the instance cannot be told now; the others' turn comes all the same.
    private func take(_ step: AdmissionPlan.Step) async throws(CommandError) -> Bool {
        let origin = InstanceProcessor.Origin(actor: context.configuration.actor)
        do throws(CommandError) {
            switch step {
            case .admit(let instance):
                try await processor.execute(.admit, on: instance, origin: origin)
            case .cancel(let instance, let reason):
                try await processor.execute(.cancel(reason: reason), on: instance, origin: origin)
            }
        } catch {
            // It ended meanwhile, or is being undone already; the views will say so.
            if case .rejected = error { return true }
            guard error.isOfInstance else { throw error }
            context.logger.error("a turn could not be given", metadata: ["error": "\(error)"])
            return false
        }
        return true
    }
}

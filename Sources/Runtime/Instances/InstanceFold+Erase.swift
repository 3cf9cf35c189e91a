import EventLog
import EventModel
import Synchronization
import WorkflowEngine

extension InstanceFold {
    private static let pageRows = 500

    /// Folds the instances of erased stories anew, so that their states say what a replay says.
    ///
    /// Nothing that steers an instance is personal, so its open steps and timers stay as they are.
    func foldAgain(_ stories: Set<EventID>, _ changes: inout ViewChanges) throws {
        guard !stories.isEmpty else { return }
        var from: [UInt8]?
        while true {
            let page = try context.views.rows(
                ViewTables.instances,
                from: from,
                limit: InstanceFold.pageRows
            )
            for entry in page {
                guard let instance = Identifier(bytes: entry.key) else { continue }
                try foldAgain(instance, ifOf: stories, &changes)
            }
            guard let last = page.last, page.count == InstanceFold.pageRows else { break }
            from = last.key + [0]
        }
        // Instances that began in this batch are in no table yet.
        for key in changes.keys(of: ViewTables.instances) {
            guard let instance = Identifier(bytes: key) else { continue }
            try foldAgain(instance, ifOf: stories, &changes)
        }
    }

    private func foldAgain(
        _ instance: EventID,
        ifOf stories: Set<EventID>,
        _ changes: inout ViewChanges
    ) throws {
        guard
            let row = try changes.value(ViewTables.instances, instance.bytes)
                .flatMap(InstanceRow.init),
            let story = row.correlation, stories.contains(story)
        else { return }
        var loaded = LoadedInstance.absent
        var problem = row.problem
        do throws(CommandError) {
            try InstanceStream.fold(&loaded, of: instance, from: context.store, upTo: row.count)
        } catch {
            problem = error.description
        }
        cache[instance] = loaded
        let fresh = InstanceRow(loaded, firstPosition: row.firstPosition, problem: problem)
        changes.put(ViewTables.instances, instance.bytes, fresh.value)
        let summary = InstanceSummary(
            instance: instance,
            state: fresh.state,
            firstPosition: fresh.firstPosition,
            lastPosition: fresh.lastPosition
        )
        changes.put(ViewTables.instanceList, ViewKey.position(row.firstPosition), summary.value)
        erased.add(instance)
    }
}

/// Instances whose old states must be forgotten wherever they are kept in memory.
final class ErasedInstances: Sendable {
    private let instances = Mutex<Set<EventID>>([])

    func add(_ instance: EventID) { instances.withLock { _ = $0.insert(instance) } }

    /// All that were added since the last time.
    func take() -> Set<EventID> {
        instances.withLock { instances in
            defer { instances = [] }
            return instances
        }
    }
}

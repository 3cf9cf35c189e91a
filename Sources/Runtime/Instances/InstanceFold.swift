import EventLog
import EventModel
import Logging
import WorkflowEngine

/// Folds the streams of instances into the views: live states, open steps, timers that are set.
///
/// It is the single writer of these tables. Several events of an instance in one batch cost one write.
struct InstanceFold: Sendable {
    static let follower = "instances"
    static let filter = EventFilter(categories: ["instance", SubjectEvents.category])
    static let tables = [
        ViewTables.instances, ViewTables.instanceList, ViewTables.instanceOpen,
        ViewTables.stepsOpen, ViewTables.timers, ViewTables.waits, ViewTables.admissions,
        ViewTables.admitted,
    ]

    let context: EngineContext
    let cache: InstanceCache
    /// The instances whose values were erased since somebody last asked.
    let erased = ErasedInstances()
    /// The workflows whose queues have changed since somebody last asked.
    let queues = ChangedQueues()

    private struct Touched {
        var loaded: LoadedInstance
        var firstPosition: Position
        var problem: String?
        /// Where the steps were scheduled that this batch scheduled.
        var scheduled: [String: Scheduled] = [:]
        /// Where the steps began to wait for something that began to in this batch.
        var awaited: [String: Position] = [:]
        /// When it began after it had waited for its turn, if that was in this batch.
        var admittedAt: Timestamp?
    }

    private struct Scheduled {
        var position: Position
        var event: EventID
    }

    func apply(_ batch: EventSubscription.Batch, _ changes: inout ViewChanges) throws {
        var touched: [EventID: Touched] = [:]
        for event in batch.events {
            let subjects = SubjectEvents.erasedSubjects(event)
            if !subjects.isEmpty {
                for (instance, entry) in touched { try write(instance, entry, &changes) }
                touched = [:]
                try foldAgain(Set(subjects.compactMap(\.story)), &changes)
                continue
            }
            guard let instance = InstanceStream.instance(of: event.stream) else { continue }
            var entry = try touched[instance] ?? load(instance, before: event, changes)
            take(event, of: instance, into: &entry)
            touched[instance] = entry
        }
        for (instance, entry) in touched { try write(instance, entry, &changes) }
    }

    private func load(
        _ instance: EventID,
        before event: Event,
        _ changes: ViewChanges
    ) throws -> Touched {
        guard event.revision > 0 else {
            return Touched(loaded: .absent, firstPosition: event.position)
        }
        let row = try changes.value(ViewTables.instances, instance.bytes).flatMap(InstanceRow.init)
        if let row {
            let isFresh = cache[instance]?.count == row.count
            return Touched(
                loaded: isFresh ? cache[instance] ?? row.loaded : row.loaded,
                firstPosition: row.firstPosition,
                problem: row.problem
            )
        }
        // The row is missing or damaged, so the stream is folded anew up to just before the event.
        var entry = Touched(loaded: .absent, firstPosition: event.position)
        while entry.loaded.count < event.revision {
            let left = event.revision - entry.loaded.count
            let page = try context.store.readStream(
                event.stream,
                from: entry.loaded.count,
                direction: .forward,
                limit: Int(min(left, 500))
            )
            guard !page.isEmpty, entry.problem == nil else { break }
            for event in page {
                if event.revision == 0 { entry.firstPosition = event.position }
                take(event, of: instance, into: &entry)
            }
        }
        return entry
    }

    private func take(_ event: Event, of instance: EventID, into entry: inout Touched) {
        // After a stop between two batches the same events may come again.
        guard entry.problem == nil, event.revision == entry.loaded.count else { return }
        do throws(CommandError) {
            try entry.loaded.take(event, of: instance)
        } catch {
            // One unreadable event stops its own instance and nobody else.
            entry.problem = error.description
            context.logger.error(
                "an instance cannot be folded",
                metadata: [
                    "instance": "\(instance)", "position": "\(event.position)",
                    "error": "\(error)",
                ]
            )
        }
        if event.type == InstanceFold.scheduledType, let step = event.data["step"]?.stringValue {
            entry.scheduled[step] = Scheduled(position: event.position, event: event.id)
        } else if event.type == InstanceFold.awaitedType, let step = event.data["step"]?.stringValue
        {
            entry.awaited[step] = event.position
        } else if event.type == InstanceFold.admittedType {
            entry.admittedAt = event.recordedAt
        }
    }

    private static let scheduledType = "StepScheduled"
    private static let awaitedType = "EventAwaited"
    private static let admittedType = "InstanceAdmitted"

    private func write(
        _ instance: EventID,
        _ entry: Touched,
        _ changes: inout ViewChanges
    ) throws {
        cache[instance] = entry.loaded
        let row = InstanceRow(
            entry.loaded,
            firstPosition: entry.firstPosition,
            problem: entry.problem
        )
        changes.put(ViewTables.instances, instance.bytes, row.value)
        let summary = InstanceSummary(
            instance: instance,
            state: row.state,
            firstPosition: row.firstPosition,
            lastPosition: row.lastPosition
        )
        changes.put(
            ViewTables.instanceList,
            ViewKey.position(row.firstPosition),
            summary.value
        )
        try writeOpen(instance, entry, &changes)
        if let admission = entry.loaded.state.admission {
            let row = AdmissionRow(
                instance: instance,
                position: entry.firstPosition,
                admission: admission,
                queuedAt: entry.loaded.state.startedAt ?? context.time.now
            )
            let queue = AdmissionQueue(workflow: entry.loaded.state.workflow)
            try queue.write(row, entry.loaded.state, admittedAt: entry.admittedAt, &changes)
            queues.add(queue)
        }
    }

    /// The row of a step that waits; nil for one that waits for a signal, which comes by itself.
    private func waitRow(
        _ instance: EventID,
        _ waiting: AwaitingStep,
        _ entry: Touched,
        _ before: OpenEntries
    ) -> WaitRow? {
        guard waiting.event.kind != .signal else { return nil }
        let position =
            entry.awaited[waiting.step] ?? before.waits[waiting.step] ?? entry.loaded.position
        return WaitRow(
            instance: instance,
            step: waiting.step,
            event: waiting.event,
            position: position
        )
    }

    private func writeOpen(
        _ instance: EventID,
        _ entry: Touched,
        _ changes: inout ViewChanges
    ) throws {
        let state = entry.loaded.state
        let known = try changes.value(ViewTables.instanceOpen, instance.bytes)
        let before = OpenEntries(known ?? .null)
        var after = OpenEntries()
        if !state.status.isEnded, entry.problem == nil {
            for step in state.openSteps {
                let position =
                    entry.scheduled[step.step]?.position ?? before.steps[step.step]
                guard let position else { continue }
                after.steps[step.step] = position
                guard let scheduled = entry.scheduled[step.step] else { continue }
                let open = OpenStepEntry(
                    instance: instance,
                    step: step.step,
                    attempt: step.attempt,
                    scheduledBy: scheduled.event
                )
                changes.put(ViewTables.stepsOpen, ViewKey.position(position), open.value)
            }
            for timer in state.waitingTimers {
                after.timers[timer.timer] = timer.due
                guard before.timers[timer.timer] != timer.due else { continue }
                let row = TimerEntry(instance: instance, timer: timer)
                changes.put(ViewTables.timers, row.key, row.value)
            }
            for waiting in state.awaitedEvents {
                guard let row = waitRow(instance, waiting, entry, before) else { continue }
                after.waits[waiting.step] = row.position
                after.waitKeys[waiting.step] = row.key
                guard before.waits[waiting.step] != row.position else { continue }
                changes.put(ViewTables.waits, row.key, row.value)
            }
        }
        for (step, key) in before.waitKeys where after.waitKeys[step] != key {
            changes.delete(ViewTables.waits, key)
        }
        for (step, position) in before.steps where after.steps[step] != position {
            changes.delete(ViewTables.stepsOpen, ViewKey.position(position))
        }
        for (timer, due) in before.timers where after.timers[timer] != due {
            changes.delete(
                ViewTables.timers,
                TimerEntry.key(due: due, instance: instance, timer: timer)
            )
        }
        guard after != before else { return }
        if after.isEmpty {
            changes.delete(ViewTables.instanceOpen, instance.bytes)
        } else {
            changes.put(ViewTables.instanceOpen, instance.bytes, after.value)
        }
    }
}

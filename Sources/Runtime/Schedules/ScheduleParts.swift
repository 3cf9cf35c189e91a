import EventLog
import EventModel
import Schedules
import WorkflowEngine

/// Everything of an engine that is about schedules.
struct ScheduleParts: Sendable {
    /// Those that are at rest only when they have come to the head of the log.
    static let names = [
        ScheduleFold.follower, ScheduleDeployments.follower, ScheduleEnds.follower,
        ScheduleClock.name,
    ]
    /// The followers with a cursor, and their tables.
    static let owned = [
        (ScheduleFold.follower, ScheduleFold.tables), (ScheduleDeployments.follower, []),
        (ScheduleEnds.follower, []),
    ]

    let zones: any TimeZoneRules = SystemTimeZones()
    let fold: ScheduleFold
    let processor: ScheduleProcessor
    let clock: ScheduleClock
    let deployments: ScheduleDeployments
    let ends: ScheduleEnds

    init(context: EngineContext, instances: InstanceProcessor) {
        fold = ScheduleFold(context: context, zones: zones)
        processor = ScheduleProcessor(context: context, instances: instances, zones: zones)
        clock = ScheduleClock(context: context, processor: processor)
        deployments = ScheduleDeployments(context: context, processor: processor)
        ends = ScheduleEnds(context: context, processor: processor)
    }
}

extension Engine {
    private func follower(
        _ name: String,
        _ filter: EventFilter,
        onMoved: @escaping @Sendable () -> Void = {}
    ) -> Follower {
        Follower(
            name: name,
            filter: filter,
            version: ViewTables.version,
            context: context,
            onMoved: onMoved
        )
    }

    func addScheduleFold(to group: inout TaskGroup<Bool>) {
        let follower = follower(ScheduleFold.follower, ScheduleFold.filter) { [schedules] in
            schedules.clock.wake()
        }
        group.addTask { [schedules] in
            await follower.run { batch, changes in try schedules.fold.apply(batch, &changes) }
            return false
        }
    }

    /// What decides ticks begins once states and instances are as the log had them at the start, so
    /// that nothing that has long ended counts as running.
    func addScheduleActors(to group: inout TaskGroup<Bool>) {
        let head = context.store.head
        let board = context.board
        let caughtUp: @Sendable () async -> Void = {
            await board.wait { state in
                [InstanceFold.follower, ScheduleFold.follower].allSatisfy { name in
                    (state.positions[name] ?? .start) >= head
                }
            }
        }
        let deployments = follower(ScheduleDeployments.follower, ScheduleDeployments.filter)
        let ends = follower(ScheduleEnds.follower, ScheduleEnds.filter)
        group.addTask { [schedules] in
            await caughtUp()
            await deployments.run { batch, _ in try await schedules.deployments.apply(batch) }
            return false
        }
        group.addTask { [schedules] in
            await caughtUp()
            await ends.run { batch, _ in try await schedules.ends.apply(batch) }
            return false
        }
        group.addTask { [schedules] in
            await caughtUp()
            // A deployment that nobody has looked at yet may have ended or changed what is due.
            await board.wait { ($0.positions[ScheduleDeployments.follower] ?? .start) >= head }
            await schedules.clock.run()
            return false
        }
    }
}

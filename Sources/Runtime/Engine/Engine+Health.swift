import EventLog
public import EventModel
import Projections

extension Engine {
    /// How the engine is doing, at this moment.
    public var health: EngineHealth {
        let state = context.board.state
        let head = context.store.head
        let views = context.views
        let counts = agents.counts
        let followers = state.parts.sorted().map { name in
            let position = state.positions[name] ?? .start
            return EngineHealth.Follower(
                name: name,
                position: position,
                lag: head > position ? head.value - position.value : 0,
                failure: state.failures[name]?.message,
                failedAt: state.failures[name]?.at
            )
        }
        return EngineHealth(
            isReady: state.isReady,
            isStopping: state.isStopping,
            head: head,
            followers: followers,
            openStepCount: (try? views.rowCount(ViewTables.stepsOpen)) ?? 0,
            callCount: dispatcher.callCount,
            waitingTimerCount: (try? TimerTable.count(views: views)) ?? 0,
            nextTimer: (try? TimerTable.waiting(views: views, limit: 1))?.first?.due,
            scheduleCount: (try? ScheduleDirectory(views: views).dueCount) ?? 0,
            nextTick: try? ScheduleDirectory(views: views).next,
            sinks: sinks.map(\.debt),
            agents: EngineHealth.Agents(
                liveCount: counts.live,
                waitingCount: counts.waiting,
                assignedCount: counts.assigned
            ),
            circuits: circuits.statuses
        )
    }

    /// When some part of the engine will go on by itself: a timer, a retry, a poll; nil if none will.
    public var nextWakeUp: Timestamp? { context.board.state.wakeUps.values.min() }

    static func check(
        _ configuration: EngineConfiguration,
        _ projections: [ProjectionDefinition],
        _ sinks: [any Sink]
    ) throws(EngineError) {
        guard configuration.dispatcherConcurrency > 0 else {
            throw .badConfiguration("dispatcherConcurrency must be at least 1")
        }
        guard configuration.pollInterval > .zero else {
            throw .badConfiguration("pollInterval must be more than nothing")
        }
        let names = projections.map(\.name)
        guard Set(names).count == names.count else {
            throw .badConfiguration("two projections have the same name: \(names.sorted())")
        }
        let sources = configuration.webhookSources.map(\.name)
        guard Set(sources).count == sources.count else {
            throw .badConfiguration("two webhook sources have the same name: \(sources.sorted())")
        }
        let kinds = sinks.map(\.kind)
        guard Set(kinds).count == kinds.count else {
            throw .badConfiguration("two sinks are of the same kind: \(kinds.sorted())")
        }
    }
}

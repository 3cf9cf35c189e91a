/// The thread that owns the write transaction of a ``TableStore``.
final class TableThread: Sendable {
    /// A write that waits, and how to answer it.
    struct Job: Sendable {
        /// Does the work and returns what lets the caller go on.
        let run: @Sendable () -> @Sendable () -> Void
        /// Lets the caller go on with an error.
        let refuse: @Sendable (EventLogError) -> Void
    }

    private static let syncMilliseconds = 3000

    private struct State {
        var jobs: [Job] = []
        var isClosed = false
    }

    /// Opens when everything is closed.
    let ended = Latch()
    private let monitor = Monitor(State())

    init(
        _ environment: Environment,
        lock: FolderLock,
        mark: RebuildableMark,
        notice: @escaping @Sendable (String) -> Void
    ) throws(EventLogError) {
        try WorkerThread.start("tables") { [monitor, ended] in
            TableThread.run(monitor, environment, notice)
            do throws(EventLogError) {
                try environment.synchronize()
                environment.close()
                try mark.noteClosed()
            } catch {
                // Without the mark the tables are emptied only if the machine stops before the next
                // time.
                environment.close()
                notice(error.message)
            }
            lock.release()
            ended.open()
        }
    }

    /// Adds a write, or refuses it if the store is closed.
    func add(_ job: Job, folder: String) {
        let isTaken = monitor.change { state in
            guard !state.isClosed else { return false }
            state.jobs.append(job)
            return true
        }
        if !isTaken { job.refuse(EventLogError(.closed, "the tables in \(folder) are closed")) }
    }

    /// Takes no more writes.
    func beginClosing() { monitor.change { $0.isClosed = true } }

    private enum Work {
        case run([Job])
        case synchronize
        case end
    }

    private static func run(
        _ monitor: Monitor<State>,
        _ environment: Environment,
        _ notice: @Sendable (String) -> Void
    ) {
        let clock = ContinuousClock()
        var firstUnsynchronized: ContinuousClock.Instant?
        while true {
            let take: (inout State) -> Work? = { state in
                guard state.jobs.isEmpty else {
                    defer { state.jobs = [] }
                    return .run(state.jobs)
                }
                return state.isClosed ? .end : nil
            }
            var work: Work
            if let first = firstUnsynchronized {
                let elapsed = (clock.now - first) / Duration.milliseconds(1)
                let remaining = max(0, syncMilliseconds - Int(elapsed))
                work = monitor.wait(milliseconds: remaining, take) ?? .synchronize
                // Under load there is always a job, and the disk must not wait for ever.
                if case .run(let jobs) = work, remaining == 0 {
                    synchronize(environment, notice)
                    firstUnsynchronized = nil
                    work = .run(jobs)
                }
            } else {
                work = monitor.wait(take)
            }
            switch work {
            case .run(let jobs):
                firstUnsynchronized = firstUnsynchronized ?? clock.now
                for job in jobs { job.run()() }
            case .synchronize:
                synchronize(environment, notice)
                firstUnsynchronized = nil
            case .end:
                return
            }
        }
    }

    private static func synchronize(
        _ environment: Environment,
        _ notice: @Sendable (String) -> Void
    ) {
        do throws(EventLogError) {
            try environment.synchronize()
        } catch {
            notice(error.message)
        }
    }
}

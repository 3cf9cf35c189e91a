public import EventModel
import Synchronization

/// The last results of scrubs, for whoever shows them.
public final class ScrubBoard: Sendable {
    /// What is known.
    public struct Status: Sendable, Hashable {
        /// When the last whole walk ended; nil if there was none since the start.
        public var endedAt: Timestamp?
        /// How many problems it found.
        public var problemCount: UInt64
        /// How many events it read.
        public var eventCount: UInt64
    }

    private let state = Mutex(Status(endedAt: nil, problemCount: 0, eventCount: 0))

    public init() {}

    /// The last result.
    public var status: Status { state.withLock { $0 } }

    /// Notes a result.
    public func note(_ report: ScrubReport) {
        state.withLock { state in
            // A result of an older walk may come late.
            guard report.endedAt >= state.endedAt ?? report.endedAt else { return }
            state.endedAt = report.endedAt
            state.problemCount = report.problemCount
            state.eventCount = report.eventCount
        }
    }
}

/// Scrubs a log again and again, slowly, as long as it is open.
public struct ScrubJob: Sendable {
    private let log: EventLog
    private let board: ScrubBoard
    private let bytesPerSecond: Int
    private let secondsBetween: Double
    private let actor: String
    private let makeIdentifier: @Sendable () -> EventID
    private let pause: @Sendable (Double) async throws -> Void
    private let alarm: @Sendable (ScrubReport.Problem) -> Void

    /// Makes a job; nothing happens yet.
    ///
    /// - Parameters:
    ///   - log: the log, open for writing: each result is an event in it.
    ///   - board: where the last result is shown.
    ///   - bytesPerSecond: how many bytes of records are read a second at the most.
    ///   - secondsBetween: from the begin of one walk to the begin of the next.
    ///   - actor: who the events say has done it.
    ///   - makeIdentifier: gives the events their ids.
    ///   - pause: waits for so many seconds; throws to end the job.
    ///   - alarm: hears of every problem that is listed.
    public init(
        log: EventLog,
        board: ScrubBoard,
        bytesPerSecond: Int,
        secondsBetween: Double,
        actor: String = "system",
        makeIdentifier: @escaping @Sendable () -> EventID,
        pause: @escaping @Sendable (Double) async throws -> Void,
        alarm: @escaping @Sendable (ScrubReport.Problem) -> Void
    ) {
        self.log = log
        self.board = board
        self.bytesPerSecond = bytesPerSecond
        self.secondsBetween = secondsBetween
        self.actor = actor
        self.makeIdentifier = makeIdentifier
        self.pause = pause
        self.alarm = alarm
    }

    /// Works until the log is closed or `pause` throws.
    ///
    /// A walk that was interrupted goes on where it was; one that is not due yet is waited for.
    public func run() async throws {
        if let last = try lastResult() {
            board.note(last)
            try await waitUntilDue(last)
        }
        while true {
            let options = ScrubOptions(bytesPerSecond: bytesPerSecond, isResumed: true)
            let report = try await log.scrub(options: options, pause: pause)
            for problem in report.problems { alarm(problem) }
            board.note(report)
            try await log.record(report, id: makeIdentifier(), actor: actor)
            try await waitUntilDue(report)
        }
    }

    private func lastResult() throws(EventLogError) -> ScrubReport? {
        let events = try log.readStream(
            ScrubEvents.stream,
            from: nil,
            direction: .backward,
            limit: 1
        )
        return events.first.flatMap { ScrubEvents.report($0.data) }
    }

    private func waitUntilDue(_ report: ScrubReport) async throws {
        let passed = (log.configuration.now() - report.beganAt) / .seconds(1)
        // A clock that was set back must not make it wait for ever.
        try await pause(min(max(secondsBetween - passed, 1), secondsBetween))
    }
}

import Foundation
import Synchronization

/// One thing to do with a connection.
///
/// Unchecked because `work` changes hands: the caller sets it before the pool's lock is taken, and
/// who takes the job out of the locked queue is the only one to run it.
final class PostgresJob: @unchecked Sendable {
    typealias Work = (Result<PostgresConnection, PostgresError>) -> Void

    private var work: Work?
    private let cancelled = Atomic<Bool>(false)

    var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

    func markCancelled() { cancelled.store(true, ordering: .releasing) }

    func begin(_ work: @escaping Work) { self.work = work }

    func finish(_ connection: Result<PostgresConnection, PostgresError>) {
        work?(connection)
        work = nil
    }

    func fail(_ code: PostgresError.Code) {
        let words = code == .closed ? "the database client is closed" : "the call was cancelled"
        finish(.failure(PostgresError(code, words)))
    }
}

/// The threads of a client and the queue that they serve.
final class PostgresPool: Sendable {
    private struct State: Sendable {
        var queue: [PostgresJob] = []
        var threadCount = 0
        var idleCount = 0
        var isClosed = false
        var waitingForEnd: [CheckedContinuation<Void, Never>] = []
    }

    private let configuration: PostgresClient.Configuration
    private let state = Mutex(State())
    /// Counts the jobs in the queue, and at the end wakes every thread once.
    private let wake = DispatchSemaphore(value: 0)

    init(_ configuration: PostgresClient.Configuration) { self.configuration = configuration }

    func submit(_ job: PostgresJob) {
        let threadsMax = max(1, configuration.connectionsMax)
        let (refusal, needsThread): (PostgresError.Code?, Bool) = state.withLock { state in
            guard !state.isClosed else { return (.closed, false) }
            // A cancellation that came before finds it nowhere in the queue.
            guard !job.isCancelled else { return (.cancelled, false) }
            state.queue.append(job)
            let needsThread = state.queue.count > state.idleCount && state.threadCount < threadsMax
            if needsThread { state.threadCount += 1 }
            return (nil, needsThread)
        }
        if let refusal { return job.fail(refusal) }
        if needsThread {
            let thread = Thread { [self] in serve() }
            thread.name = "daybook postgres"
            thread.start()
        }
        wake.signal()
    }

    func cancel(_ job: PostgresJob) {
        job.markCancelled()
        let wasQueued = state.withLock { state in
            guard let index = state.queue.firstIndex(where: { $0 === job }) else { return false }
            state.queue.remove(at: index)
            return true
        }
        if wasQueued { job.fail(.cancelled) }
    }

    func close() {
        let (left, threadCount) = state.withLock { state in
            guard !state.isClosed else { return ([PostgresJob](), 0) }
            state.isClosed = true
            defer { state.queue = [] }
            return (state.queue, state.threadCount)
        }
        for job in left { job.fail(.closed) }
        for _ in 0..<threadCount { wake.signal() }
    }

    func waitForEnd() async {
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                if state.threadCount > 0 { state.waitingForEnd.append(continuation) }
                return state.threadCount == 0
            }
            if hasEnded { continuation.resume() }
        }
    }

    private func serve() {
        var connection: PostgresConnection?
        while true {
            state.withLock { $0.idleCount += 1 }
            wake.wait()
            let (job, isClosed) = state.withLock { state in
                state.idleCount -= 1
                let job = state.queue.isEmpty ? nil : state.queue.removeFirst()
                return (job, state.isClosed)
            }
            if let job { run(job, &connection) }
            if isClosed { break }
        }
        connection = nil
        let waiting = state.withLock { state in
            state.threadCount -= 1
            guard state.threadCount == 0 else { return [CheckedContinuation<Void, Never>]() }
            defer { state.waitingForEnd = [] }
            return state.waitingForEnd
        }
        for continuation in waiting { continuation.resume() }
    }

    private func run(_ job: PostgresJob, _ connection: inout PostgresConnection?) {
        do throws(PostgresError) {
            if let open = connection, !open.isAlive { connection = nil }
            if let open = connection { return job.finish(.success(open)) }
            let open = try PostgresConnection(configuration)
            connection = open
            job.finish(.success(open))
        } catch {
            job.finish(.failure(error))
        }
    }
}

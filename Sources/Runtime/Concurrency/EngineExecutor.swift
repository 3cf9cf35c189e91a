import Foundation

/// The threads on which engines work.
///
/// Reading the log and the views touches mapped files, which can block on a page that is not in memory. On
/// Swift's cooperative threads, of which there are only as many as processors, that would hold up
/// everybody else in the process; here it holds up nobody but engines.
final class EngineExecutor: TaskExecutor, @unchecked Sendable {
    // Unchecked: `jobs` is only touched while `condition` is locked.

    static let shared = EngineExecutor(threadCount: 4)

    private let condition = NSCondition()
    private var jobs: [UnownedJob] = []
    private var first = 0

    private init(threadCount: Int) {
        for number in 1...threadCount {
            let thread = Thread { [self] in work() }
            thread.name = "daybook-engine-\(number)"
            thread.start()
        }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        condition.lock()
        jobs.append(job)
        condition.unlock()
        condition.signal()
    }

    private func work() {
        while true {
            next().runSynchronously(on: asUnownedTaskExecutor())
        }
    }

    private func next() -> UnownedJob {
        condition.lock()
        defer { condition.unlock() }
        while first == jobs.count { condition.wait() }
        defer {
            first += 1
            // The taken part is dropped now and then, so that taking stays cheap.
            if first == jobs.count || first > 1024 {
                jobs.removeFirst(first)
                first = 0
            }
        }
        return jobs[first]
    }
}

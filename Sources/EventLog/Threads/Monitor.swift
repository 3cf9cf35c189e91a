import Glibc

/// A state that threads change and wait for.
///
/// `Mutex` has no condition to wait on, and these waits are those of dedicated threads, so a POSIX
/// mutex and condition are right here. Sendable because the state is touched under the lock only.
final class Monitor<State>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    /// In memory of its own, because a member that changes would be watched for overlapping accesses
    /// at run time, which the lock rules out.
    private let state: UnsafeMutablePointer<State>

    init(_ state: sending State) {
        self.state = .allocate(capacity: 1)
        self.state.initialize(to: state)
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        condition = .allocate(capacity: 1)
        condition.initialize(to: pthread_cond_t())
        // Waits must not stretch or shrink when somebody sets the wall clock.
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        state.deinitialize(count: 1)
        state.deallocate()
        pthread_cond_destroy(condition)
        condition.deallocate()
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Looks at or changes the state, without waking anybody.
    func withLock<R>(_ body: (inout State) -> R) -> R {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body(&state.pointee)
    }

    /// Changes the state and wakes every thread that waits for it.
    func change<R>(_ body: (inout State) -> R) -> R {
        pthread_mutex_lock(mutex)
        defer {
            pthread_cond_broadcast(condition)
            pthread_mutex_unlock(mutex)
        }
        return body(&state.pointee)
    }

    /// Waits until the closure returns something.
    func wait<R>(_ body: (inout State) -> R?) -> R {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = body(&state.pointee) { return result }
            pthread_cond_wait(condition, mutex)
        }
    }

    /// Waits until the closure returns something or the time is over; nil if it is over.
    func wait<R>(milliseconds: Int, _ body: (inout State) -> R?) -> R? {
        wait(microseconds: milliseconds * 1000, body)
    }

    /// Waits until the closure returns something or the time is over; nil if it is over.
    func wait<R>(microseconds: Int, _ body: (inout State) -> R?) -> R? {
        var deadline = timespec()
        clock_gettime(CLOCK_MONOTONIC, &deadline)
        deadline.tv_sec += microseconds / 1_000_000
        deadline.tv_nsec += (microseconds % 1_000_000) * 1000
        if deadline.tv_nsec >= 1_000_000_000 {
            deadline.tv_sec += 1
            deadline.tv_nsec -= 1_000_000_000
        }
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = body(&state.pointee) { return result }
            guard pthread_cond_timedwait(condition, mutex, &deadline) != ETIMEDOUT else {
                return body(&state.pointee)
            }
        }
    }
}

import Glibc

/// Many may hold it shared or one alone: a POSIX read-write lock.
///
/// Who wants it alone goes before those who come later, or readers that overlap would keep it out for
/// ever. So a thread that holds it must not ask for it again.
///
/// Sendable because the pthread object does its own synchronisation; the memory lives as long as
/// this.
final class SharedLock: @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_rwlock_t>

    init() {
        lock = .allocate(capacity: 1)
        lock.initialize(to: pthread_rwlock_t())
        var attributes = pthread_rwlockattr_t()
        pthread_rwlockattr_init(&attributes)
        let preference = PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP
        pthread_rwlockattr_setkind_np(&attributes, Int32(preference))
        pthread_rwlock_init(lock, &attributes)
        pthread_rwlockattr_destroy(&attributes)
    }

    deinit {
        pthread_rwlock_destroy(lock)
        lock.deallocate()
    }

    func lockShared() { pthread_rwlock_rdlock(lock) }
    func lockAlone() { pthread_rwlock_wrlock(lock) }
    func unlock() { pthread_rwlock_unlock(lock) }
}

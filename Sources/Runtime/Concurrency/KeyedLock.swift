import Synchronization

/// Lets one task at a time work on a key, in the order of arrival.
final class KeyedLock<Key: Hashable & Sendable>: Sendable {
    // A key is present while somebody holds it; its list are those who wait.
    private let queues = Mutex<[Key: [CheckedContinuation<Void, Never>]]>([:])

    func withLock<Result, Failure: Error>(
        _ key: Key,
        _ body: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        await acquire(key)
        defer { release(key) }
        return try await body()
    }

    // Waiting ignores cancellation: holders are short, and every waiter gets its turn.
    private func acquire(_ key: Key) async {
        await withCheckedContinuation { continuation in
            let isFree = queues.withLock { queues in
                guard queues[key] != nil else {
                    queues[key] = []
                    return true
                }
                queues[key]?.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    private func release(_ key: Key) {
        let next = queues.withLock { queues -> CheckedContinuation<Void, Never>? in
            guard let waiting = queues[key], !waiting.isEmpty else {
                queues[key] = nil
                return nil
            }
            return queues[key]?.removeFirst()
        }
        next?.resume()
    }
}

import Synchronization

/// Lets one caller at a time through for each key, in the order of their coming.
final class KeyedLock: Sendable {
    private typealias Waiting = [CheckedContinuation<Void, Never>]

    private let state = Mutex<[String: Waiting]>([:])

    /// Takes several keys; always in ascending order, so that two callers never wait for each
    /// other.
    func lock(_ keys: [String]) async {
        for key in Set(keys).sorted() {
            await withCheckedContinuation { continuation in
                let isFree = state.withLock { state in
                    guard state[key] != nil else {
                        state[key] = []
                        return true
                    }
                    state[key]?.append(continuation)
                    return false
                }
                if isFree { continuation.resume() }
            }
        }
    }

    func unlock(_ keys: [String]) {
        for key in Set(keys) {
            let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
                guard var waiting = state[key], !waiting.isEmpty else {
                    state[key] = nil
                    return nil
                }
                let next = waiting.removeFirst()
                state[key] = waiting
                return next
            }
            next?.resume()
        }
    }
}

import Glibc

/// Runs what can block, so that no thread of Swift's cooperative pool ever does.
enum WorkerThread {
    private final class Start {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Starts a thread that ends when the closure returns.
    ///
    /// - Parameters:
    ///   - name: what the message says if no thread can be made.
    ///   - body: what to run.
    static func start(
        _ name: String,
        _ body: @escaping @Sendable () -> Void
    ) throws(EventLogError) {
        let start = Unmanaged.passRetained(Start(body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread,
            nil,
            { raw in
                guard let raw else { return nil }
                Unmanaged<Start>.fromOpaque(raw).takeRetainedValue().body()
                return nil
            },
            start.toOpaque()
        )
        guard code == 0 else {
            start.release()
            throw EventLogError.system("pthread_create", name, code: code)
        }
        pthread_detach(thread)
    }

    /// Runs the closure on a thread of its own and waits for its result without blocking.
    static func run<R: Sendable>(
        _ name: String,
        _ body: @escaping @Sendable () -> Result<R, EventLogError>
    ) async throws(EventLogError) -> R {
        let result = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<R, EventLogError>, Never>) in
            do throws(EventLogError) {
                try start(name) { continuation.resume(returning: body()) }
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
        return try result.get()
    }
}

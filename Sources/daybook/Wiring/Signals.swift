import Dispatch
import Foundation
import Synchronization

/// Waits for signals of the operating system without a handler's restrictions.
enum Signals {
    /// Returns when the first of the signals comes; they no longer end the process by themselves.
    static func first(of signals: [Int32]) async {
        let queue = DispatchQueue(label: "daybook.signals")
        let sources = signals.map { number in
            signal(number, SIG_IGN)
            return DispatchSource.makeSignalSource(signal: number, queue: queue)
        }
        let hasResumed = Mutex(false)
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            for source in sources {
                source.setEventHandler {
                    let isFirst = hasResumed.withLock { resumed in
                        defer { resumed = true }
                        return !resumed
                    }
                    if isFirst { continuation.resume() }
                }
                source.resume()
            }
        }
        for source in sources { source.cancel() }
    }

    /// Ends the process at once when one of the signals comes again.
    static func exitOnNext(of signals: [Int32]) {
        for number in signals { signal(number) { _exit(128 + $0) } }
    }
}

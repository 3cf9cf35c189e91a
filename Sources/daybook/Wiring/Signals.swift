import Dispatch
import Foundation
import Synchronization

/// Waits for signals of the operating system without a handler's restrictions.
enum Signals {
    /// Returns when the first of the signals comes or the task is cancelled; the signals no longer end
    /// the process by themselves.
    static func first(of signals: [Int32]) async {
        let gate = Gate()
        let queue = DispatchQueue(label: "daybook.signals")
        let sources = signals.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { gate.open() }
            source.resume()
            return source
        }
        await withTaskCancellationHandler {
            await gate.wait()
        } onCancel: {
            gate.open()
        }
        for source in sources { source.cancel() }
    }

    /// Makes a broken pipe and a full disk errors of the call that meets them, not the process's end.
    static func ignoreWriteFailures() {
        for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }
    }

    /// Sends this process a SIGTERM once its standard input ends.
    ///
    /// A process that was started with a pipe there ends with the one that started it, even if that one
    /// was killed.
    static func terminateWithStandardInput() {
        Thread.detachNewThread {
            var byte: UInt8 = 0
            while true {
                let count = read(STDIN_FILENO, &byte, 1)
                if count == 0 || (count < 0 && errno != EINTR) { break }
            }
            kill(getpid(), SIGTERM)
        }
    }

    /// Ends the process at once when one of the signals comes again.
    static func exitOnNext(of signals: [Int32]) {
        for number in signals { signal(number) { _exit(128 + $0) } }
    }
}

/// Lets one task through once it is open.
private final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiter = continuation }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiter = state.withLock { state in
            defer { state.waiter = nil }
            state.isOpen = true
            return state.waiter
        }
        waiter?.resume()
    }
}

import Foundation
import Synchronization

/// The thread that drives all exchanges, and the locked inbox through which it is told what to do.
final class TransferLoop: Sendable {
    private struct Inbox: Sendable {
        var submitted: [Transfer] = []
        var cancelled: [Transfer] = []
        var isClosed = false
        var hasEnded = false
        var waitingForEnd: [CheckedContinuation<Void, Never>] = []
    }

    private let inbox = Mutex(Inbox())
    private let configuration: HTTPClient.Configuration
    private let multi: CurlMulti?

    init(configuration: HTTPClient.Configuration) {
        self.configuration = configuration
        multi = CurlMulti(configuration: configuration)
    }

    func start() {
        guard multi != nil else { return inbox.withLock { $0.hasEnded = true } }
        let thread = Thread { [self] in run() }
        thread.name = "daybook http"
        thread.start()
    }

    func submit(_ transfer: Transfer) {
        guard multi != nil else {
            let message = "\(transfer.subject): libcurl cannot start; free some memory"
            return transfer.finish(.failure(HTTPClientError(.other, message)))
        }
        let isTaken = inbox.withLock { inbox in
            guard !inbox.isClosed else { return false }
            inbox.submitted.append(transfer)
            wakeIfFirst(inbox)
            return true
        }
        if !isTaken { transfer.fail(.shutDown) }
    }

    func cancel(_ transfer: Transfer) {
        transfer.markCancelled()
        inbox.withLock { inbox in
            guard !inbox.hasEnded else { return }
            inbox.cancelled.append(transfer)
            wakeIfFirst(inbox)
        }
    }

    func close() {
        inbox.withLock { inbox in
            guard !inbox.isClosed else { return }
            inbox.isClosed = true
            multi?.wake()
        }
    }

    func waitForEnd() async {
        await withCheckedContinuation { continuation in
            let hasEnded = inbox.withLock { inbox in
                if !inbox.hasEnded { inbox.waitingForEnd.append(continuation) }
                return inbox.hasEnded
            }
            if hasEnded { continuation.resume() }
        }
    }

    /// Under the lock, because the handle must outlive the call and is freed once `hasEnded` is
    /// set.
    private func wakeIfFirst(_ inbox: borrowing Inbox) {
        if inbox.submitted.count + inbox.cancelled.count == 1, !inbox.hasEnded { multi?.wake() }
    }

    private func run() {
        guard let multi else { return }
        var work = TransferWork(configuration: configuration, multi: multi)
        while true {
            let (submitted, cancelled, isClosed) = inbox.withLock { inbox in
                defer {
                    inbox.submitted = []
                    inbox.cancelled = []
                }
                return (inbox.submitted, inbox.cancelled, inbox.isClosed)
            }
            work.take(submitted)
            work.cancel(cancelled)
            if isClosed { break }
            work.advance()
            work.wait()
        }
        work.failAll()
        let waiting = inbox.withLock { inbox in
            inbox.hasEnded = true
            multi.close()
            defer { inbox.waitingForEnd = [] }
            return inbox.waitingForEnd
        }
        for continuation in waiting { continuation.resume() }
    }
}

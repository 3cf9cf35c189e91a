/// What the loop's thread keeps to itself: the exchanges under way and those that wait for a place.
struct TransferWork {
    private struct Active {
        let transfer: Transfer
        let exchange: CurlExchange
    }

    private let configuration: HTTPClient.Configuration
    private let multi: CurlMulti
    private var active: [CurlExchange.Key: Active] = [:]
    private var waiting: [Transfer] = []
    /// How many at the head of `waiting` are gone already.
    private var waitingHead = 0
    private var nextWaitingDeadline: ContinuousClock.Instant?

    init(configuration: HTTPClient.Configuration, multi: CurlMulti) {
        self.configuration = configuration
        self.multi = multi
    }

    mutating func take(_ transfers: [Transfer]) {
        for transfer in transfers {
            // Its cancellation may have come first, when there was nobody to tell.
            guard !transfer.isCancelled else {
                transfer.fail(.cancelled)
                continue
            }
            waiting.append(transfer)
            nextWaitingDeadline = min(nextWaitingDeadline ?? transfer.deadline, transfer.deadline)
        }
    }

    mutating func cancel(_ transfers: [Transfer]) {
        for transfer in transfers {
            if let (key, entry) = active.first(where: { $0.value.transfer === transfer }) {
                active[key] = nil
                multi.remove(entry.exchange)
            }
            // One that still waits is skipped when its turn comes, by its mark.
            transfer.fail(.cancelled)
        }
    }

    /// Starts what has a place, moves bytes, tells the callers of what is complete.
    mutating func advance() {
        startWaiting()
        repeat {
            for (key, result) in multi.advance() {
                guard let entry = active.removeValue(forKey: key) else { continue }
                let outcome = entry.exchange.outcome(result, of: entry.transfer)
                multi.remove(entry.exchange)
                entry.transfer.finish(outcome)
            }
        } while startWaiting()
    }

    /// Sleeps until bytes can move, a time-out is due or somebody wakes the loop.
    func wait() {
        var milliseconds = 60_000
        if let deadline = nextWaitingDeadline {
            milliseconds = min(milliseconds, (deadline - .now).wholeMilliseconds)
        }
        multi.wait(milliseconds: milliseconds)
    }

    mutating func failAll() {
        for entry in active.values {
            multi.remove(entry.exchange)
            entry.transfer.fail(.shutDown)
        }
        for transfer in waiting[waitingHead...] { transfer.fail(.shutDown) }
        active = [:]
        waiting = []
        waitingHead = 0
    }

    /// True if something was started.
    @discardableResult
    private mutating func startWaiting() -> Bool {
        expireWaiting()
        var hasStarted = false
        while waitingHead < waiting.count, active.count < configuration.inFlightMax {
            let transfer = waiting[waitingHead]
            waitingHead += 1
            guard !transfer.isCancelled else {
                transfer.fail(.cancelled)
                continue
            }
            do throws(HTTPClientError) {
                let exchange = try multi.start(transfer, configuration: configuration)
                active[exchange.key] = Active(transfer: transfer, exchange: exchange)
                hasStarted = true
            } catch {
                transfer.finish(.failure(error))
            }
        }
        if waitingHead == waiting.count || waitingHead > 1024 {
            waiting.removeFirst(waitingHead)
            waitingHead = 0
            if waiting.isEmpty { nextWaitingDeadline = nil }
        }
        return hasStarted
    }

    private mutating func expireWaiting() {
        let now = ContinuousClock.now
        guard let nextWaitingDeadline, nextWaitingDeadline <= now else { return }
        let rest = waiting[waitingHead...]
        for transfer in rest where transfer.deadline <= now { transfer.fail(.timeout) }
        waiting = rest.filter { $0.deadline > now }
        waitingHead = 0
        self.nextWaitingDeadline = waiting.map(\.deadline).min()
    }
}

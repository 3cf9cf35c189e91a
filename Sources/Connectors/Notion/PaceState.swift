import EventModel

/// Decides which waiting request may leave when: the pure part of ``NotionPacer``.
///
/// At most `requestsPerMinute` requests leave in any 60 seconds, which keeps every fixed window of
/// Notion within its budget wherever that window begins.
struct PaceState {
    /// A request that waits.
    struct Ticket {
        var number: UInt64
        var priority: NotionPriority
        /// When it came plus its priority's patience: the order of service.
        var due: Timestamp
        var notBefore: Timestamp
        /// Requests with the same key leave one after the other; nil for reads.
        var key: String?
        /// True for a repeat, whose call kept the key meanwhile.
        var holdsKey: Bool
    }

    /// What ``admit(at:)`` decided.
    struct Admission {
        var numbers: [UInt64]
        /// When to look again although nothing has happened; nil if only an answer can change
        /// anything.
        var wake: Timestamp?
    }

    private static let window = Duration.seconds(60)

    private let requestsPerMinute: Int
    private let inFlightMax: Int
    private var tickets: [Ticket] = []
    /// When the requests of the last 60 seconds left, oldest first.
    private var departures: [Timestamp] = []
    private var inFlight = 0
    private var busyKeys: Set<String> = []
    private var blockedUntil: Timestamp?

    init(requestsPerMinute: Int, inFlightMax: Int) {
        self.requestsPerMinute = max(1, requestsPerMinute)
        self.inFlightMax = max(1, inFlightMax)
    }

    var waitingCount: Int { tickets.count }

    mutating func enqueue(_ ticket: Ticket) {
        let index = tickets.firstIndex { ($0.due, $0.number) > (ticket.due, ticket.number) }
        tickets.insert(ticket, at: index ?? tickets.endIndex)
    }

    /// Takes a ticket back; false if it is not waiting any more.
    mutating func withdraw(_ number: UInt64) -> Bool {
        guard let index = tickets.firstIndex(where: { $0.number == number }) else { return false }
        tickets.remove(at: index)
        return true
    }

    /// Lets nobody leave before an instant.
    mutating func block(until instant: Timestamp) {
        blockedUntil = max(blockedUntil ?? instant, instant)
    }

    /// An answer has come, or will not come.
    mutating func answered() { inFlight -= 1 }

    /// The call that held a key has ended.
    mutating func release(_ key: String) { busyKeys.remove(key) }

    mutating func admit(at now: Timestamp) -> Admission {
        let horizon = now - PaceState.window
        if let firstKept = departures.firstIndex(where: { $0 > horizon }) {
            departures.removeFirst(firstKept)
        } else {
            departures.removeAll()
        }
        if let blocked = blockedUntil, blocked <= now { blockedUntil = nil }
        var admission = Admission(numbers: [], wake: nil)
        var kept: [Ticket] = []
        // A key that an earlier ticket waits for is not given to a later one: writes keep their
        // order.
        var claimedKeys: Set<String> = []
        for ticket in tickets {
            if let key = ticket.key, !ticket.holdsKey {
                let isFree = !busyKeys.contains(key) && claimedKeys.insert(key).inserted
                guard isFree else {
                    kept.append(ticket)
                    continue
                }
            }
            let ready = readyInstant(ticket, now: now)
            if ready > now {
                admission.wake = min(admission.wake ?? ready, ready)
                kept.append(ticket)
            } else if inFlight >= inFlightMax {
                kept.append(ticket)
            } else {
                inFlight += 1
                departures.append(now)
                if let key = ticket.key { busyKeys.insert(key) }
                admission.numbers.append(ticket.number)
            }
        }
        tickets = kept
        return admission
    }

    private func readyInstant(_ ticket: Ticket, now: Timestamp) -> Timestamp {
        var ready = max(now, ticket.notBefore)
        if let blockedUntil { ready = max(ready, blockedUntil) }
        let allowance = max(1, requestsPerMinute * ticket.priority.budgetPercent / 100)
        if departures.count >= allowance {
            ready = max(ready, departures[departures.count - allowance] + PaceState.window)
        }
        return ready
    }
}

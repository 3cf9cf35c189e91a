import EventModel

/// When calls to an integration are held back.
public struct CircuitSettings: Sendable, Hashable {
    /// After how many failures in a row; 0 never holds back.
    public var failuresMax: Int
    /// How long the first time.
    public var coolDown: Duration
    /// How long at the most; each time in a row is twice as long as the one before.
    public var coolDownMax: Duration

    public init(
        failuresMax: Int = 5,
        coolDown: Duration = .seconds(30),
        coolDownMax: Duration = .seconds(120)
    ) {
        self.failuresMax = failuresMax
        self.coolDown = coolDown
        self.coolDownMax = coolDownMax
    }
}

/// The circuit breaker of one integration: a value that is told what calls came to.
///
/// Closed, calls pass. After enough outages in a row it opens: calls wait. When the cool-down is over
/// one call may try (half open): if it reaches the other side the circuit closes, else it opens again
/// for longer. An answer that refuses the call, such as a wrong input, is an answer.
struct Circuit: Sendable, Hashable {
    enum Phase: String, Sendable, Hashable {
        case closed, open
        case halfOpen = "half_open"
    }

    enum Admission: Sendable, Hashable {
        case go
        /// Held back until an instant; nil until the call that tries has ended.
        case wait(until: Timestamp?)
    }

    /// What a change of the phase appends to the log.
    enum Change: Sendable, Hashable {
        case opened(failures: Int, openings: Int, code: String, until: Timestamp)
        case halfOpened
        case closed
    }

    private(set) var phase = Phase.closed
    /// Outages in a row.
    private(set) var failures = 0
    /// How often it has opened since it was last closed.
    private(set) var openings = 0
    /// The code of the last outage.
    private(set) var code = ""
    /// When the cool-down is over.
    private(set) var until: Timestamp?

    /// Whether a failure says that the other side cannot be reached.
    static func isOutage(_ code: String) -> Bool { code == "unavailable" || code == "timeout" }

    /// How many calls may begin now; nil for any number.
    func room(at now: Timestamp) -> Int? {
        switch phase {
        case .closed: nil
        case .open: (until ?? now) <= now ? 1 : 0
        case .halfOpen: 0
        }
    }

    /// Asks whether a call may begin; the one that may, after a cool-down, is the one that tries.
    mutating func admit(at now: Timestamp) -> (admission: Admission, change: Change?) {
        switch phase {
        case .closed: return (.go, nil)
        case .halfOpen: return (.wait(until: nil), nil)
        case .open:
            if let until, until > now { return (.wait(until: until), nil) }
            phase = .halfOpen
            return (.go, .halfOpened)
        }
    }

    /// A call reached the other side.
    mutating func reached() -> Change? {
        failures = 0
        guard phase != .closed else { return nil }
        phase = .closed
        openings = 0
        until = nil
        return .closed
    }

    /// A call did not reach the other side.
    mutating func missed(_ code: String, at now: Timestamp, _ settings: CircuitSettings) -> Change?
    {
        failures += 1
        self.code = code
        let isTry = phase == .halfOpen
        guard
            isTry
                || phase == .closed && settings.failuresMax > 0
                    && failures >= settings.failuresMax
        else { return nil }
        var length = settings.coolDown
        for _ in 0..<openings where length < settings.coolDownMax { length *= 2 }
        openings += 1
        let end = now + min(length, settings.coolDownMax)
        phase = .open
        until = end
        return .opened(failures: failures, openings: openings, code: code, until: end)
    }

    /// The call that tried ended without an answer of any kind: the next one tries.
    mutating func gaveUp(at now: Timestamp) {
        guard phase == .halfOpen else { return }
        phase = .open
        until = now
    }
}

extension Circuit {
    static let category = "integration"

    /// The types of its events, for comparison with the catalogue.
    static let declarations = ["CircuitOpened", "CircuitHalfOpened", "CircuitClosed"].map {
        EventTypeDeclaration(type: $0, category: category)
    }

    static func event(_ change: Change, of integration: String) -> (type: String, data: Value) {
        switch change {
        case .opened(let failures, let openings, let code, let until):
            let data: Value = [
                "integration": .string(integration), "failures": .int(Int64(failures)),
                "openings": .int(Int64(openings)), "code": .string(code),
                "until": .timestamp(until),
            ]
            return ("CircuitOpened", data)
        case .halfOpened: return ("CircuitHalfOpened", ["integration": .string(integration)])
        case .closed: return ("CircuitClosed", ["integration": .string(integration)])
        }
    }

    /// The circuit after its newest event, as a start takes it up; a try that was under way is lost.
    init?(lastEvent type: String, _ data: Value, at instant: Timestamp) {
        switch type {
        case "CircuitClosed": break
        case "CircuitHalfOpened":
            phase = .open
            openings = 1
            until = instant
        case "CircuitOpened":
            guard let until = data["until"]?.timestampValue else { return nil }
            phase = .open
            self.until = until
            openings = Int(data["openings"]?.intValue ?? 1)
            failures = Int(data["failures"]?.intValue ?? 0)
            code = data["code"]?.stringValue ?? ""
        default: return nil
        }
    }
}

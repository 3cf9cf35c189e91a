public import EventModel

/// Where a `for_each` stands.
///
/// It keeps the rounds that run and what was collected, nothing else: a million rounds that are over
/// leave no trace here.
public struct LoopState: Sendable, Hashable {
    /// The items that have no round yet and those that had; null for a number of rounds.
    public var items: [Value]?
    /// How many rounds there will be; nil while a condition decides.
    public var total: Int?
    /// The number of the next round, from 0.
    public var next = 0
    /// By number: the rounds that run.
    public var open: [Int: RoundState] = [:]
    /// By number of the round: what was collected.
    public var collected: [Value] = []
    /// About how many bytes were collected.
    public var collectedBytes = 0
    public var failedCount = 0
    /// The first failures, as `{round, step, code, message}`.
    public var failures: [Value] = []

    /// How many failures are kept, see ``failures``.
    static let failuresMax = 20

    public init(items: [Value]?, total: Int?) {
        self.items = items
        self.total = total
    }

    /// What a round is about.
    func item(_ round: Int) -> Value {
        guard let items else { return .int(Int64(round)) }
        return round < items.count ? items[round] : .null
    }

    /// Puts what a round gave in its place.
    mutating func collect(_ value: Value, round: Int) {
        while collected.count <= round {
            collected.append(.null)
            collectedBytes += 1
        }
        collected[round] = value
        // The null that stood there took one byte.
        collectedBytes += value.canonicalBytes.count - 1
    }

    mutating func note(_ failure: ActionFailure, step: String, round: Int) {
        failedCount += 1
        guard failures.count < LoopState.failuresMax else { return }
        failures.append([
            "round": .int(Int64(round)), "step": .string(step), "code": .string(failure.code),
            "message": .string(failure.message),
        ])
    }
}

/// What is known in one round of a `for_each`.
public struct RoundState: Sendable, Hashable {
    public var item: Value
    /// By name: the outputs of the steps that have completed in this round.
    public var outputs = ValueMap()

    public init(item: Value, outputs: ValueMap = ValueMap()) {
        self.item = item
        self.outputs = outputs
    }
}

/// A round's place in a path: `clients[3]` is round 3 of the loop `clients`.
struct RoundPath {
    var loop: String
    var round: Int

    /// The innermost round that a step stands in; nil if it stands in none.
    init?(around path: String) {
        guard let close = path.utf8.lastIndex(of: UInt8(ascii: "]")),
            let open = path.utf8[..<close].lastIndex(of: UInt8(ascii: "[")),
            let round = Int(path[path.utf8.index(after: open)..<close])
        else { return nil }
        loop = String(path[..<open])
        self.round = round
    }

    init(loop: String, round: Int) {
        self.loop = loop
        self.round = round
    }

    var text: String { "\(loop)[\(round)]" }
}

import EventLog
import EventModel

/// Which event of which operation an event is; its id tells.
struct EventKey: Hashable {
    var operation: Int
    /// One append of several that run at the same time.
    var unit: Int
    var index: Int

    private static let epochMilliseconds = 1_790_000_000_000

    init(operation: Int, unit: Int, index: Int) {
        self.operation = operation
        self.unit = unit
        self.index = index
    }

    init(_ id: EventID) {
        operation = Int(id.unixMilliseconds) - EventKey.epochMilliseconds
        unit = Int(id.high & 0xF00) >> 8
        index = Int(id.high & 0xFF)
    }

    func id(seed: UInt64) -> EventID {
        var random = SeededRandom(seed, 1, UInt64(operation), UInt64(unit << 8 | index))
        return .build(
            unixMilliseconds: Int64(EventKey.epochMilliseconds + operation),
            randA: UInt16(unit << 8 | index),
            randB: random.next()
        )
    }
}

/// The n-th thing that a workload does; the same seed and number give the same.
struct Operation {
    /// What is demanded of the streams that are written to.
    enum Demand {
        case any, exact, none, exists
        /// No event of a type that never comes.
        case unless
        /// Something that does not hold: the append must be refused.
        case wrong
        /// No event of the category after the start, although there are some.
        case wrongUnless

        var isRefused: Bool { self == .wrong || self == .wrongUnless }
    }

    /// One append: streams with how many events go to each.
    struct Unit {
        var writes: [(stream: StreamName, count: Int)]
        var demand: Demand

        var eventCount: Int { writes.reduce(0) { $0 + $1.count } }
    }

    /// How large the events are.
    enum Size { case usual, large, huge, tooLarge }

    let seed: UInt64
    let number: Int
    var units: [Unit] = []
    var size = Size.usual
    /// The operation that is done a second time.
    var repeats: Int?

    init(seed: UInt64, number: Int) {
        self.seed = seed
        self.number = number
        var random = SeededRandom(seed, 2, UInt64(number))
        let stream = Operation.stream(&random)
        switch random.below(100) {
        case 0..<27: units = [Unit(writes: [(stream, 1)], demand: .any)]
        case 27..<30: units = [Unit(writes: [(stream, 1 + random.below(3))], demand: .unless)]
        case 30..<33: units = [Unit(writes: [(stream, 2)], demand: .wrongUnless)]
        case 33..<48: units = [Unit(writes: [(stream, 2 + random.below(11))], demand: .exact)]
        case 48..<60:
            let demand: Demand = random.below(2) == 0 ? .exact : .any
            let writes = (0..<2 + random.below(3)).map { _ in
                (Operation.stream(&random), 1 + random.below(4))
            }
            units = [Unit(writes: writes, demand: demand)]
        case 60..<65:
            let fresh = StreamName(category: "note", "fresh-\(number)")
            units = [Unit(writes: [(fresh, 1 + random.below(3))], demand: .none)]
        case 65..<70: units = [Unit(writes: [(stream, 1)], demand: .exists)]
        case 70..<77: units = [Unit(writes: [(stream, 1 + random.below(3))], demand: .wrong)]
        case 77..<86: repeats = max(number - 1 - random.below(10), 0)
        case 86..<92:
            units = (0..<4).map { unit in
                let own = StreamName(category: "lane", "\(unit)")
                return Unit(writes: [(own, 1 + random.below(3))], demand: .any)
            }
        case 92..<97:
            units = [Unit(writes: [(stream, 1 + random.below(2))], demand: .any)]
            size = .large
        case 97..<99:
            units = [Unit(writes: [(stream, 1)], demand: .exact)]
            size = .huge
        case _:
            units = [Unit(writes: [(stream, 1)], demand: .wrong)]
            size = .tooLarge
        }
    }

    private static func stream(_ random: inout SeededRandom) -> StreamName {
        switch random.below(3) {
        case 0: StreamName(category: "note", "\(random.below(6))")
        case 1: StreamName(category: "instance", "\(random.below(4))")
        case _: StreamName(category: "record", "contacts_profiles/\(random.below(4))")
        }
    }

    /// The stream and the proposal of every event of an append, in order.
    func proposals(_ unit: Int) -> [(stream: StreamName, event: ProposedEvent)] {
        var index = 0
        return units[unit].writes.flatMap { stream, count in
            (0..<count).map { _ in
                defer { index += 1 }
                return (stream, proposal(unit: unit, index: index))
            }
        }
    }

    private func proposal(unit: Int, index: Int) -> ProposedEvent {
        var random = SeededRandom(seed, 3, UInt64(number), UInt64(unit << 8 | index))
        let id = EventKey(operation: number, unit: unit, index: index).id(seed: seed)
        let begins = random.below(3) > 0
        let story = EventKey(operation: number - number % 7, unit: 0, index: 0).id(seed: seed)
        let byteCount =
            switch size {
            case .usual: 10 + random.below(290)
            case .large: 1900 + random.below(3000)
            case .huge: 60_000 + random.below(50_000)
            case .tooLarge: (1 << 20) + 1
            }
        let words = (0..<byteCount / 8 + 1).map { _ in random.next() }
        let bytes = words.withUnsafeBytes { Array($0) }
        return ProposedEvent(
            id: id,
            type: random.among(["NoteTaken", "ContactChanged", "StepDone", "TimerSet"]),
            schema: UInt32(1 + random.below(3)),
            entity: random.among([nil, "the_7_space", "north", "south"]),
            actor: random.among(["user:ana", "user:ben", "system"]),
            correlation: begins ? nil : story,
            causation: begins ? nil : story,
            data: ["number": .int(Int64(number)), "body": .bytes(bytes)],
            metadata: ["source": "faults", "index": .int(Int64(index))]
        )
    }
}

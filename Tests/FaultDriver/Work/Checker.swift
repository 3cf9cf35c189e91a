import EventLog
import EventModel

/// Opens a log in a process of its own, compares it with what was acknowledged, and appends once
/// more.
struct Checker {
    private let seed: UInt64
    private let folder: String
    private let lines: [Substring]
    private let isThorough: Bool
    private let configuration: EventLogConfiguration

    init(_ arguments: Arguments) throws {
        seed = try arguments.seed()
        folder = try arguments.required("folder")
        lines = try arguments.text("acks").map { try Acknowledgements($0).lines } ?? []
        isThorough = !arguments.has("light")
        configuration = try Worker.configuration(arguments)
    }

    init(seed: UInt64, folder: String, lines: [Substring], configuration: EventLogConfiguration) {
        self.seed = seed
        self.folder = folder
        self.lines = lines
        isThorough = true
        self.configuration = configuration
    }

    /// What is wrong; an empty list is what is wanted.
    func run() async throws -> [String] {
        let log = try EventLog.open(at: folder, configuration: configuration)
        var oracle = Oracle(seed: seed)
        var problems = try await oracle.compare(log, lines, isThorough: isThorough)
        if problems.isEmpty, isThorough {
            try await oracle.checkIDs(log)
            problems = oracle.problems
        }
        let head = log.head
        let result = try await log.append([Checker.last(seed, after: head)])
        if result.isRepeat || result.lastPosition != head.advanced(by: 1) {
            problems.append("one more append came to \(result.lastPosition) after \(head)")
        }
        await log.close()
        let reader = try EventLog.open(at: folder, configuration: Checker.reading(configuration))
        if reader.head != head.advanced(by: 1) {
            problems.append("after closing, the head is \(reader.head), not one more than \(head)")
        }
        await reader.close()
        return problems
    }

    static func reading(_ configuration: EventLogConfiguration) -> EventLogConfiguration {
        var configuration = configuration
        configuration.mode = .readOnly
        return configuration
    }

    /// An operation of one event that no workload does, far behind those that it does.
    static func last(_ seed: UInt64, after head: Position) -> StreamWrite {
        var number = 1_000_000_000 + Int(head.value) * 1000
        while true {
            let operation = Operation(seed: seed, number: number)
            if let unit = operation.units.first, operation.units.count == 1,
                unit.demand == .any, unit.eventCount == 1, operation.size == .usual
            {
                let (stream, event) = operation.proposals(0)[0]
                return StreamWrite(stream: stream, expected: .any, events: [event])
            }
            number += 1
        }
    }
}

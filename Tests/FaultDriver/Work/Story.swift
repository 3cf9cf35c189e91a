import EventLog
import EventModel
import Glibc

/// A fault that is a short story in one process of its own: what it finds wrong, it says.
struct Story {
    struct Wrong: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    static let all: [(name: String, run: @Sendable (Story) async throws -> Void)] = [
        ("full-disk", { try await $0.fullDisk() }),
        ("file-size", { try await $0.fileSize() }),
        ("address-space", { try await $0.addressSpace() }),
        ("tiny-map", { try await $0.tinyMap() }),
        ("descriptors", { try await $0.descriptors() }),
        ("clock", { try await $0.clock() }),
        ("scan", { try await $0.scan() }),
        ("second-writer", { try await $0.secondWriter() }),
    ]

    let seed: UInt64
    let folder: String
    private let acknowledgements: Acknowledgements
    private let configuration: EventLogConfiguration

    init(_ arguments: Arguments) throws {
        seed = try arguments.seed()
        folder = try arguments.required("folder")
        acknowledgements = try Acknowledgements(arguments.required("acks"))
        configuration = try Worker.configuration(arguments)
    }

    func run(_ name: String) async throws {
        guard let story = Story.all.first(where: { $0.name == name }) else {
            throw Arguments.Mistake(description: "there is no story '\(name)'")
        }
        try await story.run(self)
        acknowledgements.write("D")
    }

    // MARK: Parts of stories

    /// Appends operations one after the other until one fails, or until so many are done.
    ///
    /// - Returns: the number of the operation that failed, with the error.
    func fill(
        _ log: EventLog,
        from first: Int,
        count: Int = 1_000_000
    ) async -> (number: Int, error: EventLogError?) {
        for number in first..<first + count {
            let operation = Operation(seed: seed, number: number)
            guard let unit = operation.units.first, operation.units.count == 1,
                !unit.demand.isRefused, operation.size != .tooLarge
            else { continue }
            do throws(EventLogError) {
                try await append(operation, log)
            } catch {
                return (number, error)
            }
        }
        return (first + count, nil)
    }

    func append(_ operation: Operation, _ log: EventLog) async throws(EventLogError) {
        var events = operation.proposals(0).map(\.event)[...]
        var writes: [StreamWrite] = []
        for (stream, count) in operation.units[0].writes {
            let some = Array(events.prefix(count))
            writes.append(StreamWrite(stream: stream, expected: .any, events: some))
            events = events.dropFirst(count)
        }
        let result = try await log.append(writes)
        let places = result.places.map { "\($0.position):\($0.revision)" }.joined(separator: ",")
        acknowledgements.write("A \(operation.number) 0 \(places)")
    }

    /// Repeats an operation until it goes through, and then some more.
    func resume(_ log: EventLog, at number: Int) async throws {
        let deadline = Child.now + 15
        while true {
            do throws(EventLogError) {
                try await append(Operation(seed: seed, number: number), log)
                break
            } catch {
                guard Child.now < deadline else {
                    throw Wrong("writing does not go on: \(error.message)")
                }
                usleep(10_000)
            }
        }
        let (_, error) = await fill(log, from: number + 1, count: 30)
        if let error { throw Wrong("writing stops again: \(error.message)") }
        var oracle = Oracle(seed: seed)
        let problems = try await oracle.compare(log, acknowledgements.lines)
        if let problem = problems.first { throw Wrong(problem) }
    }

    func demand(_ holds: Bool, _ message: @autoclosure () -> String) throws {
        if !holds { throw Wrong(message()) }
    }

    // MARK: Stories

    /// The disk is full, and reads go on; then there is room, and writes go on.
    private func fullDisk() async throws {
        let log = try EventLog.open(at: folder, configuration: configuration)
        let (number, error) = await fill(log, from: 0)
        try demand(error?.code == .diskFull, "a full disk gave: \(error?.message ?? "nothing")")
        acknowledgements.write("F append \(error?.message ?? "")")
        let last = try log.read(from: nil, direction: .backward, limit: 3, filter: .all)
        try demand(last.first?.position == log.head, "reads do not go on")
        acknowledgements.write("P full")
        let deadline = Child.now + 20
        while !acknowledgements.lines.contains("P room"), Child.now < deadline { usleep(1000) }
        try await resume(log, at: number)
        await log.close()
    }

    /// A limit on the size of files, which kills who does not ignore its signal.
    private func fileSize() async throws {
        let log = try EventLog.open(at: folder, configuration: configuration)
        let (next, before) = await fill(log, from: 0, count: 20)
        try demand(before == nil, before?.message ?? "")
        let limit = try Limit(RLIMIT_FSIZE, 700_000)
        let (number, error) = await fill(log, from: next)
        try demand(error?.code == .diskFull, "the limit gave: \(error?.message ?? "nothing")")
        acknowledgements.write("F append \(error?.message ?? "")")
        limit.lift()
        try await resume(log, at: number)
        await log.close()
    }

    /// Less address space than the map wants, and later less than it needs.
    private func addressSpace() async throws {
        let limit = try Limit(RLIMIT_AS, 8 << 30)
        var large = configuration
        large.mapBytes = 64 << 30
        let log = try EventLog.open(at: folder, configuration: large)
        let (_, error) = await fill(log, from: 0, count: 60)
        try demand(error == nil, error?.message ?? "")
        await log.close()
        limit.lift()
    }

    /// A map that must grow many times while others read.
    private func tinyMap() async throws {
        var tiny = configuration
        tiny.mapBytes = 1 << 20
        let log = try EventLog.open(at: folder, configuration: tiny)
        let reader = Task {
            var last: UInt64 = 0
            for try await batch in log.subscribe(after: .start, filter: .all) {
                for event in batch.events {
                    guard event.position.value == last + 1 else { return false }
                    last = event.position.value
                }
            }
            return true
        }
        let (_, error) = await fill(log, from: 0, count: 900)
        try demand(error == nil, error?.message ?? "")
        await log.close()
        try demand(try await reader.value, "a subscription had a gap")
        let again = try EventLog.open(at: folder, configuration: tiny)
        var oracle = Oracle(seed: seed)
        let problems = try await oracle.compare(again, acknowledgements.lines)
        await again.close()
        try demand(problems.isEmpty, problems.first ?? "")
    }

    /// No file can be opened any more; then some can.
    private func descriptors() async throws {
        let log = try EventLog.open(at: folder, configuration: configuration)
        let (next, before) = await fill(log, from: 0, count: 20)
        try demand(before == nil, before?.message ?? "")
        let limit = try Limit(RLIMIT_NOFILE, 3)
        let refused = await failure { _ = try EventLog.open(at: folder + "-other") }
        try demand(refused != nil, "a log was opened without descriptors")
        acknowledgements.write("F open \(refused?.message ?? "")")
        let (number, error) = await fill(log, from: next, count: 100)
        if let error { acknowledgements.write("F append \(error.message)") }
        limit.lift()
        try await resume(log, at: number)
        await log.close()
    }

    /// The clock goes back an hour in the middle, and jumps far ahead and back.
    private func clock() async throws {
        var moved = configuration
        let steps: [Int64] = [0, 5, -3600, -3599, 100_000_000, 3, -100_000]
        let clock = SteppedClock(steps)
        moved.now = { clock.next() }
        let log = try EventLog.open(at: folder, configuration: moved)
        let (_, error) = await fill(log, from: 0, count: 120)
        try demand(error == nil, error?.message ?? "")
        let events = try Oracle.allEvents(log)
        let times = events.map(\.recordedAt)
        try demand(zip(times, times.dropFirst()).allSatisfy { $0 <= $1 }, "a time goes back")
        await log.close()
    }

    private func failure(_ body: () throws -> Void) async -> EventLogError? {
        do {
            try body()
            return nil
        } catch {
            return error as? EventLogError
        }
    }

    /// Reads slowly and for ever, as a process that will be stopped in the middle.
    private func scan() async throws {
        let log = try EventLog.open(at: folder, configuration: Checker.reading(configuration))
        acknowledgements.write("P reading")
        while true {
            let events = try Oracle.allEvents(log)
            try demand(!events.isEmpty, "there is nothing to read")
        }
    }

    /// Somebody else writes here: this one is told so, and may read.
    private func secondWriter() async throws {
        let refused = await failure { _ = try EventLog.open(at: folder) }
        try demand(refused?.code == .locked, "a second writer: \(refused?.message ?? "opened")")
        acknowledgements.write("F open \(refused?.message ?? "")")
        let log = try EventLog.open(at: folder, configuration: Checker.reading(configuration))
        let events = try Oracle.allEvents(log)
        try demand(!events.isEmpty, "nothing can be read beside the writer")
        await log.close()
    }
}

/// A clock that goes by given steps, again and again.
private final class SteppedClock: Sendable {
    private let steps: [Int64]
    private let count = Counter()

    init(_ steps: [Int64]) { self.steps = steps }

    func next() -> Timestamp {
        let step = steps[count.next() % steps.count]
        return Timestamp(seconds: 1_800_000_000 + step)
    }
}

/// A limit on what this process may use, until it is lifted.
private struct Limit {
    private let resource: __rlimit_resource_t
    private let before: rlimit

    init(_ resource: __rlimit_resource, _ value: UInt) throws {
        self.resource = __rlimit_resource_t(resource.rawValue)
        var limit = rlimit()
        guard getrlimit(self.resource, &limit) == 0 else { throw SystemFailure("getrlimit") }
        before = limit
        limit.rlim_cur = min(value, limit.rlim_max)
        guard setrlimit(self.resource, &limit) == 0 else { throw SystemFailure("setrlimit") }
    }

    func lift() {
        var limit = before
        setrlimit(resource, &limit)
    }
}

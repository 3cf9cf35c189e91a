import EventLog
import EventModel
import FaultShim
import Glibc

/// Does operations in a log, acknowledges what was answered, and goes on after faults.
///
/// Lines that it writes: `A` an append was answered, with its places; `R` an event was read, with
/// its digest; `F` a call failed with an error of the log; `X` something is wrong; `M` how many
/// calls the fault was waiting for, and how many it struck; `D` the end.
final class Worker {
    /// How often something may fail while a lasting fault is there; then the fault ends.
    private static let failuresMax = 3
    /// How long it may take until writing goes on after the end of a fault, in seconds.
    private static let patienceSeconds = 20.0

    private let seed: UInt64
    private let folder: String
    private let acknowledgements: Acknowledgements
    private let operationCount: Int
    /// Leaves out events of more than half a page.
    private let isSmall: Bool
    /// After how many operations it pauses; 0 for never.
    private let breath: Int
    private let configuration: EventLogConfiguration
    private var counts: [StreamName: UInt64] = [:]
    private var hasFault = false
    private var failures = 0
    private var failedSince = 0.0

    init(_ arguments: Arguments) throws {
        seed = try arguments.seed()
        folder = try arguments.required("folder")
        let isRecording = arguments.has("record")
        acknowledgements = try Acknowledgements(arguments.required("acks")) { line in
            if isRecording { fault_note(line, UInt64(line.count)) }
        }
        operationCount = try arguments.number("operations", 40)
        isSmall = arguments.has("small")
        breath = try arguments.number("breath", 0)
        configuration = try Worker.configuration(arguments)
        fault_watch(folder)
        if let path = arguments.text("record") {
            fault_record(open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600))
        }
        if let fault = arguments.text("fault") {
            hasFault = true
            try Fault(fault).arm()
        }
    }

    /// Small limits, so that a small workload reaches them.
    static func configuration(_ arguments: Arguments) throws -> EventLogConfiguration {
        var configuration = EventLogConfiguration()
        configuration.mapBytes = try arguments.number("map", 1 << 30)
        configuration.indexBatchEventsMax = try arguments.number("batch", 24)
        configuration.journalBytes = try arguments.number("journal", 64 << 10)
        return configuration
    }

    func run() async throws {
        let log = try await openLog()
        let first = try startingPoint(log)
        for number in first..<first + operationCount {
            var operation = Operation(seed: seed, number: number)
            while let earlier = operation.repeats {
                operation = Operation(seed: seed, number: earlier)
            }
            if isSmall, operation.size != .usual { continue }
            await perform(operation, log)
            // What works behind the appends waits a little for more; let it come to its work.
            if breath > 0, number % breath == 0 { usleep(25_000) }
        }
        await log.close()
        acknowledgements.write("M \(fault_matched()) \(fault_struck())")
        acknowledgements.write("D")
    }

    private func report(_ message: String) { acknowledgements.write("X \(message)") }

    // MARK: Opening

    private func openLog() async throws -> EventLog {
        while true {
            do throws(EventLogError) {
                return try EventLog.open(at: folder, configuration: configuration)
            } catch {
                try await bear(error, "open")
            }
        }
    }

    /// Takes a failure as it must be taken; throws if there was no fault that explains it.
    private func bear(_ error: EventLogError, _ what: String) async throws {
        acknowledgements.write("F \(what) \(error.code.rawValue) \(error.message)")
        guard hasFault, fault_struck() > 0 else {
            report("\(what) failed although nothing was wrong: \(error.message)")
            throw error
        }
        failures += 1
        if failures == 1 { failedSince = Child.now }
        // The next failures are still the fault's, then it is over.
        if failures >= Worker.failuresMax { fault_disarm() }
        if Child.now - failedSince > Worker.patienceSeconds {
            report("\(what) goes on failing after the fault has ended: \(error.message)")
            throw error
        }
        usleep(failures < 10 ? 200 : 20_000)
    }

    private func startingPoint(_ log: EventLog) throws -> Int {
        var last = -1
        var next: Position? = 1
        while let position = next {
            let events = try log.read(from: position, direction: .forward, limit: 500, filter: .all)
            for event in events {
                counts[event.stream] = event.revision + 1
                last = max(last, EventKey(event.id).operation)
            }
            next = events.last.map { $0.position.advanced(by: 1) }
        }
        return last + 1
    }

    // MARK: Operations

    private func perform(_ operation: Operation, _ log: EventLog) async {
        let units = operation.units.indices
        let writes = units.map { self.writes(operation, $0) }
        if units.count > 1 {
            await performTogether(operation, writes, log)
            return
        }
        guard let unit = units.first else { return }
        do {
            try await append(operation, unit, writes[unit], log)
        } catch {
            report("operation \(operation.number): \(error)")
        }
    }

    /// Several appends at the same time, so that they share a commit; those that fail are repeated
    /// alone.
    private func performTogether(
        _ operation: Operation,
        _ writes: [[StreamWrite]],
        _ log: EventLog
    ) async {
        let results = await withTaskGroup(
            of: (Int, Result<AppendResult, EventLogError>).self
        ) { group in
            for (unit, writes) in writes.enumerated() {
                group.addTask {
                    do throws(EventLogError) {
                        return (unit, .success(try await log.append(writes)))
                    } catch {
                        return (unit, .failure(error))
                    }
                }
            }
            var results: [(Int, Result<AppendResult, EventLogError>)] = []
            for await result in group { results.append(result) }
            return results
        }
        for (unit, result) in results {
            do {
                switch result {
                case .success(let result): try accept(result, operation, unit, log)
                case .failure(let error):
                    try await bear(error, "append")
                    try await append(operation, unit, writes[unit], log)
                }
            } catch {
                report("operation \(operation.number): \(error)")
            }
        }
    }

    private func append(
        _ operation: Operation,
        _ unit: Int,
        _ writes: [StreamWrite],
        _ log: EventLog
    ) async throws {
        let isRefused = operation.units[unit].demand.isRefused
        let condition = condition(operation, unit)
        while true {
            do throws(EventLogError) {
                let result = try await log.append(writes, unless: condition)
                if isRefused {
                    report("operation \(operation.number) was taken, but had to be refused")
                }
                try accept(result, operation, unit, log)
                return
            } catch {
                if isRefused, error.code == refusal(operation, unit, condition) { return }
                try await bear(error, "append")
                if isRefused { return }
            }
        }
    }

    private func refusal(
        _ operation: Operation,
        _ unit: Int,
        _ condition: AppendCondition?
    ) -> EventLogError.Code {
        guard operation.size != .tooLarge else { return .tooLarge }
        return condition == nil ? .wrongExpectedRevision : .conditionFailed
    }

    private func condition(_ operation: Operation, _ unit: Int) -> AppendCondition? {
        guard let stream = operation.units[unit].writes.first?.stream else { return nil }
        switch operation.units[unit].demand {
        case .any, .exact, .none, .exists, .wrong: return nil
        case .unless:
            return AppendCondition(filter: EventFilter(types: ["NeverHappened"]), after: .start)
        case .wrongUnless:
            guard counts[stream, default: 0] > 0 else { return nil }
            let filter = EventFilter(categories: [stream.category])
            return AppendCondition(filter: filter, after: .start)
        }
    }

    private func writes(_ operation: Operation, _ unit: Int) -> [StreamWrite] {
        var events = operation.proposals(unit).map(\.event)[...]
        return operation.units[unit].writes.map { stream, count in
            defer { events = events.dropFirst(count) }
            let before = counts[stream] ?? 0
            let expected: ExpectedRevision =
                switch operation.units[unit].demand {
                case .any, .unless: .any
                case .exact: before == 0 ? .none : .exact(before - 1)
                case .none: .none
                case .exists: before == 0 ? .any : .exists
                case .wrong: operation.size == .tooLarge ? .any : .exact(before + 7)
                case .wrongUnless: before == 0 ? .exact(before + 7) : .any
                }
            let some = Array(events.prefix(count))
            return StreamWrite(stream: stream, expected: expected, events: some)
        }
    }

    /// Notes what was answered, and reads some of it back.
    private func accept(
        _ result: AppendResult,
        _ operation: Operation,
        _ unit: Int,
        _ log: EventLog
    ) throws(EventLogError) {
        let places = result.places.map { "\($0.position):\($0.revision)" }.joined(separator: ",")
        acknowledgements.write("A \(operation.number) \(unit) \(places)")
        let proposals = operation.proposals(unit)
        guard proposals.count == result.places.count else {
            report("\(result.places.count) places for \(proposals.count) events")
            return
        }
        for (proposal, place) in zip(proposals, result.places) {
            counts[proposal.stream] = max(counts[proposal.stream] ?? 0, place.revision + 1)
        }
        let chosen = operation.number % proposals.count
        let place = result.places[chosen]
        let stream = proposals[chosen].stream
        guard log.head >= place.position else {
            report("the head is \(log.head), but \(place.position) was answered")
            return
        }
        let found: [Event]
        do throws(EventLogError) {
            found = try log.readStream(stream, from: place.revision, direction: .forward, limit: 1)
        } catch {
            // While a fault lasts a read may fail, but not give something else.
            guard hasFault, fault_struck() > 0 else { throw error }
            return
        }
        guard let event = found.first, event.position == place.position,
            event.id == proposals[chosen].event.id
        else {
            report("event \(place.position) is not in \(stream) at \(place.revision)")
            return
        }
        acknowledgements.write("R \(event.position) \(Oracle.digest(event))")
    }
}

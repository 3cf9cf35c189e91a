import EventLog
import EventModel

/// What a log must hold, from the seed of its workload and what was acknowledged; finds what is
/// otherwise.
struct Oracle {
    static let problemsMax = 8

    let seed: UInt64
    private(set) var problems: [String] = []
    private var events: [Event] = []

    init(seed: UInt64) { self.seed = seed }

    /// The beginning of the SHA-256 of an event's stored form.
    static func digest(_ event: Event) -> String {
        guard let bytes = try? EventRecord.encode(event) else { return "none" }
        return String(Digest.sha256(bytes).hexadecimal.prefix(16))
    }

    private mutating func note(_ message: String) {
        if problems.count < Oracle.problemsMax { problems.append(message) }
    }

    /// Compares everything; an empty list is what is wanted.
    mutating func compare(
        _ log: EventLog,
        _ lines: [Substring],
        isThorough: Bool = true
    ) async throws -> [String] {
        events = try Oracle.allEvents(log)
        checkPlaces(log)
        checkEvents()
        checkAcknowledgements(lines)
        if isThorough {
            try checkStreams(log)
            try checkFilters(log)
            let report = try await log.verify()
            if !report.isGood { note("verify: \(report.problems.first?.description ?? "")") }
        }
        return problems
    }

    static func allEvents(_ log: EventLog) throws(EventLogError) -> [Event] {
        var events: [Event] = []
        while true {
            let next = Position(UInt64(events.count) + 1)
            let some = try log.read(from: next, direction: .forward, limit: 1000, filter: .all)
            guard !some.isEmpty else { return events }
            events += some
        }
    }

    // MARK: The events themselves

    private mutating func checkPlaces(_ log: EventLog) {
        if log.head.value != UInt64(events.count) {
            note("the head is \(log.head), but \(events.count) events were read")
        }
        var counts: [StreamName: UInt64] = [:]
        var last = Timestamp(microseconds: 0)
        for (index, event) in events.enumerated() {
            if event.position.value != UInt64(index + 1) {
                note("event \(event.position) is the \(index + 1). that was read")
            }
            if event.revision != counts[event.stream] ?? 0 {
                note("event \(event.position) has revision \(event.revision) in \(event.stream)")
            }
            counts[event.stream] = event.revision + 1
            if event.recordedAt < last { note("event \(event.position) is older than the last") }
            last = event.recordedAt
        }
    }

    /// Every event is one that was proposed, and every append is there whole, in one piece.
    private mutating func checkEvents() {
        var index = 0
        var seen: Set<EventKey> = []
        while index < events.count {
            let key = EventKey(events[index].id)
            guard key.index == 0, key.operation >= 0 else {
                note("event \(index + 1) is not the first of its append: half an append")
                return
            }
            if !seen.insert(key).inserted { note("operation \(key.operation) is there twice") }
            let operation = Operation(seed: seed, number: key.operation)
            guard key.unit < operation.units.count,
                !operation.units[key.unit].demand.isRefused
            else {
                note("event \(index + 1) had to be refused, or was never proposed")
                return
            }
            for (stream, proposed) in operation.proposals(key.unit) {
                guard index < events.count else {
                    note("the last append is there by half")
                    return
                }
                let event = events[index]
                let isSame =
                    event.id == proposed.id && event.stream == stream && event.type == proposed.type
                    && event.schema == proposed.schema && event.entity == proposed.entity
                    && event.actor == proposed.actor && event.causation == proposed.causation
                    && event.correlation == proposed.correlation ?? proposed.id
                    && event.data == proposed.data && event.metadata == proposed.metadata
                if !isSame { note("event \(index + 1) is not what was proposed") }
                index += 1
            }
        }
    }

    /// The last position that was acknowledged; 0 if none was.
    static func acknowledgedCount(_ lines: [Substring]) -> Int {
        let answers = lines.filter { $0.hasPrefix("A ") }
        let places = answers.compactMap { $0.split(separator: " ").last }
        let positions = places.flatMap { $0.split(separator: ",") }.compactMap { place in
            place.split(separator: ":").first.flatMap { Int($0) }
        }
        return positions.max() ?? 0
    }

    private mutating func checkAcknowledgements(_ lines: [Substring]) {
        for line in lines {
            let words = line.split(separator: " ")
            switch words.first {
            case "A" where words.count == 4:
                guard let number = Int(words[1]), let unit = Int(words[2]) else { continue }
                for (index, place) in words[3].split(separator: ",").enumerated() {
                    let numbers = place.split(separator: ":").compactMap { UInt64($0) }
                    let key = EventKey(operation: number, unit: unit, index: index)
                    checkPlace(numbers, key)
                }
            case "R" where words.count == 3:
                guard let position = Int(words[1]) else { continue }
                guard position <= events.count else {
                    note("event \(position) was read, and is lost")
                    continue
                }
                if Oracle.digest(events[position - 1]) != words[2] {
                    note("event \(position) is not the one that was read before")
                }
            case "X": note(String(line.dropFirst(2)))
            case _: continue
            }
        }
    }

    private mutating func checkPlace(_ numbers: [UInt64], _ key: EventKey) {
        guard numbers.count == 2 else { return }
        guard numbers[0] <= UInt64(events.count) else {
            note("event \(numbers[0]) was acknowledged, and is lost")
            return
        }
        let event = events[Int(numbers[0]) - 1]
        if event.id != key.id(seed: seed) || event.revision != numbers[1] {
            note("event \(numbers[0]) is not the one that was acknowledged there")
        }
    }

    // MARK: The index

    private mutating func checkStreams(_ log: EventLog) throws(EventLogError) {
        var byStream: [StreamName: [Event]] = [:]
        for event in events { byStream[event.stream, default: []].append(event) }
        for (stream, expected) in byStream {
            let found = try log.readStream(stream, from: nil, direction: .forward, limit: .max)
            if found != expected { note("stream \(stream) is not what a scan gives") }
            let last = try log.readStream(stream, from: nil, direction: .backward, limit: 3)
            if last != Array(expected.reversed().prefix(3)) { note("stream \(stream) backward") }
            if try log.eventCount(of: stream) != UInt64(expected.count) {
                note("the count of stream \(stream) is wrong")
            }
        }
        let nobody = StreamName(category: "note", "nobody")
        if try log.eventCount(of: nobody) != 0 { note("a stream that never was has events") }
    }

    private mutating func checkFilters(_ log: EventLog) throws(EventLogError) {
        for (name, filter) in Oracle.filters(events) {
            let expected = events.filter { filter.matches($0) }
            let forward = try log.read(from: nil, direction: .forward, limit: .max, filter: filter)
            if forward != expected { note("the query by \(name) is not what a scan gives") }
            let backward = try log.read(from: nil, direction: .backward, limit: 5, filter: filter)
            if backward != Array(expected.reversed().prefix(5)) { note("\(name), backward") }
        }
    }

    /// Questions that an index may answer.
    static func filters(_ events: [Event]) -> [(String, EventFilter)] {
        var filters: [(String, EventFilter)] = [
            ("type", EventFilter(types: ["StepDone"])),
            ("types", EventFilter(types: ["NoteTaken", "TimerSet"])),
            ("entity", EventFilter(entities: ["north"])),
            ("category", EventFilter(categories: ["record"])),
            ("category and type", EventFilter(categories: ["note"], types: ["NoteTaken"])),
            ("an unknown type", EventFilter(types: ["NeverHappened"])),
        ]
        for index in [0, events.count / 2, events.count - 1] where events.indices.contains(index) {
            let correlation = events[index].correlation
            filters.append(("correlation", EventFilter(correlation: correlation)))
        }
        return filters
    }

    /// Appends what is there again: the ids must be known, with the same places.
    mutating func checkIDs(_ log: EventLog) async throws(EventLogError) {
        var index = 0
        while index < events.count {
            let key = EventKey(events[index].id)
            let operation = Operation(seed: seed, number: key.operation)
            guard key.unit < operation.units.count else { return }
            var proposals = operation.proposals(key.unit).map(\.event)[...]
            var writes: [StreamWrite] = []
            for (stream, count) in operation.units[key.unit].writes {
                let some = Array(proposals.prefix(count))
                writes.append(StreamWrite(stream: stream, expected: .any, events: some))
                proposals = proposals.dropFirst(count)
            }
            let count = operation.units[key.unit].eventCount
            let result = try await log.append(writes)
            let expected = events[index..<min(index + count, events.count)].map {
                AppendResult.Place(position: $0.position, revision: $0.revision)
            }
            if !result.isRepeat || result.places != expected {
                note("operation \(key.operation) was appended again as if it were new")
            }
            index += count
        }
    }
}

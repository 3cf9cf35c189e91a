import EventLog
import EventModel

/// Opens a spoilt store and asks for everything: each answer must be right, or an error that names
/// the place.
struct Inspector {
    enum Verdict: Equatable {
        /// Everything was as if nothing were wrong.
        case harmless
        /// An error said what is wrong.
        case detected
        case wrong(String)
    }

    let folder: String
    /// What the store held before it was spoilt.
    let events: [Event]
    /// How many of them a reader saw.
    let visibleCount: Int
    /// How many of them were acknowledged to whoever appended them; no damage may take one of these
    /// in silence.
    let acknowledgedCount: Int
    let configuration: EventLogConfiguration
    /// An append that the store does not hold.
    let more: [StreamWrite]
    private var verdict = Verdict.harmless

    init(
        folder: String,
        events: [Event],
        visibleCount: Int,
        acknowledgedCount: Int,
        configuration: EventLogConfiguration,
        more: [StreamWrite]
    ) {
        self.folder = folder
        self.events = events
        self.visibleCount = visibleCount
        self.acknowledgedCount = acknowledgedCount
        self.configuration = configuration
        self.more = more
    }

    /// Looks without changing anything.
    ///
    /// - Parameter mayLag: whether the last commit may be unknown to a reader, because what tells
    ///   readers of it is what was spoilt.
    mutating func readOnly(mayLag: Bool) async -> Verdict {
        verdict = .harmless
        do throws(EventLogError) {
            let log = try EventLog.open(
                at: folder,
                configuration: Checker.reading(configuration)
            )
            let isBehind = mayLag && log.head.value == UInt64(lastAppendStart)
            let count = isBehind ? lastAppendStart : visibleCount
            read(log, expected: Array(events.prefix(count)))
            await log.close()
        } catch {
            take(error)
        }
        return verdict
    }

    /// Looks as one who may also write, and writes.
    mutating func readWrite() async -> Verdict {
        verdict = .harmless
        do throws(EventLogError) {
            let log = try EventLog.open(at: folder, configuration: configuration)
            // The last append may have been durable without being acknowledged.
            let head = Int(clamping: log.head.value)
            if head < acknowledgedCount {
                wrong("the head is \(head), but \(acknowledgedCount) were acknowledged")
            }
            if head < events.count, EventKey(events[head].id).index != 0 {
                wrong("the head is \(head), in the middle of an append")
            }
            let held = Array(events.prefix(head))
            read(log, expected: held)
            await append(log, to: held)
            await log.close()
            let again = try EventLog.open(
                at: folder,
                configuration: Checker.reading(configuration)
            )
            try compareScan(again, atMostOneMoreThan: held)
            await again.close()
        } catch {
            take(error)
        }
        return verdict
    }

    /// How many events come before the last append that readers saw.
    private var lastAppendStart: Int {
        events.prefix(visibleCount).lastIndex { EventKey($0.id).index == 0 } ?? 0
    }

    private mutating func append(_ log: EventLog, to held: [Event]) async {
        do throws(EventLogError) {
            let result = try await log.append(more)
            let place = UInt64(held.count + 1)
            if result.isRepeat || result.lastPosition.value != place {
                wrong("one more event came to \(result.lastPosition), not to \(place)")
            }
            try compareScan(log, atMostOneMoreThan: held)
            let report = try await log.verify()
            if !report.isGood, verdict == .harmless { verdict = .detected }
        } catch {
            take(error)
        }
    }

    private mutating func read(_ log: EventLog, expected: [Event]) {
        if log.head.value != UInt64(expected.count) {
            wrong("the head is \(log.head), not \(expected.count)")
        }
        attempt { inspector throws(EventLogError) in
            try inspector.compareScan(log, expected: expected)
        }
        for stream in Set(expected.map(\.stream)) {
            let wanted = expected.filter { $0.stream == stream }
            attempt { inspector throws(EventLogError) in
                let found = try log.readStream(
                    stream,
                    from: nil,
                    direction: .forward,
                    limit: .max
                )
                if found != wanted { inspector.wrong("stream \(stream) is not what it was") }
            }
        }
        for (name, filter) in Oracle.filters(expected) {
            attempt { inspector throws(EventLogError) in
                let found = try log.read(
                    from: nil,
                    direction: .backward,
                    limit: .max,
                    filter: filter
                )
                let wanted = expected.reversed().filter { filter.matches($0) }
                if found != wanted { inspector.wrong("the query by \(name) is not what it was") }
            }
        }
    }

    private mutating func compareScan(
        _ log: EventLog,
        expected: [Event]
    ) throws(EventLogError) {
        let found = try Oracle.allEvents(log)
        if found != expected { wrong("a scan gives \(found.count) events, or others") }
    }

    private mutating func compareScan(
        _ log: EventLog,
        atMostOneMoreThan held: [Event]
    ) throws(EventLogError) {
        let found = try Oracle.allEvents(log)
        guard Array(found.prefix(held.count)) == held, found.count <= held.count + 1 else {
            wrong("after one more append a scan gives \(found.count) events, or others")
            return
        }
    }

    private mutating func attempt(
        _ body: (inout Inspector) throws(EventLogError) -> Void
    ) {
        do throws(EventLogError) {
            try body(&self)
        } catch {
            take(error)
        }
    }

    private mutating func wrong(_ message: String) {
        if case .wrong = verdict { return }
        verdict = .wrong(message)
    }

    private mutating func take(_ error: EventLogError) {
        if case .wrong = verdict { return }
        guard error.message.contains(folder) else {
            verdict = .wrong("this error names no file: \(error.message)")
            return
        }
        switch error.code {
        case .corrupt, .newerFormat, .missing, .inputOutput: verdict = .detected
        case _: verdict = .wrong("this is no error for a damaged file: \(error.message)")
        }
    }
}

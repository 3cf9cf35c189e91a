public import EventModel

/// What a walk over the records of a log has found.
public struct ScrubReport: Sendable, Hashable {
    /// Something that is not what was written.
    public struct Problem: Sendable, Hashable {
        /// The event; ``Position/start`` if it is about no single one.
        public var position: Position
        /// The file it lies in.
        public var file: String
        /// What is wrong, and what to do.
        public var message: String
    }

    /// How many problems are listed at the most.
    public static let problemsMax = 20

    /// The first event that was read.
    public var from: Position
    /// The last event that was read.
    public var to: Position
    /// How many events were read.
    public var eventCount: UInt64
    /// How many bytes their records have.
    public var byteCount: UInt64
    /// How many problems there are, listed or not.
    public var problemCount: UInt64
    /// The first problems.
    public var problems: [Problem]
    /// When it began.
    public var beganAt: Timestamp
    /// When it ended.
    public var endedAt: Timestamp

    /// True if everything is what was written.
    public var isGood: Bool { problemCount == 0 }

    init(from: Position, beganAt: Timestamp) {
        self.from = from
        to = Position(from.value - 1)
        eventCount = 0
        byteCount = 0
        problemCount = 0
        problems = []
        self.beganAt = beganAt
        endedAt = beganAt
    }

    mutating func note(_ message: String, at position: UInt64, file: String) {
        problemCount += 1
        guard problems.count < ScrubReport.problemsMax else { return }
        problems.append(Problem(position: Position(position), file: file, message: message))
    }
}

/// The events about scrubs.
public enum ScrubEvents {
    static let scrubbedType = "LogScrubbed"
    /// The stream that holds the results.
    public static let stream = StreamName(category: "log", "scrub")

    /// For comparison with the catalogue.
    public static let declarations = [
        EventTypeDeclaration(type: scrubbedType, category: "log")
    ]

    /// The event that records a result.
    ///
    /// - Parameters:
    ///   - report: the result.
    ///   - id: the event's identity.
    ///   - actor: who had it done.
    public static func proposed(
        _ report: ScrubReport,
        id: EventID,
        actor: String
    ) -> ProposedEvent {
        ProposedEvent(id: id, type: scrubbedType, actor: actor, data: data(of: report))
    }

    /// The data of the event, as the catalogue describes it.
    public static func data(of report: ScrubReport) -> Value {
        [
            "from": number(report.from.value), "to": number(report.to.value),
            "events": number(report.eventCount), "bytes": number(report.byteCount),
            "problems": number(report.problemCount),
            "findings": .list(
                report.problems.map {
                    [
                        "position": number($0.position.value), "file": .string($0.file),
                        "message": .string($0.message),
                    ]
                }
            ),
            "began_at": .timestamp(report.beganAt), "ended_at": .timestamp(report.endedAt),
        ]
    }

    /// Reads a result back; nil if the data is of something else.
    public static func report(_ data: Value) -> ScrubReport? {
        guard let from = natural(data["from"]), let to = natural(data["to"]),
            let events = natural(data["events"]), let bytes = natural(data["bytes"]),
            let problems = natural(data["problems"]), from > 0,
            let findings = data["findings"]?.listValue,
            let beganAt = time(data["began_at"]), let endedAt = time(data["ended_at"])
        else { return nil }
        var report = ScrubReport(from: Position(from), beganAt: beganAt)
        report.to = Position(to)
        report.eventCount = events
        report.byteCount = bytes
        report.problemCount = problems
        report.endedAt = endedAt
        for finding in findings {
            guard let position = natural(finding["position"]),
                let file = finding["file"]?.stringValue,
                let message = finding["message"]?.stringValue
            else { return nil }
            report.problems.append(
                ScrubReport.Problem(position: Position(position), file: file, message: message)
            )
        }
        return report
    }

    private static func number(_ value: UInt64) -> Value { .int(Int64(clamping: value)) }

    private static func natural(_ value: Value?) -> UInt64? {
        (value?.intValue).flatMap { UInt64(exactly: $0) }
    }

    /// A time, also as the text that it is in JSON.
    private static func time(_ value: Value?) -> Timestamp? {
        value?.timestampValue
            ?? (value?.stringValue).flatMap { try? Timestamp(rfc3339: $0) }
    }
}

import ArgumentParser
import EventLog
import EventModel
import Foundation
import Runtime

/// `daybook events`: the log, filtered.
struct Events: AsyncParsableCommand {
    enum Format: String, CaseIterable, ExpressibleByArgument { case text, json, cloudevents }

    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Show events of the log.",
        discussion: """
            EXAMPLES:
              daybook events                                  the last 20
              daybook events --from 1 --limit 100             the first 100
              daybook events --category instance --follow     what happens now
              daybook events --correlation 018f…              one story, from its trigger
              daybook events --actor user:ana --since 2h      what Ana did in the last two hours
              daybook events --record notes/2b4c…             what became of one record
              daybook events --stream instance/018f… --format json
              daybook events --at-least 4711                  once that event is there
              daybook events --all --format cloudevents > events.ndjson
            """
    )

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var reading: ReadingOptions

    @Option(help: "One stream, such as instance/018f….")
    var stream: String?
    @Option(help: "Only these categories.")
    var category: [String] = []
    @Option(help: "Only these types, such as StepFailed.")
    var type: [String] = []
    @Option(help: "Only these business entities.")
    var entity: [String] = []
    @Option(help: "Only what these did, such as user:ana.")
    var actor: [String] = []
    @Option(help: "Only these business records, such as contacts_profiles/2b4c….")
    var record: [String] = []
    @Option(help: "Only the story that began with this event.")
    var correlation: String?
    @Option(help: "Only what was recorded since: 2026-11-24T12:00:00Z, or 2h for 2 hours ago.")
    var since: String?
    @Option(help: "Only what was recorded before: a time, or how long ago.")
    var until: String?
    @Option(help: "Begin at this position, forward.")
    var from: UInt64?
    @Option(help: "How many at the most.")
    var limit = 20
    @Flag(help: "All of them, from the first.")
    var all = false
    @Flag(help: "Stay and show what comes.")
    var follow = false
    @Option(help: "text, json (a line an event) or cloudevents.")
    var format = Format.text
    @Flag(help: "Show the data of each event (text).")
    var verbose = false

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit must be at least 1") }
    }

    func run() async throws {
        let folder = try DataFolder(options)
        let log = try await folder.openStore(reading)
        let printer = EventPrinter(format: format, isVerbose: verbose)
        let now = EventLogConfiguration.systemClock()
        let filter = EventFilter(
            categories: Set(category),
            types: Set(type),
            entities: Set(entity),
            correlation: try correlation.map(DataFolder.identifier),
            actors: Set(actor),
            records: Set(record),
            since: try since.map { text in try TimeBound.parse(text, "--since", now: now) },
            until: try until.map { text in try TimeBound.parse(text, "--until", now: now) }
        )
        var last = Position(max(from ?? 1, 1) - 1)
        if let stream {
            let events = try streamEvents(log, stream).filter(filter.matches)
            events.forEach(printer.print)
            if events.isEmpty { noteNothing(log) }
            last = log.head
        } else if all || from != nil {
            last = try forward(log, filter, from: last, printer)
        } else {
            let events = try folder.reading {
                () throws(EventLogError) in
                try log.read(from: nil, direction: .backward, limit: limit, filter: filter)
            }
            events.reversed().forEach(printer.print)
            if events.isEmpty { noteNothing(log) }
            last = log.head
        }
        guard follow else { return }
        for try await batch in log.subscribe(after: last, filter: filter) {
            for event in batch.events where stream == nil || event.stream.text == stream {
                printer.print(event)
            }
        }
    }

    /// Says that nothing fits, where it does not get between the lines for programs.
    private func noteNothing(_ log: SealingEventStore) {
        guard !follow else { return }
        Terminal.error(
            log.head == .start
                ? "The log is empty; 'daybook demo' shows what fills one."
                : "No event fits; the log has \(log.head) events, 'daybook events' shows the last."
        )
    }

    private func streamEvents(_ log: SealingEventStore, _ text: String) throws -> [Event] {
        let name: StreamName
        do {
            name = try StreamName(text)
        } catch {
            throw CommandFailure(error.description, ExitStatus.badInput)
        }
        let start = from
        let events = try log.readStream(
            name,
            from: start,
            direction: .forward,
            limit: all ? Int.max : limit
        )
        if events.isEmpty { throw CommandFailure("there is no stream \(text)") }
        return events
    }

    private func forward(
        _ log: SealingEventStore,
        _ filter: EventFilter,
        from start: Position,
        _ printer: EventPrinter
    ) throws -> Position {
        var left = all ? Int.max : limit
        var next = start.advanced(by: 1)
        var isEmpty = true
        while left > 0 {
            let events = try log.read(
                from: next,
                direction: .forward,
                limit: min(left, 1000),
                filter: filter
            )
            guard let last = events.last else { break }
            events.forEach(printer.print)
            isEmpty = false
            left -= events.count
            next = last.position.advanced(by: 1)
        }
        if isEmpty { noteNothing(log) }
        return log.head
    }
}

/// Writes events as the user asked for them.
struct EventPrinter {
    let format: Events.Format
    let isVerbose: Bool

    func print(_ event: Event) {
        switch format {
        case .text: Terminal.out(text(event))
        case .json: Terminal.out((try? JSON.text(event.value)) ?? "{}")
        case .cloudevents: Terminal.out((try? JSON.text(CloudEvent.value(of: event))) ?? "{}")
        }
    }

    private func text(_ event: Event) -> String {
        let position = String(event.position.value)
        let time = event.recordedAt.rfc3339.prefix(23).replacing("T", with: " ")
        var line = Terminal.styled(position.padding(7), .dim) + Terminal.styled(String(time), .dim)
        line += "  " + Terminal.styled(event.type.padding(20), .cyan)
        let summary = Self.summary(event)
        line += " \(event.stream.text)" + (summary.isEmpty ? "" : "  " + summary)
        if isVerbose, let data = try? JSON.text(event.data) {
            line += "\n" + String(repeating: " ", count: 9) + Terminal.styled(data, .dim)
        }
        return line
    }

    /// The few members that tell most of what an event is about.
    static func summary(_ event: Event) -> String {
        let names = [
            "step", "attempt", "action", "workflow", "name", "event", "outcome", "reason", "timer",
            "due", "title", "resource", "result",
        ]
        return names.compactMap { name in
            guard let value = event.data[name] else { return nil }
            switch value {
            case .string(let text): return "\(name)=\(text.cut(60))"
            case .int(let number): return "\(name)=\(number)"
            case .uint(let number): return "\(name)=\(number)"
            case .bool(let truth): return "\(name)=\(truth)"
            case .timestamp(let time): return "\(name)=\(time.rfc3339)"
            case .null, .double, .bytes, .duration, .list, .map: return nil
            }
        }.joined(separator: " ")
    }
}

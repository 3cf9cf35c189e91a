import ArgumentParser
import EventModel
import Runtime

extension InstanceCommands {
    struct History: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show all events of an instance, in order.",
            discussion: """
                EXAMPLES:
                  daybook instance history 018f
                  daybook instance history 018f --compact     a sentence an event
                  daybook instance history 018f --timeline    a bar a step
                  daybook instance history 018f --json        an object an event
                """
        )

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var reading: ReadingOptions
        @Option(help: "text, json (a line an event) or cloudevents.")
        var format = Events.Format.text
        @Flag(help: "The same as --format json.")
        var json = false
        @Flag(help: "A numbered sentence for each event.")
        var compact = false
        @Flag(help: "A bar for each step, from its first event to its last.")
        var timeline = false
        @Flag(help: "Show the data of each event (text).")
        var verbose = false
        @Argument(help: "The instance's id, or the beginning of it.")
        var id: String

        func validate() throws {
            if [json, compact, timeline].filter({ $0 }).count > 1 {
                throw ValidationError("give one of --json, --compact and --timeline")
            }
        }

        func run() async throws {
            let past = try await Past.open(options, reading)
            let events = try past.history(of: try past.instance(id))
            if compact {
                HistoryText.compact(events).forEach(Terminal.out)
            } else if timeline {
                HistoryText.timeline(events).forEach(Terminal.out)
            } else {
                let printer = EventPrinter(format: json ? .json : format, isVerbose: verbose)
                for event in events { printer.print(event) }
            }
        }
    }
}

/// The history of an instance as people read it.
enum HistoryText {
    private static let barWidth = 40

    /// A line an event: its number, when it was, counted from the first, and a sentence.
    static func compact(_ events: [Event]) -> [String] {
        guard let begin = events.first?.recordedAt else { return [] }
        return events.map { event in
            let number = String(event.revision + 1)
            let after = "+" + InstanceText.short(event.recordedAt - begin)
            return Terminal.styled("\(number.leading(4))  \(after.leading(10))", .dim) + "  "
                + EventSentence.text(type: event.type, data: event.data)
        }
    }

    /// A line a step: when it began, how long it took, and a bar on the scale of the whole.
    static func timeline(_ events: [Event]) -> [String] {
        guard let begin = events.first?.recordedAt, let end = events.last?.recordedAt else {
            return []
        }
        var order: [String] = []
        var spans: [String: (first: Timestamp, last: Timestamp, word: String)] = [:]
        for event in events {
            guard let step = event.data["step"]?.stringValue else { continue }
            if spans[step] == nil { order.append(step) }
            let first = spans[step]?.first ?? event.recordedAt
            spans[step] = (first, event.recordedAt, event.type)
        }
        var table = Table(["step", "after", "for", "", "last event"])
        for step in order {
            guard let span = spans[step] else { continue }
            table.add([
                step, InstanceText.short(span.first - begin),
                InstanceText.short(span.last - span.first),
                bar(span.first - begin, span.last - begin, of: end - begin), span.word,
            ])
        }
        let head =
            "\(begin.shown) to \(end.shown), \(InstanceText.short(end - begin)), "
            + "\(events.count) events"
        return [head, ""] + (order.isEmpty ? ["no step has begun"] : table.lines())
    }

    private static func bar(_ from: Duration, _ to: Duration, of whole: Duration) -> String {
        guard whole > .zero else { return "█" + String(repeating: "·", count: barWidth - 1) }
        let first = min(barWidth - 1, Int(from / whole * Double(barWidth)))
        let last = min(barWidth - 1, Int(to / whole * Double(barWidth)))
        return String(repeating: "·", count: first)
            + String(repeating: "█", count: last - first + 1)
            + String(repeating: "·", count: barWidth - 1 - last)
    }
}

extension String {
    /// Spaces before it up to a width.
    fileprivate func leading(_ width: Int) -> String {
        String(repeating: " ", count: max(0, width - count)) + self
    }
}

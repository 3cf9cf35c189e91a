import EventModel
import Runtime
import WorkflowEngine

/// A walk along the events of an instance, forward and back, one command at a time.
///
/// It keeps a state every so many events, so a step back folds no more than those in between.
struct StepWalk {
    private static let keptEvery = 100
    private static let changesShownMax = 12

    let instance: EventID
    let events: [Event]
    /// How many events have happened where the walk stands.
    private(set) var count = 0
    private var state = InstanceState.initial
    private var kept: [Int: InstanceState] = [0: .initial]

    /// What is shown, and whether the walk is over.
    struct Answer {
        var lines: [String] = []
        var isOver = false
    }

    static let help = [
        "n, next, return   one event forward        p, previous   one event back",
        "j N, jump N       after the first N events s, state      the state here",
        "e, event          the event with its data  q, quit       leave",
    ]

    init(instance: EventID, events: [Event]) {
        self.instance = instance
        self.events = events
    }

    /// What is shown before the first command.
    var greeting: [String] {
        [
            Terminal.styled(instance.text, .bold) + "  \(events.count) events; h for help",
            "0 of \(events.count)  before its first event",
        ]
    }

    /// Takes a command as it was typed.
    ///
    /// - Throws: an event of the instance cannot be read.
    mutating func take(_ line: String) throws(CommandFailure) -> Answer {
        let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
        switch words.first {
        case nil, "n", "next": return Answer(lines: try move(to: count + 1))
        case "p", "previous": return Answer(lines: try move(to: count - 1))
        case "s", "state": return Answer(lines: try stateLines())
        case "e", "event": return Answer(lines: try eventLines())
        case "h", "help", "?": return Answer(lines: Self.help)
        case "q", "quit": return Answer(isOver: true)
        case "j", "jump": return Answer(lines: try jump(words.dropFirst().first ?? ""))
        case let word?:
            if Int(word) != nil { return Answer(lines: try jump(word)) }
            return Answer(
                lines: [
                    "there is no command '\(word)'; "
                        + Suggest.remedy(
                            for: word,
                            among: ["next", "previous", "jump", "state", "event", "quit"]
                        )
                ]
            )
        }
    }

    private mutating func jump(_ text: String) throws(CommandFailure) -> [String] {
        guard let wanted = Int(text), (0...events.count).contains(wanted) else {
            return ["jump takes a number from 0 to \(events.count)"]
        }
        return try move(to: wanted)
    }

    private mutating func move(to wanted: Int) throws(CommandFailure) -> [String] {
        guard wanted >= 0 else { return ["this is before its first event"] }
        guard wanted <= events.count else {
            return ["this is the last event; the instance is \(state.status.rawValue)"]
        }
        let before = state.value
        let isForward = wanted >= count
        try fold(to: wanted)
        let title = "\(count) of \(events.count)  "
        let head = count == 0 ? title + "before its first event" : title + sentence(count - 1)
        let changes = ValueDifference.between(
            before,
            state.value,
            ignoring: ["event_count", "updated_at"]
        )
        let shown = changes.prefix(Self.changesShownMax).flatMap(\.lines).map { "    " + $0 }
        let more = changes.count - Self.changesShownMax
        let rest = more > 0 ? ["    and \(more) more; s shows the whole state"] : []
        return [head + (isForward ? "" : Terminal.styled("  (back)", .dim))] + shown + rest
    }

    private mutating func fold(to wanted: Int) throws(CommandFailure) {
        if wanted < count {
            let base = wanted - wanted % Self.keptEvery
            count = kept[base] == nil ? 0 : base
            state = kept[count] ?? .initial
        }
        while count < wanted {
            let event = events[count]
            do {
                let happened = try InstanceEvent(type: event.type, data: event.data)
                state.evolve(happened, recordedAt: event.recordedAt)
            } catch {
                throw CommandFailure(
                    "event \(event.position) cannot be read: \(error)",
                    ExitStatus.inputOutput
                )
            }
            count += 1
            if count.isMultiple(of: Self.keptEvery) { kept[count] = state }
        }
    }

    private func sentence(_ index: Int) -> String {
        let event = events[index]
        return Terminal.styled("\(event.recordedAt.shown) @\(event.position)  ", .dim)
            + EventSentence.text(type: event.type, data: event.data)
    }

    private func stateLines() throws(CommandFailure) -> [String] {
        guard count > 0 else { return ["there is no state before the first event"] }
        var seen: Set<String> = []
        let steps = events.prefix(count).compactMap { $0.data["step"]?.stringValue }
            .filter { seen.insert($0).inserted }
        let snapshot = InstanceTravel.Snapshot(
            instance: instance,
            state: state,
            eventCountToday: UInt64(events.count),
            lastEvent: events[count - 1],
            stepOrder: steps.filter { state.steps[$0] != nil }
        )
        return InstanceText(snapshot).lines
    }

    private func eventLines() throws(CommandFailure) -> [String] {
        guard count > 0 else { return ["there is no event before the first one"] }
        let event = events[count - 1]
        var rows = [
            ("type", event.type), ("number", String(event.revision + 1)),
            ("position", event.position.description), ("id", event.id.text),
            ("time", event.recordedAt.rfc3339), ("actor", event.actor),
            ("story", event.correlation.text),
        ]
        if let cause = event.causation { rows.append(("caused by", cause.text)) }
        let data = (try? JSON.text(event.data, layout: .pretty)) ?? "{}"
        return rows.map { name, text in Terminal.styled(name.padding(10), .dim) + text }
            + data.split(separator: "\n").map(String.init)
    }
}

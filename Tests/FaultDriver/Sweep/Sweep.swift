import EventLog
import EventModel
import Glibc

/// Spoils a store in every way of one kind, one after the other, in this process.
///
/// Lines that it writes: `N` how many cases there are; `B` a case begins; `H` it was harmless; `D`
/// it was detected; `X` it was not. A case without an end is the one that the process died of.
struct Sweep {
    private let plan: DamagePlan
    private let kind: DamageKind
    private let folder: String
    private let progress: Acknowledgements
    private let first: Int
    private let last: Int
    private let configuration: EventLogConfiguration
    private let seed: UInt64
    /// What was acknowledged before the damage.
    private let acknowledged: [Substring]

    init(_ arguments: Arguments) throws {
        seed = try arguments.seed()
        plan = DamagePlan(
            picture: Picture(of: try arguments.required("store")),
            older: Picture(of: try arguments.required("older")),
            foreign: Picture(of: try arguments.required("foreign")),
            seed: seed,
            sample: try arguments.number("sample", 0)
        )
        guard let kind = DamageKind(rawValue: try arguments.required("kind")) else {
            throw Arguments.Mistake(description: "there is no such kind of damage")
        }
        self.kind = kind
        folder = try arguments.required("folder")
        acknowledged = try Acknowledgements(arguments.required("acknowledged")).lines
        progress = try Acknowledgements(try arguments.required("acks"))
        first = try arguments.number("first", 0)
        last = try arguments.number("last", .max)
        configuration = try Worker.configuration(arguments)
    }

    func run() async throws {
        let cases = plan.cases(kind)
        progress.write("N \(cases.count)")
        try plan.picture.restore(to: folder)
        // What was never acknowledged may be seen only by those who write.
        let reader = try EventLog.open(at: folder, configuration: Checker.reading(configuration))
        let visible = try Oracle.allEvents(reader).count
        await reader.close()
        let log = try EventLog.open(at: folder, configuration: configuration)
        let events = try Oracle.allEvents(log)
        await log.close()
        let acknowledgedCount = Oracle.acknowledgedCount(acknowledged)
        guard acknowledgedCount <= events.count, acknowledgedCount > 0 else {
            progress.write("X 0 \(events.count) events of \(acknowledgedCount) acknowledged ones")
            return
        }
        let more = Checker.last(seed, after: Position(UInt64(events.count)))
        var inspector = Inspector(
            folder: folder,
            events: events,
            visibleCount: visible,
            acknowledgedCount: acknowledgedCount,
            configuration: configuration,
            more: [more]
        )
        for number in first..<max(first, min(cases.count, last)) {
            let damage = cases[number]
            progress.write("B \(number) \(damage.description)")
            let spoilt = damage.applied(to: plan.picture)
            try spoilt.restore(to: folder)
            let reading = await inspector.readOnly(mayLag: damage.file == "visible")
            try spoilt.restore(to: folder)
            let writing = await inspector.readWrite()
            switch (reading, writing) {
            case (.wrong(let message), _): progress.write("X \(number) reading: \(message)")
            case (_, .wrong(let message)): progress.write("X \(number) writing: \(message)")
            case (.harmless, .harmless): progress.write("H \(number)")
            case (_, _): progress.write("D \(number)")
            }
        }
    }
}

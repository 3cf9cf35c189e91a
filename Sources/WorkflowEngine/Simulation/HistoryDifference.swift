public import EventModel

/// The first events in which an imagined history and the recorded one are not the same.
///
/// What branches do side by side may come in another order without being a difference, so every
/// step's events are compared with those of the same step. Not compared are: texts of conditions
/// and of reasons, idempotency keys, the moments at which calls begin, and instants that are less
/// than a second apart, because the clock of the record is that of a machine.
public struct HistoryDifference: Sendable, Hashable {
    /// Instants that are closer than this are the same.
    public static let tolerance = Duration.seconds(1)

    /// One event of a history.
    public struct Entry: Sendable, Hashable {
        /// Its number in its history, from 1.
        public var number: Int
        public var event: InstanceEvent
        public var at: Timestamp
    }

    /// The first recorded event that the imagined history lacks; nil if it lacks none.
    public var recorded: Entry?
    /// The first imagined event that the record lacks; nil if it lacks none.
    public var imagined: Entry?

    /// Compares two histories.
    ///
    /// - Parameters:
    ///   - recorded: what happened.
    ///   - imagined: what would have happened.
    ///   - recordIsOpen: the record goes on one day, so that nothing after it is a difference.
    ///   - imaginedIsOpen: the imagined history was broken off, so that nothing after it is one.
    public static func first(
        between recorded: [(event: InstanceEvent, at: Timestamp)],
        and imagined: [(event: InstanceEvent, at: Timestamp)],
        recordIsOpen: Bool,
        imaginedIsOpen: Bool
    ) -> HistoryDifference? {
        let end = recorded.last?.at ?? Timestamp(seconds: 0)
        let left = byStep(recorded) { _ in true }
        let right = byStep(imagined) { !recordIsOpen || $0 <= end }
        var recordedFirst: Entry?
        var imaginedFirst: Entry?
        for step in Set(left.keys).union(right.keys) {
            let (old, new) = (left[step] ?? [], right[step] ?? [])
            guard let place = firstPlace(old, new, imaginedIsOpen) else { continue }
            if old.indices.contains(place), old[place].number < recordedFirst?.number ?? .max {
                recordedFirst = old[place]
            }
            if new.indices.contains(place), new[place].number < imaginedFirst?.number ?? .max {
                imaginedFirst = new[place]
            }
        }
        guard recordedFirst != nil || imaginedFirst != nil else { return nil }
        return HistoryDifference(recorded: recordedFirst, imagined: imaginedFirst)
    }

    private static func firstPlace(_ old: [Entry], _ new: [Entry], _ isOpen: Bool) -> Int? {
        for place in 0..<max(old.count, new.count) {
            guard old.indices.contains(place) else { return place }
            guard new.indices.contains(place) else { return isOpen ? nil : place }
            if !isSame(old[place], new[place]) { return place }
        }
        return nil
    }

    private static func byStep(
        _ history: [(event: InstanceEvent, at: Timestamp)],
        _ isWanted: (Timestamp) -> Bool
    ) -> [String: [Entry]] {
        var entries: [String: [Entry]] = [:]
        for (index, (event, at)) in history.enumerated() where isWanted(at) && isCompared(event) {
            let step = event.data["step"]?.stringValue ?? ""
            entries[step, default: []].append(Entry(number: index + 1, event: event, at: at))
        }
        return entries
    }

    /// Whether an event tells what the workflow does, not how fast the world is.
    private static func isCompared(_ event: InstanceEvent) -> Bool {
        if case .stepStarted(let start) = event { return start.attempt == 0 }
        if case .instanceStarted = event { return false }
        if case .resultRefused = event { return false }
        return true
    }

    private static let ignored: Set<String> = [
        "expression", "idempotency_key", "deadline", "reason", "message",
    ]

    private static func isSame(_ old: Entry, _ new: Entry) -> Bool {
        guard old.event.type == new.event.type else { return false }
        let (before, after) = (old.event.data.mapValue, new.event.data.mapValue)
        let names = Set((before?.stringKeys ?? []) + (after?.stringKeys ?? []))
        return names.subtracting(ignored).allSatisfy { name in
            let (left, right) = (before?[name] ?? .null, after?[name] ?? .null)
            if name == "failure" { return left["code"] == right["code"] }
            if name == "due", let left = left.timestampValue, let right = right.timestampValue {
                return isClose(left, right) || isClose(old.at + (right - new.at), left)
            }
            return isAlike(left, right)
        }
    }

    /// Whether two values are the same but for instants that are close.
    public static func isAlike(_ left: Value, _ right: Value) -> Bool {
        if left == right { return true }
        switch (left, right) {
        case (.timestamp(let left), .timestamp(let right)): return isClose(left, right)
        case (.string(let left), .string(let right)):
            let instants = [left, right].compactMap { try? Timestamp(rfc3339: $0) }
            return instants.count == 2 && isClose(instants[0], instants[1])
        case (.list(let left), .list(let right)):
            return left.count == right.count && zip(left, right).allSatisfy { isAlike($0, $1) }
        case (.map(let left), .map(let right)):
            return left.count == right.count
                && zip(left.entries, right.entries).allSatisfy { old, new in
                    old.key == new.key && isAlike(old.value, new.value)
                }
        case (_, _): return false
        }
    }

    private static func isClose(_ left: Timestamp, _ right: Timestamp) -> Bool {
        (left < right ? right - left : left - right) < tolerance
    }
}

public import EventLog
public import EventModel

/// Finds instances by the beginnings of their ids, in the log alone.
public struct InstanceFinder: Sendable {
    private static let pageEvents = 500
    private static let shownMax = 5

    let store: any EventStore

    public init(store: any EventStore) { self.store = store }

    /// The instance that a whole id or its beginning names; hyphens and capitals do not matter.
    ///
    /// A beginning is looked for among all instances of the log, the newest first.
    ///
    /// - Throws: ``TravelError``: `unreadableArgument`, `unknown`, `ambiguous` or `log`.
    public func find(_ text: String) throws(TravelError) -> EventID {
        let digits = text.lowercased().filter { $0 != "-" }
        let isHexadecimal = digits.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x61...0x66).contains($0)
        }
        guard !digits.isEmpty, digits.utf8.count <= 32, isHexadecimal else {
            throw TravelError(
                .unreadableArgument,
                "'\(text)' is no id; ids are 32 hexadecimal digits, of which the first few are "
                    + "enough, as 'daybook instance list' shows"
            )
        }
        if digits.utf8.count == 32, let whole = EventID(Self.hyphenated(digits)) { return whole }
        let found = try instances(beginningWith: digits)
        guard let only = found.first else {
            throw TravelError(.unknown, "no instance's id begins with '\(text)'")
        }
        guard found.count == 1 else {
            let shown = found.prefix(Self.shownMax).map(\.text).joined(separator: ", ")
            let more = found.count > Self.shownMax ? " and more" : ""
            throw TravelError(
                .ambiguous,
                "several instances' ids begin with '\(text)': \(shown)\(more)"
            )
        }
        return only
    }

    private func instances(beginningWith digits: String) throws(TravelError) -> [EventID] {
        var found: [EventID] = []
        var from: Position?
        while found.count <= Self.shownMax {
            let page: [Event]
            do throws(EventLogError) {
                page = try store.read(
                    from: from,
                    direction: .backward,
                    limit: Self.pageEvents,
                    filter: EventFilter(categories: ["instance"], types: ["InstanceStarted"])
                )
            } catch {
                throw TravelError(error)
            }
            for event in page {
                guard let instance = InstanceStream.instance(of: event.stream) else { continue }
                if instance.text.filter({ $0 != "-" }).hasPrefix(digits) { found.append(instance) }
            }
            guard let last = page.last, page.count == Self.pageEvents, last.position.value > 1
            else { break }
            from = Position(last.position.value - 1)
        }
        return found
    }

    private static func hyphenated(_ digits: String) -> String {
        var text = ""
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { text += "-" }
            text.append(digit)
        }
        return text
    }
}

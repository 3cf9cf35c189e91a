/// The records that are durable in the journal but not in the table yet, oldest first.
///
/// A group is let go of only after the table has committed it, so whoever looks here first and in
/// the table afterwards misses nothing.
final class RecordTail: Sendable {
    struct State {
        fileprivate(set) var groups: [RecordGroup] = []
        /// How many bytes the records have.
        fileprivate(set) var byteCount = 0
        /// The last position that is in the table for good.
        fileprivate(set) var folded: UInt64
        /// Why the table could not be written; nil as soon as it can be again.
        var failure: EventLogError?
        /// How often the fold thread has tried to write.
        var attempts: UInt64 = 0
        /// Somebody waits for the table.
        var isUrgent = false
        /// Nothing that the writer wrote is uncertain.
        var isCertain = true
        /// The writer has ended; what is left is to be written now.
        var isFinishing = false

        /// The groups to write next, up to so many bytes, at least one.
        func next(bytesMax: Int) -> [RecordGroup] {
            var byteCount = 0
            var count = 0
            for group in groups {
                byteCount += group.byteCount
                guard count == 0 || byteCount <= bytesMax else { break }
                count += 1
            }
            return Array(groups.prefix(count))
        }

        /// Lets go of what the table has.
        mutating func drop(through position: UInt64) {
            folded = max(folded, position)
            let count = groups.prefix { $0.last <= position }.count
            byteCount -= groups.prefix(count).reduce(0) { $0 + $1.byteCount }
            groups.removeFirst(count)
        }
    }

    let monitor: Monitor<State>
    /// From how many bytes on the fold thread does not wait for more.
    private let wakeBytes: Int

    /// Begins after the last event that is in the table.
    init(folded: UInt64, wakeBytes: Int) {
        self.wakeBytes = wakeBytes
        monitor = Monitor(State(folded: folded))
    }

    // MARK: For readers

    /// The groups that hold any of the positions between two, both inclusive, oldest first.
    func groups(from first: UInt64, through last: UInt64) -> ArraySlice<RecordGroup> {
        monitor.withLock { state in
            guard let newest = state.groups.last, let oldest = state.groups.first,
                newest.last >= first, oldest.first <= last
            else { return [] }
            let begin = state.groups.firstIndex { $0.last >= first } ?? 0
            let end = state.groups.lastIndex { $0.first <= last } ?? begin
            return ArraySlice(Array(state.groups[begin...max(begin, end)]))
        }
    }

    /// The position of the last record; nil if there is none.
    var last: UInt64? { monitor.withLock { $0.groups.last?.last } }

    // MARK: For the writer

    /// Adds a group that is durable.
    func append(_ group: RecordGroup) {
        let isNews = monitor.withLock { state in
            let before = state.byteCount
            state.groups.append(group)
            state.byteCount += group.byteCount
            // The fold thread sleeps while there is nothing, and until there is enough.
            return before == 0 || (before < wakeBytes && state.byteCount >= wakeBytes)
        }
        if isNews { monitor.change { _ in } }
    }

    /// Notes that the table holds everything up to a position.
    func drop(through position: UInt64) {
        monitor.change { $0.drop(through: position) }
    }

    /// Waits until the table has come as far as a position; returns why if it will not.
    func waitUntilFolded(through position: UInt64) -> EventLogError? {
        let attempts = monitor.change { state in
            if state.folded < position { state.isUrgent = true }
            return state.attempts
        }
        return monitor.wait { (state: inout State) -> EventLogError?? in
            if state.folded >= position {
                state.isUrgent = false
                return .some(nil)
            }
            // An old failure says nothing: there may be room again by now.
            guard state.attempts > attempts, let failure = state.failure else { return nil }
            return .some(failure)
        }
    }
}

import EventModel
import WorkflowEngine

/// Works out whose turn it is; knows no views and no clock.
struct AdmissionPlan: Sendable, Hashable {
    /// What happens to one instance.
    enum Step: Sendable, Hashable {
        case admit(EventID)
        case cancel(EventID, reason: String)
    }

    var steps: [Step] = []
    /// When to look again even if nothing changes; nil if there is no need.
    var nextLook: Timestamp?

    /// What is known beside the rows.
    struct Memory: Sendable {
        /// By a rate's key: when instances began, the newest last.
        var starts: [String: [Timestamp]] = [:]
        /// By a deduplication's key: of the instances that began, which did so last, and when it came.
        var last: [String: (instance: EventID, at: Timestamp)] = [:]
    }

    /// - Parameters:
    ///   - rows: everything of one workflow that waits or runs, those that came first first.
    ///   - memory: what began earlier.
    ///   - now: the present.
    init(_ rows: [AdmissionRow], memory: Memory, now: Timestamp) {
        var running: [String: [EventID]] = [:]
        for row in rows where row.admission.isAdmitted {
            if let key = row.admission.concurrency?.key {
                running[key, default: []].append(row.instance)
            }
        }
        var starts = memory.starts
        let waiting = dropRepeats(rows, memory, now)
        let newest = Dictionary(
            waiting.compactMap { row in row.admission.concurrency.map { ($0.key, row.instance) } }
        ) { _, later in later }
        var stopped: Set<EventID> = []
        for row in waiting.sorted(by: { AdmissionPlan.isBefore($0, $1, now) }) {
            if let places = row.admission.concurrency {
                let taken = running[places.key] ?? []
                if taken.count >= places.limit {
                    makeRoom(for: row, places, taken, newest[places.key], &stopped)
                    continue
                }
            }
            if let rate = row.admission.rate {
                let recent = (starts[rate.key] ?? []).filter { $0 + rate.per > now }
                if recent.count >= rate.limit, let oldest = recent.suffix(rate.limit).first {
                    let due = oldest + rate.per
                    nextLook = min(nextLook ?? due, due)
                    continue
                }
                starts[rate.key] = recent + [now]
            }
            if let places = row.admission.concurrency {
                running[places.key, default: []].append(row.instance)
            }
            steps.append(.admit(row.instance))
        }
    }

    /// Cancels those that are the same as one that began or came a short time before.
    private mutating func dropRepeats(
        _ rows: [AdmissionRow],
        _ memory: Memory,
        _ now: Timestamp
    ) -> [AdmissionRow] {
        var earlier: [String: AdmissionRow] = [:]
        for row in rows where row.admission.isAdmitted {
            if let same = row.admission.deduplication { earlier[same.key] = row }
        }
        var left: [AdmissionRow] = []
        for row in rows where !row.admission.isAdmitted {
            guard let same = row.admission.deduplication else {
                left.append(row)
                continue
            }
            // Only the window counts: an instance may live much longer than that.
            let recent = memory.last[same.key].flatMap { last in
                last.at + same.window > row.queuedAt ? last.instance : nil
            }
            let living = earlier[same.key].flatMap { other in
                other.queuedAt + same.window > row.queuedAt ? other.instance : nil
            }
            if let other = recent ?? living, other != row.instance {
                let reason =
                    "it is the same as \(other.text), which came less than "
                    + "\(same.window) before"
                steps.append(.cancel(row.instance, reason: reason))
            } else {
                earlier[same.key] = row
                left.append(row)
            }
        }
        return left
    }

    private mutating func makeRoom(
        for row: AdmissionRow,
        _ places: AdmissionState.Concurrency,
        _ taken: [EventID],
        _ newest: EventID?,
        _ stopped: inout Set<EventID>
    ) {
        switch places.whenFull {
        case .queue:
            break
        case .skip:
            let reason = "\(taken.count) of '\(places.key)' run already"
            steps.append(.cancel(row.instance, reason: reason))
        case .cancel:
            guard let oldest = taken.first(where: { !stopped.contains($0) }) else { return }
            stopped.insert(oldest)
            let reason = "\(row.instance.text) has taken its place"
            steps.append(.cancel(oldest, reason: reason))
        case .replace:
            guard let newest, newest != row.instance else { return }
            let reason = "\(newest.text) has taken its place in the queue"
            steps.append(.cancel(row.instance, reason: reason))
        }
    }

    /// Who waits rises with time, so that nobody waits for ever behind those of a higher priority.
    private static func isBefore(
        _ left: AdmissionRow,
        _ right: AdmissionRow,
        _ now: Timestamp
    ) -> Bool {
        let ranks = [left, right].map { row -> Int64 in
            let waited = max(0, now.seconds - row.queuedAt.seconds)
            return Int64(row.admission.priority) + waited / WorkflowLimits.agingSeconds
        }
        if ranks[0] != ranks[1] { return ranks[0] > ranks[1] }
        return left.position < right.position
    }
}

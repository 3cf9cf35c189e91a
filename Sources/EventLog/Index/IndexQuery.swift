import EventModel

/// What of a filter the index can answer: for each field that is set, the keys of its texts.
struct IndexQuery: Sendable {
    /// An event fits if it has one of the keys.
    struct Criterion: Sendable {
        var kind: IndexKind
        var keys: [IndexKey]
    }

    let criteria: [Criterion]

    /// Nil if the filter sets no field that is indexed.
    init?(_ filter: EventFilter, hasher: borrowing IndexHasher) {
        var criteria: [Criterion] = []
        let texts: [(IndexKind, Set<String>)] = [
            (.record, filter.records), (.actor, filter.actors), (.entity, filter.entities),
            (.type, filter.types), (.category, filter.categories),
        ]
        if !filter.streams.isEmpty {
            let keys = filter.streams.map { hasher.key($0.text) }
            criteria.append(Criterion(kind: .stream, keys: keys))
        }
        if let correlation = filter.correlation {
            criteria.append(Criterion(kind: .correlation, keys: [IndexKey(correlation)]))
        }
        for (kind, texts) in texts where !texts.isEmpty {
            criteria.append(Criterion(kind: kind, keys: texts.map { hasher.key($0) }))
        }
        guard !criteria.isEmpty else { return nil }
        self.criteria = criteria
    }

    /// Whether a row of a generation fits.
    func fits(_ generation: TailGeneration, row: Int) -> Bool {
        criteria.allSatisfy { criterion in
            let key = generation.column(criterion.kind)[row]
            return criterion.keys.contains(key)
        }
    }
}

/// Walks over the positions in a segment that fit every criterion, in one direction.
///
/// Each criterion is a few sorted lists of positions. The walk asks each of them in turn for the
/// next position that is not before the one the others have come to; the shortest is asked first.
struct SegmentWalk {
    private struct List {
        var kind: IndexKind
        /// What is left of the positions, by their numbers.
        var low: Int
        var high: Int
    }

    private let segment: SegmentFile
    private let direction: ReadDirection
    private var criteria: [[List]] = []
    /// The next position to look at, less the first of the segment; nil at the end.
    private var next: UInt32?
    private let end: UInt32

    /// Begins a walk over a stretch of the segment; nil if nothing in it can fit.
    init?(
        _ query: IndexQuery,
        in segment: SegmentFile,
        range: ClosedRange<UInt64>,
        direction: ReadDirection
    ) throws(EventLogError) {
        guard range.overlaps(segment.first...segment.last) else { return nil }
        let range = range.clamped(to: segment.first...segment.last)
        self.segment = segment
        self.direction = direction
        let low = UInt32(range.lowerBound - segment.first)
        let high = UInt32(range.upperBound - segment.first)
        next = direction == .forward ? low : high
        end = direction == .forward ? high : low
        var counts: [Int] = []
        for criterion in query.criteria {
            var lists: [List] = []
            for key in criterion.keys {
                guard let postings = try segment.find(criterion.kind, key) else { continue }
                lists.append(
                    List(
                        kind: criterion.kind,
                        low: postings.range.lowerBound,
                        high: postings.range.upperBound
                    )
                )
            }
            guard !lists.isEmpty else { return nil }
            counts.append(lists.reduce(0) { $0 + $1.high - $1.low })
            criteria.append(lists)
        }
        criteria = counts.indices.sorted { counts[$0] < counts[$1] }.map { criteria[$0] }
    }

    /// The next position that fits; nil if there is none.
    mutating func step() throws(EventLogError) -> UInt64? {
        guard var wanted = next else { return nil }
        var index = 0
        while index < criteria.count {
            guard let found = try seek(index, wanted) else {
                next = nil
                return nil
            }
            if found != wanted, index > 0 {
                wanted = found
                index = 0
            } else {
                wanted = found
                index += 1
            }
        }
        guard direction == .forward ? wanted <= end : wanted >= end else {
            next = nil
            return nil
        }
        let isLast = wanted == end
        next = isLast ? nil : direction == .forward ? wanted + 1 : wanted - 1
        return segment.first + UInt64(wanted)
    }

    /// The next position of a criterion that is the wanted one or behind it; drops those before.
    private mutating func seek(
        _ index: Int,
        _ wanted: UInt32
    ) throws(EventLogError) -> UInt32? {
        var nearest: UInt32?
        for number in criteria[index].indices {
            guard let found = try seek(&criteria[index][number], wanted) else { continue }
            let isNearer =
                direction == .forward ? found < nearest ?? .max : found > nearest ?? .min
            if nearest == nil || isNearer { nearest = found }
        }
        return nearest
    }

    private func seek(_ list: inout List, _ wanted: UInt32) throws(EventLogError) -> UInt32? {
        switch direction {
        case .forward:
            var step = 1
            var low = list.low
            var high = list.high
            while low < high, low + step < high, try posting(list, low + step) < wanted {
                low += step
                step *= 2
            }
            high = min(high, low + step + 1)
            while low < high {
                let middle = (low + high) / 2
                if try posting(list, middle) < wanted { low = middle + 1 } else { high = middle }
            }
            list.low = low
            return low < list.high ? try posting(list, low) : nil
        case .backward:
            var step = 1
            var low = list.low
            var high = list.high
            while low < high, high - step > low, try posting(list, high - step) > wanted {
                high -= step
                step *= 2
            }
            low = max(low, high - step - 1)
            while low < high {
                let middle = (low + high) / 2
                if try posting(list, middle) <= wanted { low = middle + 1 } else { high = middle }
            }
            list.high = low
            return low > list.low ? try posting(list, low - 1) : nil
        }
    }

    private func posting(_ list: List, _ number: Int) throws(EventLogError) -> UInt32 {
        try segment.posting(list.kind, number)
    }
}

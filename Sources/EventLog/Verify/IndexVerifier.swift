import EventModel

/// The part of a verification that is about the index.
///
/// Whole segments are compared by sums, see ``IndexComparison``, and their ids side by side. Only where
/// a sum is not right, and for the events of a segment that began before the walk, are single events
/// looked up.
struct IndexVerifier {
    private let index: LogIndex
    private let first: UInt64
    private let segments: [SegmentFile]
    private var comparison: IndexComparison
    /// The last event that is in a segment that began before the walk.
    private let lookedUpThrough: UInt64
    private let indexed: UInt64
    /// What single events have to be looked up for: the whole is not right.
    private var suspects: [(range: ClosedRange<UInt64>, problem: String)] = []
    /// Events that are looked up as they come.
    private var lookups: [(position: UInt64, problem: String)] = []
    /// The ids that no segment has yet.
    private var recentIDs: [IndexKey: UInt64] = [:]

    init(_ index: LogIndex, from first: UInt64) {
        self.index = index
        self.first = first
        segments = index.snapshot().segments
        let whole = segments.filter { $0.first >= first }
        comparison = IndexComparison(whole, hasher: index.hasher)
        lookedUpThrough = segments.last { $0.first < first }?.last ?? 0
        indexed = segments.last?.last ?? 0
    }

    /// How many events the stream had before the walk began; nil if that cannot be told.
    func eventCount(of stream: IndexKey) -> UInt64? {
        guard first - 1 <= indexed else { return nil }
        return try? index.segmentEventCount(of: stream, through: first - 1)
    }

    /// Notes that an event could not be read.
    mutating func noteDamage(at position: UInt64) {
        _ = comparison.add(nil, position: position, file: "")
    }

    /// Notes the next event.
    mutating func add(
        _ bytes: UnsafeRawBufferPointer,
        _ id: IndexKey,
        _ position: UInt64,
        file: String
    ) {
        if let problem = comparison.add(bytes, position: position, file: file) {
            let segment = segments.first { $0.last == position }
            suspects.append(((segment?.first ?? position)...position, problem))
        }
        if position <= lookedUpThrough {
            if let problem = lookUp(id, position) { lookups.append((position, problem)) }
        } else if position > indexed {
            let twin = recentIDs.updateValue(position, forKey: id) ?? segmentPosition(of: id)
            // A segment that was written since the walk began may have the event itself.
            if let twin, twin != position { lookups.append((position, twinProblem(id, twin))) }
        }
        if lookups.count > VerifyReport.problemsMax { lookups.removeLast() }
    }

    /// Looks up what is suspect, and at every byte of the segments.
    func finish(
        _ records: LogRecords,
        through head: UInt64,
        _ report: inout VerifyReport
    ) throws(EventLogError) {
        for (position, problem) in lookups { report.note(problem, at: position) }
        for suspect in suspects {
            let before = report.problemCount
            try lookUp(suspect.range, records, &report)
            // Entries that no event led to are seen by the sum alone.
            if report.problemCount == before {
                report.note(suspect.problem, at: suspect.range.upperBound)
            }
        }
        for segment in segments {
            segment.checkForDamage()
            guard segment.isDamaged else { continue }
            report.note("\(segment.path) is damaged; open the log for writing, which makes it anew")
        }
        if first == 1 { compareIDs(&report) }
    }

    private func lookUp(
        _ range: ClosedRange<UInt64>,
        _ records: LogRecords,
        _ report: inout VerifyReport
    ) throws(EventLogError) {
        for position in range {
            // Damaged records were reported when the walk met them.
            guard let header = try? records.header(of: position) else { continue }
            if let problem = lookUp(IndexKey(header.id), position) {
                report.note(problem, at: position)
            }
            let (end, isBeyond) = header.revision.addingReportingOverflow(1)
            let revisions = isBeyond ? 0..<0 : header.revision..<end
            let place = try? index.places(of: header.stream, revisions: revisions).first?.position
            if place != position {
                report.note(
                    "\(index.folder) has revision \(header.revision) of stream \(header.stream) "
                        + "\(words(place)); remove the index to have it made anew",
                    at: position
                )
            }
            guard report.problemCount < VerifyReport.problemsMax else { return }
        }
    }

    /// What is wrong with the place that the index has for an id; nil if nothing.
    private func lookUp(_ id: IndexKey, _ position: UInt64) -> String? {
        let place = segmentPosition(of: id)
        return place == position ? nil : twinProblem(id, place)
    }

    private func segmentPosition(of id: IndexKey) -> UInt64? {
        // Damage of the index is reported where its bytes are looked at.
        (try? index.segmentPosition(of: id)) ?? nil
    }

    private func twinProblem(_ id: IndexKey, _ place: UInt64?) -> String {
        "\(index.folder) has its id \(EventID(high: id.high, low: id.low)) \(words(place)): either "
            + "two events have this id, or the index is damaged and must be removed"
    }

    private func words(_ place: UInt64?) -> String { place.map { "at \($0)" } ?? "nowhere" }

    /// Goes through the ids of all segments side by side, in their order, and reports those that come
    /// twice.
    private func compareIDs(_ report: inout VerifyReport) {
        do throws(EventLogError) {
            var numbers = [Int](repeating: 0, count: segments.count)
            var heads: [IndexKey?] = []
            for segment in segments { heads.append(try IndexVerifier.id(segment, 0)) }
            while true {
                var least: Int?
                for candidate in heads.indices {
                    guard let key = heads[candidate] else { continue }
                    guard let found = least, let best = heads[found] else {
                        least = candidate
                        continue
                    }
                    if key < best { least = candidate }
                    if key == best {
                        let position = try position(segments[candidate], numbers[candidate])
                        let twin = try self.position(segments[found], numbers[found])
                        report.note(twinProblem(key, twin), at: position)
                    }
                }
                guard let least, let key = heads[least] else { return }
                let segment = segments[least]
                let postings = try segment.range(.id, numbers[least])
                if postings.count > 1 {
                    let twin = try position(segment, numbers[least])
                    let last = segment.first + UInt64(try segment.posting(.id, postings.last ?? 0))
                    report.note(twinProblem(key, twin), at: last)
                }
                numbers[least] += 1
                heads[least] = try IndexVerifier.id(segment, numbers[least])
            }
        } catch {
            report.note(error.message)
        }
    }

    private func position(_ segment: SegmentFile, _ number: Int) throws(EventLogError) -> UInt64 {
        let postings = try segment.range(.id, number)
        return segment.first + UInt64(try segment.posting(.id, postings.lowerBound))
    }

    private static func id(_ segment: SegmentFile, _ number: Int) throws(EventLogError) -> IndexKey?
    {
        number < segment.keyCount(.id) ? try segment.key(.id, number) : nil
    }
}

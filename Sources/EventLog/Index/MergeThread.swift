import EventModel
import Glibc

/// The thread that makes few large segments of many small ones, when nobody else wants the
/// processor.
final class MergeThread: Sendable {
    private let segments: SegmentStore
    private let index: LogIndex
    private let configuration: EventLogConfiguration

    init(index: LogIndex, configuration: EventLogConfiguration) {
        self.index = index
        segments = index.segments
        self.configuration = configuration
    }

    /// Works until the segments are closing.
    func run() {
        // On Linux this is about the calling thread alone.
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
        var seen = -1
        while true {
            let found = segments.monitor.wait { state -> (version: Int, isClosing: Bool)? in
                guard state.isClosing || state.version != seen else { return nil }
                return (state.version, state.isClosing)
            }
            if found.isClosing { return }
            seen = found.version
            do throws(EventLogError) {
                while try mergeOnce() {}
            } catch {
                configuration.notice("the index is not merged for now: \(error.message)")
            }
        }
    }

    /// Merges one run of segments; false if there is none, or if it is time to end.
    private func mergeOnce() throws(EventLogError) -> Bool {
        let run = MergePlan.next(
            segments.segments,
            generationEventsMax: index.tail.generationEventsMax,
            factor: configuration.indexMergeFactor,
            eventsMax: configuration.indexSegmentEventsMax
        )
        guard !run.isEmpty else { return false }
        do throws(EventLogError) {
            let seal = segments.seal
            var inputs: [SegmentFile] = []
            for segment in run {
                inputs.append(try SegmentFile(segment.entry, in: segments.folder, seal: seal))
            }
            let merge = SegmentMerge(inputs) { [segments] in
                segments.monitor.withLock { $0.isClosing }
            }
            guard let entry = try merge.write(in: segments.folder, seal: seal) else { return false }
            do throws(EventLogError) {
                try segments.replace(run, with: [entry])
            } catch {
                // A segment was repaired meanwhile: once more, from what there is now.
                guard error.code == .closed else { throw error }
                unlink("\(segments.folder)/\(entry.fileName)")
            }
            return true
        } catch {
            guard error.code == .corrupt || error.code == .missing else { throw error }
            // Found in a mapping of the merge's own, so those that serve readers must hear of it.
            for segment in run { segment.checkForDamage() }
            guard try index.repairDamaged() else { throw error }
            return true
        }
    }
}

/// Which segments to merge next.
enum MergePlan {
    /// The first run of neighbours of the same tier that is long enough to be merged.
    ///
    /// Tier 0 holds segments of up to a generation, and each next one those of up to `factor` times
    /// as many events. A run is merged when it is `factor` long, and its segment has at most
    /// `eventsMax` events, so an event is written again once a tier.
    static func next(
        _ segments: [SegmentFile],
        generationEventsMax: Int,
        factor: Int,
        eventsMax: Int
    ) -> [SegmentFile] {
        let counts = segments.map(\.eventCount)
        let range = next(
            counts,
            generationEventsMax: generationEventsMax,
            factor: factor,
            eventsMax: eventsMax
        )
        return Array(segments[range])
    }

    /// The same by the numbers of events; an empty range if nothing is to be merged.
    static func next(
        _ counts: [Int],
        generationEventsMax: Int,
        factor: Int,
        eventsMax: Int
    ) -> Range<Int> {
        let factor = max(factor, 2)
        func tier(_ count: Int) -> Int {
            var tier = 0
            var limit = max(generationEventsMax, 1)
            while count > limit, limit < eventsMax {
                tier += 1
                limit = limit.multipliedReportingOverflow(by: factor).partialValue
            }
            return tier
        }
        var start = 0
        while start < counts.count {
            let own = tier(counts[start])
            var end = start
            var sum = 0
            var sameCount = 0
            // A smaller segment between others is taken in, or it would stay there for ever.
            while end < counts.count, tier(counts[end]) <= own, sum + counts[end] <= eventsMax,
                sameCount < factor
            {
                sum += counts[end]
                if tier(counts[end]) == own { sameCount += 1 }
                end += 1
            }
            let isLarge = end < counts.count && sum + counts[end] > eventsMax
            if sameCount >= factor || (sameCount > 1 && (isLarge || sum == eventsMax)) {
                return start..<end
            }
            start += 1
        }
        return 0..<0
    }
}

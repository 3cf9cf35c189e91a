import EventModel
import Synchronization

/// Makes one segment of several that follow each other, reading all of them from front to back.
struct SegmentMerge {
    /// After so many positions the pages that were read are given back.
    private static let releaseStride = 1 << 20

    private let inputs: [SegmentFile]
    private let shouldStop: () -> Bool

    /// - Parameters:
    ///   - inputs: mapped for this merge alone, so that their blocks are all checked again.
    ///   - shouldStop: asked now and then.
    init(_ inputs: [SegmentFile], shouldStop: @escaping () -> Bool) {
        self.inputs = inputs
        self.shouldStop = shouldStop
    }

    /// The next key of an input.
    private struct Head {
        var key: IndexKey
        var input: Int
        var number: Int

        static func < (left: Head, right: Head) -> Bool {
            left.key != right.key ? left.key < right.key : left.input < right.input
        }
    }

    /// Writes the segment; nil if it was told to stop.
    func write(in folder: String, seal: IndexKey) throws(EventLogError) -> IndexManifest.Entry? {
        guard let oldest = inputs.first, let newest = inputs.last else { return nil }
        let writer = try SegmentWriter(
            folder: folder,
            first: oldest.first,
            last: newest.last,
            purpose: "merge"
        )
        do throws(EventLogError) {
            for kind in IndexKind.allCases {
                guard try merge(kind, to: writer) else {
                    writer.cancel()
                    return nil
                }
            }
            return try writer.finish(checksum: newest.header.checksum, seal: seal)
        } catch {
            writer.cancel()
            throw error
        }
    }

    private func merge(_ kind: IndexKind, to writer: SegmentWriter) throws(EventLogError) -> Bool {
        // The sections lie behind each other, so how many keys there are must be known first.
        var keyCount = 0
        var step = 0
        let counted = try forEachKey(kind) { _, _ throws(EventLogError) in
            keyCount += 1
            step += 1
            return step % SegmentMerge.releaseStride != 0 || !pause()
        }
        guard counted else { return false }
        let postingCount = inputs.reduce(0) { $0 + $1.postingCount(kind) }
        writer.begin(kind, keyCount: keyCount, postingCount: postingCount)
        let first = inputs.first?.first ?? 0
        var written = 0
        let isWhole = try forEachKey(kind) { key, heads throws(EventLogError) in
            var firstRevision: Revision = 0
            if kind == .stream, let head = heads.first {
                firstRevision = try inputs[head.input].firstRevision(head.number)
            }
            var positionCount = 0
            for head in heads {
                let input = inputs[head.input]
                let numbers = try input.postings(kind, try input.range(kind, head.number))
                let shift = UInt32(truncatingIfNeeded: input.first - first)
                try writer.add(positions: numbers, shift: shift)
                positionCount += numbers.count
            }
            try writer.add(key, firstRevision: firstRevision, positionCount: positionCount)
            written += positionCount
            if written >= SegmentMerge.releaseStride {
                written = 0
                if pause() { return false }
            }
            return true
        }
        guard isWhole else { return false }
        try writer.end()
        return !pause()
    }

    /// Gives pages back; true if the merge is to stop.
    private func pause() -> Bool {
        for input in inputs { input.releasePages() }
        return shouldStop()
    }

    /// Hands each key with the inputs that hold it, oldest first, to the closure, until that
    /// returns false.
    private func forEachKey(
        _ kind: IndexKind,
        _ body: (IndexKey, [Head]) throws(EventLogError) -> Bool
    ) throws(EventLogError) -> Bool {
        var heap: [Head] = []
        for (input, segment) in inputs.enumerated() where segment.keyCount(kind) > 0 {
            heap.append(Head(key: try segment.key(kind, 0), input: input, number: 0))
        }
        heap.sort { $0 < $1 }
        var group: [Head] = []
        while let top = heap.first {
            if let key = group.first?.key, key != top.key {
                guard key < top.key else { throw unsorted(kind) }
                guard try body(key, group) else { return false }
                group.removeAll(keepingCapacity: true)
            }
            group.append(top)
            let number = top.number + 1
            if number < inputs[top.input].keyCount(kind) {
                let key = try inputs[top.input].key(kind, number)
                heap[0] = Head(key: key, input: top.input, number: number)
            } else {
                heap[0] = heap[heap.count - 1]
                heap.removeLast()
            }
            SegmentMerge.sink(&heap)
        }
        guard let key = group.first?.key else { return true }
        return try body(key, group)
    }

    /// Puts the first of a heap where it belongs.
    private static func sink(_ heap: inout [Head]) {
        var place = 0
        while true {
            var child = 2 * place + 1
            guard child < heap.count else { return }
            if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
            guard heap[child] < heap[place] else { return }
            heap.swapAt(place, child)
            place = child
        }
    }

    private func unsorted(_ kind: IndexKind) -> EventLogError {
        EventLogError(.corrupt, "the keys of \(kind) in the segments of the index are not sorted")
    }
}

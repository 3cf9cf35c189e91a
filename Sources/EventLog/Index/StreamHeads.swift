import Glibc

/// A bounded memory of how many events streams have, for the writer: most appends go to streams
/// that it met lately.
///
/// Four places a set; it grows until it has all the places it may have, then a new stream drives out
/// one of its set in turn.
final class StreamHeads {
    /// How many streams are remembered at the most; each takes 24 bytes.
    static let countMax = 2_097_152
    private static let wayCount = 4
    private static let growth = 8

    /// What is known of one stream.
    private struct Head: BitwiseCopyable {
        var stream: IndexKey
        var count: UInt64
    }

    private let capacityMax: Int
    private var capacity: Int
    private var heads: UnsafeMutablePointer<Head>
    /// How many places are taken.
    private var takenCount = 0
    private var nextVictim = 0

    /// - Parameters:
    ///   - capacityMax: how many streams are remembered at the most; a power of two.
    ///   - capacity: for how many there is room at first, so that a small log needs little memory
    ///     and the processor's cache holds it; a power of two.
    init(capacityMax: Int = StreamHeads.countMax, capacity: Int = 32_768) {
        self.capacityMax = max(capacityMax, StreamHeads.wayCount)
        self.capacity = min(max(capacity, StreamHeads.wayCount), self.capacityMax)
        heads = StreamHeads.zeroed(self.capacity)
    }

    deinit { free(heads) }

    /// Memory of zeros, which takes no room before it is used.
    private static func zeroed(_ count: Int) -> UnsafeMutablePointer<Head> {
        guard let memory = calloc(count, MemoryLayout<Head>.stride) else {
            fatalError("no memory for the heads of \(count) streams")
        }
        return memory.bindMemory(to: Head.self, capacity: count)
    }

    /// How many events a stream has; nil if that is not remembered.
    func count(of stream: IndexKey) -> UInt64? {
        let set = set(of: stream)
        for way in 0..<StreamHeads.wayCount where set[way].stream == stream {
            return set[way].count
        }
        return nil
    }

    /// Remembers how many events a stream has.
    func note(_ stream: IndexKey, count: UInt64) {
        let set = set(of: stream)
        var place: Int?
        for way in 0..<StreamHeads.wayCount {
            if set[way].stream == stream {
                set[way].count = count
                return
            }
            if set[way].stream.isAbsent, place == nil { place = way }
        }
        if place != nil {
            takenCount += 1
        } else {
            nextVictim = (nextVictim + 1) % StreamHeads.wayCount
        }
        set[place ?? nextVictim] = Head(stream: stream, count: count)
        if takenCount > capacity / 2, capacity < capacityMax { grow() }
    }

    /// Forgets everything.
    func removeAll() {
        memset(heads, 0, capacity * MemoryLayout<Head>.stride)
        takenCount = 0
    }

    private func grow() {
        let (old, oldCapacity) = (heads, capacity)
        capacity = min(capacity * StreamHeads.growth, capacityMax)
        heads = StreamHeads.zeroed(capacity)
        takenCount = 0
        for place in 0..<oldCapacity where !old[place].stream.isAbsent {
            note(old[place].stream, count: old[place].count)
        }
        free(old)
    }

    private func set(of stream: IndexKey) -> UnsafeMutablePointer<Head> {
        let mask = capacity / StreamHeads.wayCount - 1
        return heads + (Int(truncatingIfNeeded: stream.scattered) & mask) * StreamHeads.wayCount
    }
}

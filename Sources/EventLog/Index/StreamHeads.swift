import Glibc

/// A bounded memory of how many events streams have, for the writer: most appends go to streams
/// that it met lately.
///
/// Four places a set; a new stream drives out one of its set in turn.
final class StreamHeads {
    /// How many streams are remembered at the most.
    static let countMax = 262_144
    private static let wayCount = 4
    private static let setMask = countMax / wayCount - 1

    private let keys: UnsafeMutablePointer<IndexKey>
    private let counts: UnsafeMutablePointer<UInt64>
    private var nextVictim = 0

    init() {
        keys = StreamHeads.zeroed(IndexKey.self)
        counts = StreamHeads.zeroed(UInt64.self)
    }

    deinit {
        free(keys)
        free(counts)
    }

    /// Memory of zeros, which takes no room before it is used.
    private static func zeroed<T>(_ type: T.Type) -> UnsafeMutablePointer<T> {
        guard let memory = calloc(countMax, MemoryLayout<T>.stride) else {
            fatalError("no memory for the heads of \(countMax) streams")
        }
        return memory.bindMemory(to: type, capacity: countMax)
    }

    /// How many events a stream has; nil if that is not remembered.
    func count(of stream: IndexKey) -> UInt64? {
        let base = StreamHeads.base(of: stream)
        for way in base..<base + StreamHeads.wayCount where keys[way] == stream {
            return counts[way]
        }
        return nil
    }

    /// Remembers how many events a stream has.
    func note(_ stream: IndexKey, count: UInt64) {
        let base = StreamHeads.base(of: stream)
        var free: Int?
        for way in base..<base + StreamHeads.wayCount {
            if keys[way] == stream {
                counts[way] = count
                return
            }
            if keys[way].isAbsent, free == nil { free = way }
        }
        nextVictim = (nextVictim + 1) % StreamHeads.wayCount
        let way = free ?? base + nextVictim
        keys[way] = stream
        counts[way] = count
    }

    /// Forgets everything.
    func removeAll() {
        memset(keys, 0, StreamHeads.countMax * MemoryLayout<IndexKey>.stride)
    }

    private static func base(of stream: IndexKey) -> Int {
        (Int(truncatingIfNeeded: stream.scattered) & setMask) * wayCount
    }
}

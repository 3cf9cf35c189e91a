import EventModel

/// Compares whole segments of the index with the events of the log, kind by kind.
///
/// Each place of a key gives a number, and their sum over a segment is the same in whatever order
/// they come: so the log is read once, by position, and each segment once, by key.
struct IndexComparison {
    private var segments: ArraySlice<SegmentFile>
    private let hasher: IndexHasher
    private var sums = [UInt64](repeating: 0, count: IndexKind.count)
    /// An event of this segment could not be read, so nothing can be said about it.
    private var isIncomplete = false

    init(_ segments: [SegmentFile], hasher: IndexHasher) {
        self.segments = segments[...]
        self.hasher = hasher
    }

    /// Notes the next event of the log.
    ///
    /// - Parameter record: its stored bytes; nil if they are damaged.
    /// - Returns: what is wrong with the segment that ends here; nil if none ends or all is well.
    mutating func add(
        _ record: UnsafeRawBufferPointer?,
        position: UInt64,
        file: String
    ) -> String? {
        guard let segment = segments.first, position >= segment.first else { return nil }
        if let record {
            do throws(EventLogError) {
                let entry = try RecordScan.read(
                    record,
                    position: position,
                    file: file,
                    hasher: hasher
                ).entry
                for kind in IndexKind.allCases where !(kind.isOptional && entry[kind].isAbsent) {
                    sums[kind.rawValue] &+= IndexComparison.number(entry[kind], position)
                }
            } catch {
                isIncomplete = true
            }
        } else {
            isIncomplete = true
        }
        guard position == segment.last else { return nil }
        segments = segments.dropFirst()
        let (wanted, isComparable) = (sums, !isIncomplete)
        sums = [UInt64](repeating: 0, count: IndexKind.count)
        isIncomplete = false
        return isComparable ? IndexComparison.problem(segment, wanted) : nil
    }

    private static func problem(_ segment: SegmentFile, _ wanted: [UInt64]) -> String? {
        do throws(EventLogError) {
            for kind in IndexKind.allCases {
                var sum: UInt64 = 0
                for keyNumber in 0..<segment.keyCount(kind) {
                    let key = try segment.key(kind, keyNumber)
                    for number in try segment.range(kind, keyNumber) {
                        let position = segment.first + UInt64(try segment.posting(kind, number))
                        sum &+= self.number(key, position)
                    }
                }
                guard sum == wanted[kind.rawValue] else {
                    return "\(segment.path) does not lead to the events of the log by \(kind); "
                        + "remove the index to have it made anew"
                }
            }
            return nil
        } catch {
            return error.message
        }
    }

    private static func number(_ key: IndexKey, _ position: UInt64) -> UInt64 {
        let mixed = (key.spread ^ position &* 0x9E37_79B9_7F4A_7C15) &* 0xBF58_476D_1CE4_E5B9
        return mixed ^ mixed >> 31
    }
}

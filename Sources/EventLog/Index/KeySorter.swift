/// Sorts keys with a number each: spreads them over buckets by their leading bits, then sorts
/// those.
///
/// Hashed keys fall one or two to a bucket; identifiers that come in order are left as they are.
struct KeySorter: ~Copyable {
    struct Item: BitwiseCopyable {
        var key: IndexKey
        var number: UInt32
    }

    private static let bucketBits = 14
    private static let smallCount = 64

    let items: UnsafeMutableBufferPointer<Item>
    private let scratch: UnsafeMutableBufferPointer<Item>
    private let ends: UnsafeMutableBufferPointer<Int32>

    init(capacity: Int) {
        items = .allocate(capacity: capacity)
        scratch = .allocate(capacity: capacity)
        ends = .allocate(capacity: 1 << KeySorter.bucketBits)
    }

    deinit {
        items.deallocate()
        scratch.deallocate()
        ends.deallocate()
    }

    /// Sorts the first items by their keys, which differ.
    borrowing func sort(count: Int) {
        guard count > 1 else { return }
        var least = items[0].key
        var greatest = least
        var isSorted = true
        for index in 1..<count {
            let key = items[index].key
            if key < items[index - 1].key { isSorted = false }
            if key < least { least = key }
            if key > greatest { greatest = key }
        }
        guard !isSorted else { return }
        guard count > KeySorter.smallCount else { return sort(items, 0..<count) }
        let isHigh = least.high != greatest.high
        let range = isHigh ? least.high ^ greatest.high : least.low ^ greatest.low
        let shift = UInt64(max(0, 64 - range.leadingZeroBitCount - KeySorter.bucketBits))
        let mask: UInt64 = 1 << UInt64(KeySorter.bucketBits) - 1
        func bucket(_ item: Item) -> Int {
            Int(truncatingIfNeeded: ((isHigh ? item.key.high : item.key.low) >> shift) & mask)
        }
        ends.update(repeating: 0)
        for index in 0..<count { ends[bucket(items[index])] += 1 }
        var sum: Int32 = 0
        for index in ends.indices {
            let begin = sum
            sum += ends[index]
            ends[index] = begin
        }
        for index in 0..<count {
            let bucket = bucket(items[index])
            scratch[Int(ends[bucket])] = items[index]
            ends[bucket] += 1
        }
        var begin = 0
        for index in ends.indices {
            let end = Int(ends[index])
            if end - begin > 1 { sort(scratch, begin..<end) }
            begin = end
        }
        for index in 0..<count { items[index] = scratch[index] }
    }

    private borrowing func sort(
        _ items: UnsafeMutableBufferPointer<Item>,
        _ range: Range<Int>
    ) {
        guard range.count <= KeySorter.smallCount else {
            var part = UnsafeMutableBufferPointer(rebasing: items[range])
            part.sort { $0.key < $1.key }
            return
        }
        for index in range.dropFirst() {
            let item = items[index]
            var place = index
            while place > range.lowerBound, item.key < items[place - 1].key {
                items[place] = items[place - 1]
                place -= 1
            }
            items[place] = item
        }
    }
}

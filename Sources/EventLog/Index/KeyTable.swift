import Glibc

/// A hash table from keys to small numbers that points into columns instead of holding keys.
///
/// Open addressing with linear probing, at most half full. What was added last can be taken out
/// again, and only that: so nothing added later can have been placed because of it.
struct KeyTable: ~Copyable {
    private let slots: UnsafeMutablePointer<UInt32>
    private let mask: Int

    /// Makes a table for so many keys; memory is used as it fills.
    init(capacity: Int) {
        var slotCount = 16
        while slotCount < capacity * 2 { slotCount *= 2 }
        mask = slotCount - 1
        guard let memory = calloc(slotCount, MemoryLayout<UInt32>.stride) else {
            fatalError("no memory for a table of \(slotCount) keys")
        }
        slots = memory.bindMemory(to: UInt32.self, capacity: slotCount)
    }

    deinit { free(slots) }

    /// The number that was added under a key; nil if there is none.
    @inline(__always)
    borrowing func find(_ key: IndexKey, keyOf: (Int) -> IndexKey) -> Int? {
        var slot = Int(truncatingIfNeeded: key.scattered) & mask
        while slots[slot] != 0 {
            let number = Int(slots[slot]) - 1
            if keyOf(number) == key { return number }
            slot = (slot + 1) & mask
        }
        return nil
    }

    /// Finds a number under a key, or adds one.
    ///
    /// - Returns: the number that was there; nil if this one is new.
    @inline(__always)
    mutating func findOrAdd(_ key: IndexKey, _ new: Int, keyOf: (Int) -> IndexKey) -> Int? {
        var slot = Int(truncatingIfNeeded: key.scattered) & mask
        while slots[slot] != 0 {
            let number = Int(slots[slot]) - 1
            if keyOf(number) == key { return number }
            slot = (slot + 1) & mask
        }
        slots[slot] = UInt32(truncatingIfNeeded: new + 1)
        return nil
    }

    /// Adds a number under a key that may be there already; the older one is found first.
    @inline(__always)
    mutating func add(_ key: IndexKey, _ number: Int) {
        var slot = Int(truncatingIfNeeded: key.scattered) & mask
        while slots[slot] != 0 { slot = (slot + 1) & mask }
        slots[slot] = UInt32(truncatingIfNeeded: number + 1)
    }

    /// Takes out the number that was added last.
    mutating func removeLast(_ key: IndexKey, _ number: Int) {
        var slot = Int(truncatingIfNeeded: key.scattered) & mask
        while slots[slot] != 0 {
            if slots[slot] == UInt32(truncatingIfNeeded: number + 1) {
                slots[slot] = 0
                return
            }
            slot = (slot + 1) & mask
        }
    }

    /// Empties the table.
    mutating func removeAll() { memset(slots, 0, (mask + 1) * MemoryLayout<UInt32>.stride) }
}

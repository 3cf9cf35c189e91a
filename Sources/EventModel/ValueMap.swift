/// What can be the key of a map.
public enum MapKey: Sendable {
    case int(Int64)
    case uint(UInt64)
    case string(String)
    case bool(Bool)
}

/// A map from keys to values whose order is that of deterministic CBOR, whatever the order of insertion.
///
/// Entries are sorted by the bytes of their encoded keys (RFC 8949 section 4.2.1), so encoding needs
/// no sort and iteration is the same on every machine. Keys are unique. Look-up is a binary search.
public struct ValueMap: Sendable, Hashable {
    public typealias Value = EventModel.Value
    /// One key with its value.
    public struct Entry: Sendable, Hashable {
        public var key: MapKey
        public var value: Value

        public init(key: MapKey, value: Value) {
            self.key = key
            self.value = value
        }
    }

    public private(set) var entries: [Entry]

    public init() { entries = [] }

    /// Takes entries whose keys already ascend, as a reader of canonical bytes has checked.
    init(ascending entries: [Entry]) { self.entries = entries }

    /// Makes a map of entries in any order; nil if a key comes twice.
    public init?(unordered entries: [Entry]) {
        let sorted = entries.sorted { $0.key < $1.key }
        for (left, right) in zip(sorted, sorted.dropFirst()) where left.key == right.key {
            return nil
        }
        self.entries = sorted
    }

    /// Makes a map of text keys; a key that comes twice keeps its last value.
    public init(_ members: some Sequence<(String, EventModel.Value)>) {
        self.init()
        for (key, value) in members { self[key] = value }
    }

    public var count: Int { entries.count }
    public var isEmpty: Bool { entries.isEmpty }

    /// The text keys, in the map's order; keys of other types are left out.
    public var stringKeys: [String] {
        entries.compactMap { if case .string(let key) = $0.key { key } else { nil } }
    }

    /// The value of a key.
    ///
    /// Setting nil removes the key; setting `.null` stores a null.
    public subscript(key: MapKey) -> Value? {
        get {
            let index = lowerBound(key)
            guard index < entries.count, entries[index].key == key else { return nil }
            return entries[index].value
        }
        set {
            let index = lowerBound(key)
            let exists = index < entries.count && entries[index].key == key
            switch (exists, newValue) {
            case (true, .some(let value)): entries[index].value = value
            case (true, .none): entries.remove(at: index)
            case (false, .some(let value)): entries.insert(Entry(key: key, value: value), at: index)
            case (false, .none): break
            }
        }
    }

    /// The value of a text key.
    public subscript(key: String) -> Value? {
        get { self[.string(key)] }
        set { self[.string(key)] = newValue }
    }

    /// This map with the other's members put over it.
    public func merging(_ other: ValueMap) -> ValueMap {
        var result = self
        for entry in other.entries { result[entry.key] = entry.value }
        return result
    }

    private func lowerBound(_ key: MapKey) -> Int {
        // Maps are mostly built in ascending order, so the end is looked at first.
        guard let last = entries.last, !(last.key < key) else { return entries.count }
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].key < key { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension MapKey: Hashable, Comparable {
    public static func == (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.int(let left), .int(let right)): left == right
        case (.uint(let left), .uint(let right)): left == right
        case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
        case (.bool(let left), .bool(let right)): left == right
        case (.int, _), (.uint, _), (.string, _), (.bool, _): false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .int(let value): hasher.combine(value)
        case .uint(let value): hasher.combine(value)
        case .string(let value): for byte in value.utf8 { hasher.combine(byte) }
        case .bool(let value): hasher.combine(value)
        }
    }

    /// The order of the encoded keys (see ``Value/canonicalBytes``).
    ///
    /// Non-negative numbers, negative ones, texts (shorter first), uints up to `Int64.max` because they
    /// stand under a tag, booleans.
    public static func < (left: Self, right: Self) -> Bool {
        let (leftRank, rightRank) = (left.rank, right.rank)
        guard leftRank == rightRank else { return leftRank < rightRank }
        switch (left, right) {
        case (.string(let left), .string(let right)):
            let (leftCount, rightCount) = (left.utf8.count, right.utf8.count)
            guard leftCount == rightCount else { return leftCount < rightCount }
            return left.utf8.lexicographicallyPrecedes(right.utf8)
        case (.bool(let left), .bool(let right)):
            return !left && right
        case (.int(let left), .int(let right)):
            return left < 0 ? left > right : left < right
        case (.uint(let left), .uint(let right)):
            return left < right
        case (.int, .uint):
            // The same rank only if the uint is above every int.
            return true
        case (.int, _), (.uint, _), (.string, _), (.bool, _):
            return false
        }
    }

    private var rank: Int {
        switch self {
        case .uint(let value): value > UInt64(Int64.max) ? 0 : 3
        case .int(let value): value >= 0 ? 0 : 1
        case .string: 2
        case .bool: 4
        }
    }
}

extension ValueMap: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, Value)...) {
        self.init(elements.map { ($0.0, $0.1) })
    }
}

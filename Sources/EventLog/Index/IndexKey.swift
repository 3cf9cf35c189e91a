import EventModel

/// What an index is sorted by: an identifier as it is, or the hash of a text.
struct IndexKey: Sendable, Hashable, Comparable, BitwiseCopyable {
    var high: UInt64
    var low: UInt64

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    init(_ id: EventID) { self.init(high: id.high, low: id.low) }

    /// Stands for a field that an event does not have.
    static let absent = IndexKey(high: 0, low: 0)

    var isAbsent: Bool { high | low == 0 }

    static func < (left: IndexKey, right: IndexKey) -> Bool {
        left.high != right.high ? left.high < right.high : left.low < right.low
    }

    /// Evenly spread bits that are the same in every process, for the filters in files.
    ///
    /// The two numbers are odd and have no pattern: the fractional bits of the golden ratio and of
    /// the square root of two.
    var spread: UInt64 {
        let product = (low ^ 0x9E37_79B9_7F4A_7C15)
            .multipliedFullWidth(by: high ^ 0x6A09_E667_F3BC_C909)
        return product.high ^ product.low
    }

    /// Evenly spread bits that nobody outside this process can foresee, for tables in memory.
    var scattered: UInt64 {
        let product = (low ^ IndexKey.salt.0).multipliedFullWidth(by: high ^ IndexKey.salt.1)
        return product.high ^ product.low
    }

    private static let salt = (UInt64.random(in: 1 ... .max), UInt64.random(in: 1 ... .max))
}

/// What the index can find events by.
enum IndexKind: Int, CaseIterable, Sendable {
    case id
    case stream
    case type
    case entity
    case actor
    case correlation
    case record
    case category

    static let count = 8

    /// Whether an event may have no such key; it is then not in this index.
    var isOptional: Bool {
        switch self {
        case .entity, .record: true
        case .id, .stream, .type, .actor, .correlation, .category: false
        }
    }

    /// Whether there are so many keys that most are in few segments, which makes a filter worth its
    /// bytes.
    var hasBloomFilter: Bool {
        switch self {
        case .id, .stream, .correlation, .record: true
        case .type, .entity, .actor, .category: false
        }
    }
}

/// All the keys of one event.
struct IndexEntry: Sendable {
    private var keys: InlineArray<8, IndexKey>

    init() { keys = InlineArray(repeating: .absent) }

    /// The key of the kind with this number.
    func key(at number: Int) -> IndexKey { keys[number] }

    subscript(kind: IndexKind) -> IndexKey {
        get { keys[kind.rawValue] }
        set { keys[kind.rawValue] = newValue }
    }
}

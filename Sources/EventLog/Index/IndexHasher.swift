import EventModel
import Glibc

/// Makes the keys of events; whoever appends does it before the writer's turn.
///
/// A value of its own for every caller: it remembers the last stream, since the events of one append
/// mostly share it.
struct IndexHasher: Sendable {
    let hash: SipHash
    private var stream = ""
    /// The key of the remembered stream.
    private(set) var streamKey = IndexKey.absent
    private var category: [UInt8] = []
    private var categoryKey = IndexKey.absent
    private var isRecord = false
    private var recordKey = IndexKey.absent

    init(secret: (UInt64, UInt64)) { hash = SipHash(secret: secret) }

    /// The key of a text.
    func key(_ text: borrowing String) -> IndexKey {
        let found = text.utf8.withContiguousStorageIfAvailable { utf8 in
            key(UnsafeRawBufferPointer(utf8))
        }
        if let found { return found }
        return Array(text.utf8).withUnsafeBytes { key($0) }
    }

    /// The key of the UTF-8 of a text.
    func key(_ bytes: UnsafeRawBufferPointer) -> IndexKey {
        let (high, low) = hash.hash(bytes)
        return IndexKey(high: high, low: low)
    }

    /// The keys of an event that is about to be appended to the remembered stream.
    func entry(of event: borrowing ProposedEvent) -> IndexEntry {
        var entry = IndexEntry()
        entry[.id] = IndexKey(event.id)
        entry[.correlation] = IndexKey(event.correlation ?? event.id)
        entry[.type] = key(event.type)
        entry[.actor] = key(event.actor)
        switch event.entity {
        case .some(let entity): entry[.entity] = key(entity)
        case .none: break
        }
        entry[.stream] = streamKey
        entry[.category] = categoryKey
        entry[.record] = recordKey
        if recordKey.isAbsent, !event.metadata.isEmpty,
            case .string(let record)? = event.metadata[EventFilter.recordMember]
        {
            entry[.record] = key(record)
        }
        return entry
    }

    /// Hashes a stream's name and its parts, unless it is the one of last time.
    mutating func remember(_ name: StreamName) {
        guard !IndexHasher.isSame(stream, name.text) else { return }
        stream = name.text
        var text = name.text
        text.withUTF8 { utf8 in
            let bytes = UnsafeRawBufferPointer(utf8)
            streamKey = key(bytes)
            let end = utf8.firstIndex(of: UInt8(ascii: "/")) ?? utf8.count
            let newCategory = UnsafeRawBufferPointer(rebasing: bytes[..<end])
            if !category.elementsEqual(newCategory) {
                category = Array(newCategory)
                categoryKey = key(newCategory)
                isRecord = category.elementsEqual(EventFilter.recordCategory.utf8)
            }
            recordKey =
                isRecord ? key(UnsafeRawBufferPointer(rebasing: bytes[(end + 1)...])) : .absent
        }
    }

    /// Whether two texts have the same bytes: canonically equal ones can have different keys.
    private static func isSame(_ left: String, _ right: String) -> Bool {
        let isSame = left.utf8.withContiguousStorageIfAvailable { left in
            right.utf8.withContiguousStorageIfAvailable { right in
                guard left.count == right.count else { return false }
                guard let first = left.baseAddress, let second = right.baseAddress else {
                    return left.isEmpty
                }
                return memcmp(first, second, left.count) == 0
            }
        }
        return (isSame ?? nil) ?? left.utf8.elementsEqual(right.utf8)
    }
}

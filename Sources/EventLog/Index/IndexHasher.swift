import EventModel
import Glibc

/// Makes the keys of events; whoever appends does it before the writer's turn.
///
/// A value of its own for every caller: it remembers the last text of each kind, since the events
/// of one append mostly share them.
struct IndexHasher: Sendable {
    let hash: SipHash
    private var memory: InlineArray<8, (text: String, key: IndexKey)>

    init(secret: (UInt64, UInt64)) {
        hash = SipHash(secret: secret)
        memory = InlineArray(repeating: ("", .absent))
    }

    /// The key of a text.
    func key(_ text: String) -> IndexKey {
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

    /// The keys of all events that are about to be appended, in their order.
    func entries(of writes: [StreamWrite]) -> [IndexEntry] {
        var hasher = self
        var entries: [IndexEntry] = []
        entries.reserveCapacity(writes.reduce(0) { $0 + $1.events.count })
        for write in writes {
            for event in write.events {
                entries.append(hasher.entry(of: event, stream: write.stream))
            }
        }
        return entries
    }

    /// What the writer has to know of the writes whose events have these keys.
    func shapes(of writes: [StreamWrite], entries: [IndexEntry]) -> [WriteShape] {
        var shapes: [WriteShape] = []
        shapes.reserveCapacity(writes.count)
        var next = 0
        for write in writes {
            let count = write.events.count
            let stream = count > 0 ? entries[next][.stream] : key(write.stream.text)
            shapes.append(
                WriteShape(stream: stream, expected: write.expected, eventCount: count)
            )
            next += count
        }
        return shapes
    }

    /// The keys of an event that is about to be appended.
    mutating func entry(of event: ProposedEvent, stream: StreamName) -> IndexEntry {
        var entry = IndexEntry()
        entry[.id] = IndexKey(event.id)
        entry[.correlation] = IndexKey(event.correlation ?? event.id)
        entry[.type] = remembered(event.type, .type)
        entry[.actor] = remembered(event.actor, .actor)
        if let entity = event.entity { entry[.entity] = remembered(entity, .entity) }
        remember(stream)
        entry[.stream] = memory[IndexKind.stream.rawValue].key
        entry[.category] = memory[IndexKind.category.rawValue].key
        entry[.record] = memory[IndexKind.record.rawValue].key
        if entry[.record].isAbsent,
            case .string(let record)? = event.metadata[EventFilter.recordMember]
        {
            entry[.record] = key(record)
        }
        return entry
    }

    /// Hashes a stream's name and its parts, unless it is the one of last time.
    private mutating func remember(_ stream: StreamName) {
        guard !IndexHasher.isSame(memory[IndexKind.stream.rawValue].text, stream.text) else {
            return
        }
        _ = remembered(stream.text, .stream)
        if !IndexHasher.isSame(memory[IndexKind.category.rawValue].text, stream.category) {
            _ = remembered(stream.category, .category)
        }
        let isRecord = memory[IndexKind.category.rawValue].text == EventFilter.recordCategory
        memory[IndexKind.record.rawValue].key = isRecord ? key(stream.identifier) : .absent
    }

    /// The key of a text, hashed only if it is another one than last time.
    private mutating func remembered(_ text: String, _ kind: IndexKind) -> IndexKey {
        if !text.isEmpty, IndexHasher.isSame(memory[kind.rawValue].text, text) {
            return memory[kind.rawValue].key
        }
        let key = key(text)
        memory[kind.rawValue] = (text, key)
        return key
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

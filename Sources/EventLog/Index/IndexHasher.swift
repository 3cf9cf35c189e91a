import EventModel

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

    /// The keys of an event that is about to be appended.
    mutating func entry(of event: ProposedEvent, stream: StreamName) -> IndexEntry {
        var entry = IndexEntry()
        entry[.id] = IndexKey(event.id)
        entry[.correlation] = IndexKey(event.correlation ?? event.id)
        entry[.type] = remembered(event.type, .type)
        entry[.actor] = remembered(event.actor, .actor)
        if let entity = event.entity { entry[.entity] = remembered(entity, .entity) }
        if memory[IndexKind.stream.rawValue].text != stream.text {
            _ = remembered(stream.category, .category)
        }
        entry[.stream] = remembered(stream.text, .stream)
        entry[.category] = memory[IndexKind.category.rawValue].key
        if memory[IndexKind.category.rawValue].text == EventFilter.recordCategory {
            entry[.record] = remembered(stream.identifier, .record)
        } else if case .string(let record)? = event.metadata[EventFilter.recordMember] {
            entry[.record] = remembered(record, .record)
        }
        return entry
    }

    /// The key of a text, hashed only if it is another one than last time.
    private mutating func remembered(_ text: String, _ kind: IndexKind) -> IndexKey {
        // Compared by bytes: canonically equal texts have different keys.
        if memory[kind.rawValue].text.utf8.elementsEqual(text.utf8), !text.isEmpty {
            return memory[kind.rawValue].key
        }
        let key = key(text)
        memory[kind.rawValue] = (text, key)
        return key
    }
}

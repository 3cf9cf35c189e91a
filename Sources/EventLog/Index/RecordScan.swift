import EventModel

/// Takes out of a stored record what the index keeps of it, without making texts of its bytes.
///
/// Only steps over CBOR; the checksum of the record says that it is what was written. See
/// ``EventModel/EventRecord`` for the members.
struct RecordScan {
    /// The keys and the revision of a record.
    struct Result {
        var entry: IndexEntry
        var revision: Revision
    }

    private let bytes: UnsafeRawBufferPointer
    private var offset: Int
    private let position: UInt64
    private let file: String

    /// Reads a record and checks its checksum.
    ///
    /// - Throws: ``EventLogError`` if the record is damaged or of a newer format.
    static func read(
        _ bytes: UnsafeRawBufferPointer,
        position: UInt64,
        file: String,
        hasher: borrowing IndexHasher
    ) throws(EventLogError) -> Result {
        do throws(EventRecordError) {
            try EventRecord.check(bytes)
        } catch {
            // The full reader says what is wrong in its own words.
            _ = try RecordCodec.decodeHeader(bytes, position: position, file: file)
        }
        var scan = RecordScan(bytes, position: position, file: file)
        return try scan.result(hasher)
    }

    private init(_ bytes: UnsafeRawBufferPointer, position: UInt64, file: String) {
        self.bytes = bytes
        self.position = position
        self.file = file
        offset = EventRecord.frameByteCount
    }

    private mutating func result(
        _ hasher: borrowing IndexHasher
    ) throws(EventLogError) -> Result {
        try expect(.array, 13)
        let format = try head(.unsigned)
        guard format == EventRecord.format else {
            _ = try RecordCodec.decodeHeader(bytes, position: position, file: file)
            throw damaged()
        }
        var entry = IndexEntry()
        entry[.id] = try identifier()
        let stream = try string(.text)
        entry[.stream] = hasher.key(stream)
        let slash = stream.firstIndex(of: UInt8(ascii: "/")) ?? stream.endIndex
        let category = UnsafeRawBufferPointer(rebasing: stream[..<slash])
        entry[.category] = hasher.key(category)
        let revision = try head(.unsigned)
        entry[.type] = hasher.key(try string(.text))
        _ = try head(.unsigned)
        try skip()
        if !isNull() { entry[.entity] = hasher.key(try string(.text)) }
        entry[.actor] = hasher.key(try string(.text))
        entry[.correlation] = try identifier()
        if category.elementsEqual(EventFilter.recordCategory.utf8) {
            let record = UnsafeRawBufferPointer(rebasing: stream[slash...].dropFirst())
            entry[.record] = hasher.key(record)
        } else {
            try skip()
            try skip()
            if let record = try recordMember() { entry[.record] = hasher.key(record) }
        }
        return Result(entry: entry, revision: revision)
    }

    /// The text under `record` in the metadata, which comes next; nil if there is none.
    private mutating func recordMember() throws(EventLogError) -> UnsafeRawBufferPointer? {
        var count = try head(.map)
        while count > 0 {
            count -= 1
            let name = try string(.text)
            guard name.elementsEqual(EventFilter.recordMember.utf8) else {
                try skip()
                continue
            }
            guard offset < bytes.count, bytes[offset] >> 5 == Major.text.rawValue else {
                return nil
            }
            return try string(.text)
        }
        return nil
    }

    // MARK: CBOR, RFC 8949

    private enum Major: UInt8 {
        case unsigned = 0
        case bytes = 2
        case text = 3
        case array = 4
        case map = 5
    }

    private mutating func head() throws(EventLogError) -> (major: UInt8, argument: UInt64) {
        guard offset < bytes.count else { throw damaged() }
        let first = bytes[offset]
        offset += 1
        let information = first & 0x1F
        guard information >= 24 else { return (first >> 5, UInt64(information)) }
        guard information <= 27 else { throw damaged() }
        let count = 1 << (information - 24)
        guard bytes.count - offset >= count else { throw damaged() }
        var argument: UInt64 = 0
        for _ in 0..<count {
            argument = argument << 8 | UInt64(bytes[offset])
            offset += 1
        }
        return (first >> 5, argument)
    }

    private mutating func head(_ major: Major) throws(EventLogError) -> UInt64 {
        let head = try head()
        guard head.major == major.rawValue else { throw damaged() }
        return head.argument
    }

    private mutating func expect(_ major: Major, _ argument: UInt64) throws(EventLogError) {
        guard try head(major) == argument else { throw damaged() }
    }

    private mutating func string(_ major: Major) throws(EventLogError) -> UnsafeRawBufferPointer {
        let count = try head(major)
        guard count <= UInt64(bytes.count - offset) else { throw damaged() }
        let end = offset + Int(count)
        defer { offset = end }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<end])
    }

    private mutating func identifier() throws(EventLogError) -> IndexKey {
        let text = try string(.bytes)
        guard text.count == 16 else { throw damaged() }
        return IndexKey(
            high: UInt64(bigEndian: text.loadUnaligned(as: UInt64.self)),
            low: UInt64(bigEndian: text.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        )
    }

    private mutating func isNull() -> Bool {
        guard offset < bytes.count, bytes[offset] == 0xF6 else { return false }
        offset += 1
        return true
    }

    /// Steps over one item with everything in it.
    private mutating func skip() throws(EventLogError) {
        var itemCount: UInt64 = 1
        while itemCount > 0 {
            itemCount -= 1
            let (major, argument) = try head()
            let left = UInt64(bytes.count - offset)
            switch major {
            case 2, 3:
                guard argument <= left else { throw damaged() }
                offset += Int(argument)
            case 4, 5:
                // Every item takes a byte, which keeps the sum small.
                guard argument <= left, itemCount <= left else { throw damaged() }
                itemCount += major == 4 ? argument : 2 * argument
            case 6:
                itemCount += 1
            case _:
                continue
            }
        }
    }

    private func damaged() -> EventLogError {
        EventLogError(
            .corrupt,
            "event \(position) in \(file) is damaged: its members are not those of an event; "
                + "restore it from a backup"
        )
    }
}

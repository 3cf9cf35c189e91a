extension EventRecord {
    /// A record that is read where it lies: numbers at once, texts and data when they are asked for.
    ///
    /// It borrows its bytes, so it must not outlive the closure that it is handed to; since it cannot
    /// be copied, it does not by accident. To keep something, ask for ``header()`` or ``event()``.
    ///
    /// Checked when it is made: that the frame's length is that of the bytes; the checksum, unless
    /// that was done a moment ago; that the body is an array of 13 of the known format; that each
    /// member before the data has its type, the shortest head, and ends inside the body; that no text
    /// is empty or longer than 255 bytes; that the schema is 1 to 2^32-1; that two bytes or more are
    /// left for data and metadata. Not checked then: that the texts are UTF-8 and keep the rules of
    /// ``Envelope`` and ``StreamName``, which ``header()`` and ``event()`` do, and that data and
    /// metadata are in their canonical form with nothing after them, which ``event()`` does. Bytes
    /// that hold their checksum break those only if whoever wrote them was not ``EventRecord``.
    public struct View: ~Copyable {
        /// The key under which the record lies.
        public let position: Position
        /// The event's identity.
        public let id: EventID
        /// Its place in the stream.
        public let revision: Revision
        /// The version of the type's schema.
        public let schema: UInt32
        /// When the log took it, in microseconds since 1970.
        public let recordedAtMicroseconds: Int64
        /// The event that began the story.
        public let correlation: EventID
        /// The event that led directly to this one.
        public let causation: EventID?
        /// The whole record, frame included.
        public let bytes: UnsafeRawBufferPointer
        private let stream: Text
        private let type: Text
        private let entity: Text
        private let actor: Text
        /// Where the data begins, in bytes from the start of the record.
        public let dataOffset: Int

        /// Where a text's bytes lie in the record; none has no bytes.
        fileprivate struct Text {
            var start: Int
            var count: Int
        }

        /// Looks at a record.
        ///
        /// - Parameters:
        ///   - position: the key under which the record lies.
        ///   - bytes: the record, no byte more or less.
        ///   - isChecksumChecked: false where the same bytes were checked a moment ago.
        /// - Throws: ``EventRecordError`` that says what is wrong with the bytes.
        public init(
            position: Position,
            bytes: UnsafeRawBufferPointer,
            isChecksumChecked: Bool = true
        ) throws(EventRecordError) {
            let body = try EventRecord.body(bytes, isChecksumChecked: isChecksumChecked)
            var scan = HeaderScan(body)
            scan.opening()
            let id = scan.identifier()
            let stream = scan.text()
            let revision = scan.unsigned()
            let type = scan.text()
            let schema = scan.unsigned()
            let recordedAt = scan.signed()
            let entity = scan.isNull() ? Text(start: 0, count: 0) : scan.text()
            let actor = scan.text()
            let correlation = scan.identifier()
            let causation = scan.isNull() ? nil : scan.identifier()
            guard scan.isGood, scan.isRoomLeft(2), schema >= 1, schema <= UInt64(UInt32.max) else {
                throw EventRecord.reason(position: position, body: body)
            }
            self.position = position
            self.bytes = bytes
            self.id = id
            self.stream = stream
            self.revision = revision
            self.type = type
            self.schema = UInt32(truncatingIfNeeded: schema)
            recordedAtMicroseconds = recordedAt
            self.entity = entity
            self.actor = actor
            self.correlation = correlation
            self.causation = causation
            dataOffset = frameByteCount &+ scan.offset
        }

        /// When the log took it.
        public var recordedAt: Timestamp { Timestamp(microseconds: recordedAtMicroseconds) }

        /// The bytes of the stream's name, category and slash included.
        public var streamBytes: UnsafeRawBufferPointer { slice(stream) }

        /// The bytes of the stream's category, which ends before the first slash.
        public var categoryBytes: UnsafeRawBufferPointer {
            let name = streamBytes
            var count = 0
            while count < name.count, name[count] != UInt8(ascii: "/") { count &+= 1 }
            return UnsafeRawBufferPointer(rebasing: name[..<count])
        }

        /// The bytes of the type.
        public var typeBytes: UnsafeRawBufferPointer { slice(type) }

        /// The bytes of the entity; nil if the event has none.
        public var entityBytes: UnsafeRawBufferPointer? { entity.count == 0 ? nil : slice(entity) }

        /// The bytes of the actor.
        public var actorBytes: UnsafeRawBufferPointer { slice(actor) }

        /// The bytes of data and metadata, one after the other, up to the end of the record.
        public var payloadBytes: UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(rebasing: bytes[dataOffset...])
        }

        private func slice(_ text: Text) -> UnsafeRawBufferPointer {
            let start = frameByteCount &+ text.start
            return UnsafeRawBufferPointer(rebasing: bytes[start..<start &+ text.count])
        }
    }
}

// What costs a String or more.
extension EventRecord.View {
    /// Everything of the record but data and metadata, fully checked.
    ///
    /// - Throws: ``EventRecordError`` if a text is not UTF-8 or breaks its rule.
    public func header() throws(EventRecordError) -> EventRecord.Header {
        try EventRecord.header(position: position, body: body)
    }

    /// The whole event, fully checked but for the checksum, which was.
    ///
    /// - Throws: ``EventRecordError`` if the record is not in its canonical form.
    public func event() throws(EventRecordError) -> Event {
        try EventRecord.decode(position: position, bytes: bytes, isChecksumChecked: false)
    }

    /// The stream's name.
    ///
    /// - Throws: ``EventRecordError`` if it is none.
    public func streamName() throws(EventRecordError) -> StreamName {
        do throws(StreamNameError) {
            return try StreamName(String(decoding: streamBytes, as: UTF8.self))
        } catch {
            throw EventRecordError(.encoding, error.description)
        }
    }

    /// The type as a text; bytes that are not UTF-8 are replaced.
    public var typeText: String { String(decoding: typeBytes, as: UTF8.self) }

    /// The data.
    ///
    /// - Throws: ``EventRecordError`` if it is not in its canonical form.
    public func data() throws(EventRecordError) -> Value {
        do throws(CBORError) {
            var reader = CBORReader(payloadBytes, isStrict: true)
            return try reader.value(depth: 0)
        } catch {
            throw EventRecordError(.encoding, "the data is not in its canonical form: \(error)")
        }
    }

    /// The metadata; the data before it is only passed over.
    ///
    /// - Throws: ``EventRecordError`` if it is not in its canonical form.
    public func metadata() throws(EventRecordError) -> ValueMap {
        do throws(CBORError) {
            var reader = CBORReader(payloadBytes, isStrict: true)
            try reader.skip()
            let metadata = try reader.metadata()
            try reader.finish()
            return metadata
        } catch {
            throw EventRecordError(.encoding, "the metadata is not in its canonical form: \(error)")
        }
    }

    private var body: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[EventRecord.frameByteCount...])
    }
}

extension EventRecord {
    /// Says what a quick look found wrong, by a slow one.
    fileprivate static func reason(
        position: Position,
        body: UnsafeRawBufferPointer
    ) -> EventRecordError {
        do throws(EventRecordError) {
            _ = try header(position: position, body: body)
            return EventRecordError(.encoding, "data and metadata are missing from the record")
        } catch {
            return error
        }
    }
}

/// Walks over the members before the data; after the first mistake it stands still and is not good.
private struct HeaderScan {
    private let bytes: UnsafeRawBufferPointer
    private(set) var offset = 0
    private(set) var isGood = true

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    func isRoomLeft(_ count: Int) -> Bool { bytes.count &- offset >= count }

    /// The head of the array and the format.
    @inline(__always)
    mutating func opening() {
        guard isRoomLeft(2), bytes[0] == 0x80 | UInt8(EventRecord.memberCount),
            bytes[1] == UInt8(EventRecord.format)
        else { return fail() }
        offset = 2
    }

    @inline(__always)
    mutating func identifier() -> Identifier {
        guard isRoomLeft(17), bytes[offset] == 0x50 else {
            fail()
            return Identifier(high: 0, low: 0)
        }
        let high = bytes.loadUnaligned(fromByteOffset: offset &+ 1, as: UInt64.self)
        let low = bytes.loadUnaligned(fromByteOffset: offset &+ 9, as: UInt64.self)
        offset &+= 17
        return Identifier(high: UInt64(bigEndian: high), low: UInt64(bigEndian: low))
    }

    /// A text of 1 to 255 bytes.
    @inline(__always)
    mutating func text() -> EventRecord.View.Text {
        guard isRoomLeft(2) else { return noText() }
        let head = bytes[offset]
        var count = Int(head &- 0x60)
        var start = offset &+ 1
        if head == 0x78 {
            count = Int(bytes[start])
            start &+= 1
            guard count >= 24 else { return noText() }
        } else {
            guard count >= 1, count < 24 else { return noText() }
        }
        guard bytes.count &- start >= count else { return noText() }
        offset = start &+ count
        return EventRecord.View.Text(start: start, count: count)
    }

    @inline(__always)
    mutating func unsigned() -> UInt64 {
        guard isRoomLeft(1), bytes[offset] < 0x18 else { return longArgument(major: 0) }
        let value = UInt64(bytes[offset])
        offset &+= 1
        return value
    }

    @inline(__always)
    mutating func signed() -> Int64 {
        guard isRoomLeft(1) else {
            fail()
            return 0
        }
        let major = bytes[offset] >> 5
        let argument = longArgument(major: major)
        guard major < 2, argument <= UInt64(Int64.max) else {
            fail()
            return 0
        }
        return major == 0 ? Int64(argument) : -1 &- Int64(argument)
    }

    @inline(__always)
    mutating func isNull() -> Bool {
        guard isRoomLeft(1), bytes[offset] == 0xF6 else { return false }
        offset &+= 1
        return true
    }

    /// The argument of a head of a major type, which must be written as short as can be.
    private mutating func longArgument(major: UInt8) -> UInt64 {
        guard isRoomLeft(1), bytes[offset] >> 5 == major else { return failNumber() }
        let information = bytes[offset] & 0x1F
        guard information >= 24 else {
            offset &+= 1
            return UInt64(information)
        }
        let byteCount = 1 << (Int(information) &- 24)
        guard information <= 27, isRoomLeft(1 &+ byteCount) else { return failNumber() }
        var value: UInt64 = 0
        for index in 1...byteCount { value = value &<< 8 | UInt64(bytes[offset &+ index]) }
        let leastValue: UInt64 = byteCount == 1 ? 24 : 1 &<< UInt64(byteCount &* 4)
        guard value >= leastValue else { return failNumber() }
        offset &+= 1 &+ byteCount
        return value
    }

    private mutating func failNumber() -> UInt64 {
        fail()
        return 0
    }

    private mutating func noText() -> EventRecord.View.Text {
        fail()
        return EventRecord.View.Text(start: 0, count: 0)
    }

    /// From here on nothing is read any more.
    private mutating func fail() {
        isGood = false
        offset = bytes.count
    }
}

extension CBORReader {
    /// Passes over one item with everything in it, by its heads alone.
    fileprivate mutating func skip() throws(CBORError) {
        var pendingCount: UInt64 = 1
        while pendingCount > 0 {
            pendingCount &-= 1
            let head = try head()
            switch head.major {
            case .unsigned, .negative, .simple: break
            case .bytes, .text: _ = try content(head)
            // Counts are at most the bytes that are left, so the sum cannot overflow.
            case .array: pendingCount &+= UInt64(try count(head))
            case .map: pendingCount &+= UInt64(try count(head)) &* 2
            case .tag: pendingCount &+= 1
            }
        }
    }
}

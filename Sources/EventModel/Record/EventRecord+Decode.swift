extension EventRecord {
    /// Everything of a record but its data and metadata.
    public struct Header: Sendable, Hashable {
        /// The key under which the record lies.
        public var position: Position
        /// The event's identity.
        public var id: EventID
        /// The stream that it is in.
        public var stream: StreamName
        /// Its place in the stream.
        public var revision: Revision
        /// What happened.
        public var type: String
        /// The version of the type's schema.
        public var schema: UInt32
        /// When the log took it.
        public var recordedAt: Timestamp
        /// The business entity it belongs to.
        public var entity: String?
        /// Who did it.
        public var actor: String
        /// The event that began the story.
        public var correlation: EventID
        /// The event that led directly to this one.
        public var causation: EventID?
        /// Where the data begins, in bytes from the start of the record.
        public var dataOffset: Int
    }

    /// Reads a whole record.
    ///
    /// - Parameters:
    ///   - position: the key under which the record lies.
    ///   - bytes: the record, no byte more or less; they are not kept.
    ///   - isChecksumChecked: false where the same bytes were checked a moment ago.
    /// - Throws: ``EventRecordError`` that says what is wrong with the bytes.
    public static func decode(
        position: Position,
        bytes: UnsafeRawBufferPointer,
        isChecksumChecked: Bool = true
    ) throws(EventRecordError) -> Event {
        let body = try body(bytes, isChecksumChecked: isChecksumChecked)
        var reader = CBORReader(body, isStrict: true)
        let header = try readHeader(position: position, &reader)
        do throws(CBORError) {
            let data = try reader.value(depth: 0)
            let metadata = try reader.metadata()
            try reader.finish()
            return Event(header, data: data, metadata: metadata)
        } catch {
            throw encodingError(error)
        }
    }

    /// Reads a whole record out of an array.
    ///
    /// - Parameters:
    ///   - position: the key under which the record lies.
    ///   - bytes: the record, no byte more or less.
    /// - Throws: ``EventRecordError`` that says what is wrong with the bytes.
    public static func decode(
        position: Position,
        bytes: [UInt8]
    ) throws(EventRecordError) -> Event {
        let result = bytes.withUnsafeBytes { buffer -> Result<Event, EventRecordError> in
            do throws(EventRecordError) {
                return .success(try decode(position: position, bytes: buffer))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Reads everything but data and metadata, for a filter or an index.
    ///
    /// - Parameters:
    ///   - position: the key under which the record lies.
    ///   - bytes: the record, no byte more or less; they are not kept.
    /// - Throws: ``EventRecordError`` that says what is wrong with the bytes.
    public static func decodeHeader(
        position: Position,
        bytes: UnsafeRawBufferPointer
    ) throws(EventRecordError) -> Header {
        try header(position: position, body: try body(bytes))
    }

    static func header(
        position: Position,
        body: UnsafeRawBufferPointer
    ) throws(EventRecordError) -> Header {
        var reader = CBORReader(body, isStrict: true)
        return try readHeader(position: position, &reader)
    }

    /// Checks length and checksum of a record without reading it.
    ///
    /// - Parameter bytes: the record, no byte more or less; they are not kept.
    /// - Throws: ``EventRecordError`` that says which of the two is wrong.
    public static func check(_ bytes: UnsafeRawBufferPointer) throws(EventRecordError) {
        _ = try body(bytes)
    }

    static func body(
        _ bytes: UnsafeRawBufferPointer,
        isChecksumChecked: Bool = true
    ) throws(EventRecordError) -> UnsafeRawBufferPointer {
        guard bytes.count >= frameByteCount else {
            let message = "the record has \(bytes.count) bytes, its frame alone has 8"
            throw EventRecordError(.length, message)
        }
        let length = UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self))
        guard bytes.count - frameByteCount == Int(length) else {
            let message =
                "the frame says \(length) bytes, \(bytes.count - frameByteCount) are there"
            throw EventRecordError(.length, message)
        }
        let body = UnsafeRawBufferPointer(rebasing: bytes[frameByteCount...])
        guard isChecksumChecked else { return body }
        let wanted = UInt32(
            littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self)
        )
        let found = CRC32C.checksum(body)
        guard wanted == found else {
            let message =
                "the checksum is \(found), the frame says \(wanted): the bytes have changed"
            throw EventRecordError(.checksum, message)
        }
        return body
    }

    private static func readHeader(
        position: Position,
        _ reader: inout CBORReader
    ) throws(EventRecordError) -> Header {
        let header: Header
        do throws(CBORError) {
            try reader.expect(.array, memberCount, "an array of \(memberCount)")
            let format = try reader.unsigned("the format")
            guard format == EventRecord.format else { throw CBORError.unknownFormat(format) }
            header = Header(
                position: position,
                id: try reader.identifier("the id"),
                stream: try reader.stream(),
                revision: try reader.unsigned("the revision"),
                type: try reader.text("the type"),
                schema: try reader.schema(),
                recordedAt: try reader.recordedAt(),
                entity: reader.isNull() ? nil : try reader.text("the entity"),
                actor: try reader.text("the actor"),
                correlation: try reader.identifier("the correlation"),
                causation: reader.isNull() ? nil : try reader.identifier("the causation"),
                dataOffset: reader.offset + frameByteCount
            )
        } catch {
            throw encodingError(error)
        }
        try Envelope.check(
            type: header.type,
            schema: header.schema,
            entity: header.entity,
            actor: header.actor
        )
        return header
    }

    private static func encodingError(_ error: CBORError) -> EventRecordError {
        guard error.code != .unsupported || error.offset != CBORError.formatOffset else {
            return EventRecordError(.format, error.reason)
        }
        return EventRecordError(.encoding, "the record is not in its canonical form: \(error)")
    }
}

extension CBORError {
    /// Where the format stands in a body: right after the head of the array.
    fileprivate static let formatOffset = 1

    fileprivate static func unknownFormat(_ format: UInt64) -> CBORError {
        let message = "the record has format \(format), this version reads \(EventRecord.format)"
        return CBORError(.unsupported, at: formatOffset, message)
    }
}

extension Event {
    fileprivate init(_ header: EventRecord.Header, data: Value, metadata: ValueMap) {
        self.init(
            position: header.position,
            id: header.id,
            stream: header.stream,
            revision: header.revision,
            type: header.type,
            schema: header.schema,
            recordedAt: header.recordedAt,
            entity: header.entity,
            actor: header.actor,
            correlation: header.correlation,
            causation: header.causation,
            data: data,
            metadata: metadata
        )
    }
}

// The members of a record's body.
extension CBORReader {
    fileprivate mutating func expect(
        _ major: CBORMajor,
        _ argument: UInt64,
        _ what: @autoclosure () -> String
    ) throws(CBORError) {
        let head = try head()
        guard head.major == major, head.argument == argument else {
            throw CBORError(.unsupported, at: head.offset, "expected \(what())")
        }
    }

    fileprivate mutating func unsigned(_ what: String) throws(CBORError) -> UInt64 {
        let head = try head()
        guard head.major == .unsigned else {
            throw CBORError(.unsupported, at: head.offset, "\(what) must be a natural number")
        }
        return head.argument
    }

    fileprivate mutating func text(_ what: String) throws(CBORError) -> String {
        let head = try head()
        guard head.major == .text else {
            throw CBORError(.unsupported, at: head.offset, "\(what) must be a text")
        }
        return try string(head)
    }

    fileprivate mutating func identifier(_ what: String) throws(CBORError) -> Identifier {
        try expect(.bytes, 16, "\(what), a byte string of 16")
        guard remainingCount >= 16 else {
            throw CBORError(.truncated, at: offset, "the bytes end inside \(what)")
        }
        let high = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        let low = bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)
        offset += 16
        return Identifier(high: UInt64(bigEndian: high), low: UInt64(bigEndian: low))
    }

    fileprivate mutating func stream() throws(CBORError) -> StreamName {
        let start = offset
        let text = try text("the stream")
        do throws(StreamNameError) {
            return try StreamName(text)
        } catch {
            throw CBORError(.unsupported, at: start, error.description)
        }
    }

    fileprivate mutating func schema() throws(CBORError) -> UInt32 {
        let start = offset
        guard let schema = UInt32(exactly: try unsigned("the schema")) else {
            throw CBORError(.unsupported, at: start, "the schema exceeds 32 bits")
        }
        return schema
    }

    fileprivate mutating func recordedAt() throws(CBORError) -> Timestamp {
        let head = try head()
        guard head.major == .unsigned || head.major == .negative,
            let magnitude = Int64(exactly: head.argument)
        else { throw CBORError(.unsupported, at: head.offset, "recorded_at must be an int") }
        return Timestamp(microseconds: head.major == .unsigned ? magnitude : -1 - magnitude)
    }

    fileprivate mutating func isNull() -> Bool {
        guard remainingCount > 0, bytes[offset] == 0xF6 else { return false }
        offset += 1
        return true
    }

    mutating func metadata() throws(CBORError) -> ValueMap {
        let head = try head()
        guard head.major == .map else {
            throw CBORError(.unsupported, at: head.offset, "the metadata must be a map")
        }
        return try map(head, depth: 0)
    }
}

/// The stored form of an event.
///
/// A record is a frame of 8 bytes, the length of the body and its CRC-32C (both 32 bits,
/// little-endian), and the body, a deterministic CBOR array:
///
///     [format, id, stream, revision, type, schema, recorded_at, entity|null, actor,
///      correlation, causation|null, data, meta]
///
/// Identifiers are byte strings of 16, `recorded_at` is microseconds since 1970. The position is not
/// in it: it is the key under which the record lies. The storage engine hands out flipped bits as good
/// data, so every reader checks length, checksum and canonical form.
public enum EventRecord {
    /// The version of the form above.
    public static let format: UInt64 = 1
    /// The bytes before the body.
    public static let frameByteCount = 8
    /// The members of the body.
    static let memberCount: UInt64 = 13

    /// Writes an event.
    ///
    /// - Parameters:
    ///   - event: what to write; its position is left out and its time is rounded down to microseconds.
    ///   - bytesMax: how large the record may become, in bytes.
    /// - Throws: ``EventRecordError`` if an envelope text breaks its rule, if the data is nested deeper
    ///   than ``Limits/nestingDepthMax``, or if the record is too large.
    public static func encode(
        _ event: Event,
        bytesMax: Int = Limits.eventBytesMax
    ) throws(EventRecordError) -> [UInt8] {
        try Envelope.check(
            type: event.type,
            schema: event.schema,
            entity: event.entity,
            actor: event.actor
        )
        var writer = CBORWriter(capacity: 384)
        writer.depthMax = Limits.nestingDepthMax
        writer.append([0, 0, 0, 0, 0, 0, 0, 0])
        writeBody(event, to: &writer)
        guard !writer.isTooDeep else { throw tooDeep }
        guard writer.count <= bytesMax, UInt32(exactly: writer.count) != nil else {
            throw tooLarge(event.type, byteCount: writer.count, bytesMax: bytesMax)
        }
        writer.withUnsafeMutableBytes { writeFrame(of: $0) }
        return writer.bytes
    }

    /// Fills in the frame of a record whose body is there.
    static func writeFrame(of record: UnsafeMutableRawBufferPointer) {
        let body = UnsafeRawBufferPointer(rebasing: record[frameByteCount...])
        let length = UInt32(truncatingIfNeeded: body.count)
        record.storeBytes(of: length.littleEndian, as: UInt32.self)
        let checksum = CRC32C.checksum(body)
        record.storeBytes(of: checksum.littleEndian, toByteOffset: 4, as: UInt32.self)
    }

    private static func writeBody(_ event: Event, to writer: inout CBORWriter) {
        writeBegin(id: event.id, stream: event.stream.text, to: &writer)
        writer.head(.unsigned, event.revision)
        writeKind(type: event.type, schema: event.schema, to: &writer)
        writer.integer(event.recordedAt.microseconds)
        writeRest(
            entity: event.entity,
            actor: event.actor,
            correlation: event.correlation,
            causation: event.causation,
            data: event.data,
            metadata: event.metadata,
            to: &writer
        )
    }

    /// The body's members before the revision.
    static func writeBegin(
        id: EventID,
        stream: borrowing String,
        to writer: inout CBORWriter
    ) {
        writer.head(.array, memberCount)
        writer.head(.unsigned, format)
        writer.identifier(id)
        writer.string(stream)
    }

    /// The members between the revision and the time.
    static func writeKind(
        type: borrowing String,
        schema: UInt32,
        to writer: inout CBORWriter
    ) {
        writer.string(type)
        writer.head(.unsigned, UInt64(schema))
    }

    /// The members after the time.
    static func writeRest(
        entity: borrowing String?,
        actor: borrowing String,
        correlation: EventID,
        causation: EventID?,
        data: borrowing Value,
        metadata: borrowing ValueMap,
        to writer: inout CBORWriter
    ) {
        switch entity {
        case .some(let entity): writer.string(entity)
        case .none: writer.null()
        }
        writer.string(actor)
        writer.identifier(correlation)
        if let causation { writer.identifier(causation) } else { writer.null() }
        Value.write(data, to: &writer)
        ValueMap.write(metadata, to: &writer)
    }

    static var tooDeep: EventRecordError {
        let message = "the data is nested deeper than \(Limits.nestingDepthMax) levels"
        return EventRecordError(.data, message)
    }

    static func tooLarge(_ type: String, byteCount: Int, bytesMax: Int) -> EventRecordError {
        let size = "\(byteCount) bytes, \(bytesMax) are allowed"
        let remedy = "keep large content outside the log and put a reference into the event"
        return EventRecordError(.tooLarge, "the event \(type) takes \(size); \(remedy)")
    }
}

extension CBORWriter {
    fileprivate mutating func identifier(_ identifier: Identifier) {
        head(.bytes, 16)
        var halves = (identifier.high.bigEndian, identifier.low.bigEndian)
        withUnsafeBytes(of: &halves) { append($0) }
    }
}

import EventModel

/// Writes records as CloudEvents 1.0 in structured JSON, one a line (NDJSON).
///
/// Each event's line has two attributes more than ``CloudEvent``: `recordhash`, the SHA-256 of the
/// stored bytes in hexadecimal, and `record`, the stored body in base64url, because JSON has fewer
/// types than the log and an import must give the same bytes. The first line and the last are
/// CloudEvents about the file: `daybook.export.begun` with the head, `daybook.export.ended` with the
/// number of events and the SHA-256 of all bytes before that line.
struct LineWriter: RecordWriter {
    private let sink: any ByteSink
    private let header: RecordFileHeader
    private var digest = Digest.Stream()
    private var count: UInt64 = 0

    init(_ sink: any ByteSink, header: RecordFileHeader) throws(EventLogError) {
        self.sink = sink
        self.header = header
        try put(try LineFormat.begun(header))
    }

    mutating func add(
        _ position: UInt64,
        _ record: UnsafeRawBufferPointer
    ) throws(EventLogError) {
        let event = try RecordCodec.decode(record, position: position, file: "the log")
        try put(try LineFormat.line(of: event, record: record))
        count += 1
    }

    mutating func finish() throws(EventLogError) {
        let line = try LineFormat.ended(header, count: count, digest: digest.digest)
        try put(line)
        try sink.finish()
    }

    private mutating func put(_ line: [UInt8]) throws(EventLogError) {
        try line.withBytes { bytes throws(EventLogError) in
            digest.update(bytes)
            try sink.write(bytes)
        }
    }
}

/// The lines of an export, each with its line feed.
enum LineFormat {
    static let begunType = "daybook.export.begun"
    static let endedType = "daybook.export.ended"

    static func begun(_ header: RecordFileHeader) throws(EventLogError) -> [UInt8] {
        try line(about: header, type: begunType, data: header.value)
    }

    static func ended(
        _ header: RecordFileHeader,
        count: UInt64,
        digest: Digest
    ) throws(EventLogError) -> [UInt8] {
        try line(
            about: header,
            type: endedType,
            data: [
                "records": .int(Int64(clamping: count)), "digest": .string(digest.hexadecimal),
            ]
        )
    }

    /// The line of an event.
    static func line(
        of event: Event,
        record: UnsafeRawBufferPointer
    ) throws(EventLogError) -> [UInt8] {
        let body = Array(record[EventRecord.frameByteCount...])
        var members = CloudEvent.value(of: event).mapValue ?? ValueMap()
        members["recordhash"] = .string(Digest.sha256(record).hexadecimal)
        members["record"] = .string(Base64URL.encode(body))
        do throws(JSONError) {
            return try JSON.bytes(.map(members)) + [0x0A]
        } catch {
            // An infinity, or keys that JSON cannot tell apart: the data travels as CBOR.
            members["data"] = nil
            members["datacontenttype"] = "application/cbor"
            members["data_base64"] = .string(Base64.encode(event.data.canonicalBytes))
            return try text(.map(members))
        }
    }

    private static func line(
        about header: RecordFileHeader,
        type: String,
        data: Value
    ) throws(EventLogError) -> [UInt8] {
        try text([
            "specversion": "1.0", "id": .string("\(header.log)-\(header.first)-\(header.last)"),
            "source": "/daybook", "type": .string(type), "datacontenttype": "application/json",
            "data": data,
        ])
    }

    private static func text(_ value: Value) throws(EventLogError) -> [UInt8] {
        do throws(JSONError) {
            return try JSON.bytes(value) + [0x0A]
        } catch {
            throw EventLogError(.invalid, "an event has no JSON form: \(error.message)")
        }
    }
}

/// Base64 with padding (RFC 4648 section 4), as CloudEvents wants it.
enum Base64 {
    static func encode(_ bytes: [UInt8]) -> String {
        let text = Base64URL.encode(bytes).utf8.map { byte in
            switch byte {
            case UInt8(ascii: "-"): UInt8(ascii: "+")
            case UInt8(ascii: "_"): UInt8(ascii: "/")
            default: byte
            }
        }
        let padding = repeatElement(UInt8(ascii: "="), count: (4 - text.count % 4) % 4)
        return String(decoding: text + padding, as: UTF8.self)
    }
}

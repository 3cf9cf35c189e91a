import EventModel

/// Reads what ``LineWriter`` wrote, and refuses everything else.
struct LineReader: RecordReader {
    /// How long a line may be: an event of the largest size that is ever stored, three times over.
    static let lineBytesMax = 256 << 20

    let header: RecordFileHeader
    private(set) var record: [UInt8] = []
    private let bytes: ByteReader
    private var digest = Digest.Stream()
    private var line: [UInt8] = []
    private var number = 1
    private var count: UInt64 = 0
    private var isOver = false

    var place: String { "\(bytes.name), line \(number)" }

    init(_ bytes: ByteReader) throws(EventLogError) {
        self.bytes = bytes
        guard try bytes.takeLine(into: &line, bytesMax: LineReader.lineBytesMax) else {
            throw bytes.cut()
        }
        let value = try LineReader.parse(line, place: "\(bytes.name), line 1")
        guard value["type"] == .string(LineFormat.begunType), let data = value["data"] else {
            throw EventLogError(
                .corrupt,
                "\(bytes.name), line 1: an export begins with an event of type "
                    + "\(LineFormat.begunType); take a whole copy of it"
            )
        }
        header = try RecordFileHeader(data, name: bytes.name)
        guard try LineFormat.begun(header) == line else {
            throw EventLogError(.corrupt, "\(bytes.name), line 1: this is not what was written")
        }
        digest.update(line)
    }

    mutating func next() throws(EventLogError) -> UInt64? {
        guard !isOver else { return nil }
        line.removeAll(keepingCapacity: true)
        number += 1
        guard try bytes.takeLine(into: &line, bytesMax: LineReader.lineBytesMax) else {
            throw bytes.cut()
        }
        let value = try LineReader.parse(line, place: place)
        if value["type"] == .string(LineFormat.endedType) {
            try checkEnd()
            return nil
        }
        guard let text = value["record"]?.stringValue, let body = Base64URL.decode(text),
            let position = value["sequence"]?.stringValue.flatMap({ UInt64($0) })
        else {
            throw EventLogError(
                .corrupt,
                "\(place): no 'record' and 'sequence' in it; write the file with 'daybook log "
                    + "export', since other exports have not all of an event"
            )
        }
        record = RecordFrame.record(of: body)
        let same = try record.withBytes { bytes throws(EventLogError) in
            let event = try RecordCodec.decode(bytes, position: position, file: place)
            return try LineFormat.line(of: event, record: bytes)
        }
        guard same == line else {
            throw EventLogError(
                .corrupt,
                "\(place): event \(position) is not what its record and its hash say; "
                    + "take a whole copy of the file"
            )
        }
        digest.update(line)
        count += 1
        return position
    }

    private mutating func checkEnd() throws(EventLogError) {
        guard try LineFormat.ended(header, count: count, digest: digest.digest) == line else {
            throw EventLogError(
                .corrupt,
                "\(place): the digest at the end is not that of the file; take a whole copy of it"
            )
        }
        guard try bytes.isAtEnd() else {
            throw EventLogError(.corrupt, "\(bytes.name) goes on after its end, line \(number)")
        }
        isOver = true
    }

    private static func parse(_ line: [UInt8], place: String) throws(EventLogError) -> Value {
        do throws(JSONError) {
            return try JSON.parse(bytes: line)
        } catch {
            throw EventLogError(
                .corrupt,
                "\(place), column \(error.column): \(error.message); take a whole copy of the file"
            )
        }
    }
}

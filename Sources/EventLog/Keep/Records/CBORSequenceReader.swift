import EventModel

/// Reads what ``CBORSequenceWriter`` wrote, and refuses everything else.
struct CBORSequenceReader: RecordReader {
    /// How long a head, or a record's body, may be.
    static let itemBytesMax = 256 << 20

    let header: RecordFileHeader
    private(set) var record: [UInt8] = []
    private let bytes: ByteReader
    private var digest = Digest.Stream()
    private var item: [UInt8] = []
    private var itemOffset: UInt64 = 0
    private var count: UInt64 = 0
    private var isOver = false

    var place: String { "\(bytes.name), byte \(itemOffset)" }

    init(_ bytes: ByteReader) throws(EventLogError) {
        self.bytes = bytes
        var item: [UInt8] = []
        guard try CBORSequenceReader.head(.array, bytes, &item) == 4,
            try CBORSequenceReader.text(bytes, &item) == "daybook",
            try CBORSequenceReader.text(bytes, &item) == "records"
        else { throw CBORSequenceReader.foreign(bytes) }
        let format = try CBORSequenceReader.head(.unsigned, bytes, &item)
        try RecordFileHeader.check(format: Int64(clamping: format), name: bytes.name)
        let details = try CBORSequenceReader.embedded(bytes, &item)
        let value: Value
        do throws(CBORError) {
            value = try Value(canonicalBytes: Array(item[details]))
        } catch {
            throw EventLogError(.corrupt, "\(bytes.name) has a damaged head: \(error)")
        }
        header = try RecordFileHeader(value, name: bytes.name)
        digest.update(item)
    }

    mutating func next() throws(EventLogError) -> UInt64? {
        guard !isOver else { return nil }
        item.removeAll(keepingCapacity: true)
        itemOffset = bytes.offset
        guard try CBORSequenceReader.head(.array, bytes, &item) == 3 else { throw damaged() }
        if let next = try bytes.peek(), next >> 5 == CBORHeads.Major.text.rawValue {
            try readEnd()
            return nil
        }
        let position = try CBORSequenceReader.head(.unsigned, bytes, &item)
        guard try CBORSequenceReader.head(.bytes, bytes, &item) == 32 else { throw damaged() }
        let hash = item.count..<item.count + 32
        try bytes.take(32, into: &item)
        let body = try CBORSequenceReader.embedded(bytes, &item)
        record.removeAll(keepingCapacity: true)
        record.append(contentsOf: [0, 0, 0, 0, 0, 0, 0, 0])
        record.append(contentsOf: item[body])
        RecordFrame.seal(&record)
        let found = record.withUnsafeBytes { Digest.sha256($0) }
        guard item[hash].elementsEqual(found.bytes) else {
            throw EventLogError(
                .corrupt,
                "\(place): the hash of event \(position) is not that of its bytes; "
                    + "take a whole copy of the file"
            )
        }
        digest.update(item)
        count += 1
        return position
    }

    private mutating func readEnd() throws(EventLogError) {
        guard try CBORSequenceReader.text(bytes, &item) == "end" else { throw damaged() }
        let announced = try CBORSequenceReader.head(.unsigned, bytes, &item)
        guard try CBORSequenceReader.head(.bytes, bytes, &item) == 32 else { throw damaged() }
        let start = item.count
        try bytes.take(32, into: &item)
        let all = digest.digest
        guard announced == count, item[start...].elementsEqual(all.bytes) else {
            throw EventLogError(
                .corrupt,
                "\(place): the digest at the end is not that of the file; take a whole copy of it"
            )
        }
        guard try bytes.isAtEnd() else {
            throw EventLogError(.corrupt, "\(bytes.name) goes on after its end")
        }
        isOver = true
    }

    private func damaged() -> EventLogError {
        EventLogError(.corrupt, "\(place): this is no record; take a whole copy of the file")
    }

    // MARK: Parts of items

    private static func foreign(_ bytes: ByteReader) -> EventLogError {
        EventLogError(
            .corrupt,
            "\(bytes.name) does not begin as a file of records does; name an export, a backup or a "
                + "segment, or take a whole copy of it"
        )
    }

    /// Reads the head of an item and returns its argument.
    private static func head(
        _ major: CBORHeads.Major,
        _ bytes: ByteReader,
        _ item: inout [UInt8]
    ) throws(EventLogError) -> UInt64 {
        let start = item.count
        try bytes.take(1, into: &item)
        let information = item[start] & 0x1F
        guard item[start] >> 5 == major.rawValue, information < 28 else {
            throw unexpected(bytes)
        }
        guard information >= 24 else { return UInt64(information) }
        try bytes.take(1 << Int(information - 24), into: &item)
        let argument = item[(start + 1)...].reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        var shortest: [UInt8] = []
        CBORHeads.write(major, argument, to: &shortest)
        guard item[start...].elementsEqual(shortest) else { throw unexpected(bytes) }
        return argument
    }

    private static func text(
        _ bytes: ByteReader,
        _ item: inout [UInt8]
    ) throws(EventLogError) -> String {
        let count = try head(.text, bytes, &item)
        guard count <= 32 else { throw unexpected(bytes) }
        let start = item.count
        try bytes.take(Int(count), into: &item)
        return String(decoding: item[start...], as: UTF8.self)
    }

    /// Reads an embedded item and returns where its bytes are.
    private static func embedded(
        _ bytes: ByteReader,
        _ item: inout [UInt8]
    ) throws(EventLogError) -> Range<Int> {
        guard try head(.tag, bytes, &item) == CBORHeads.embedded else { throw unexpected(bytes) }
        let count = try head(.bytes, bytes, &item)
        guard count <= UInt64(itemBytesMax) else { throw unexpected(bytes) }
        let start = item.count
        try bytes.take(Int(count), into: &item)
        return start..<item.count
    }

    private static func unexpected(_ bytes: ByteReader) -> EventLogError {
        EventLogError(
            .corrupt,
            "\(bytes.name), byte \(bytes.offset): this is not what a file of records holds here; "
                + "take a whole copy of the file"
        )
    }
}

extension Digest.Stream {
    /// Adds the bytes of an array.
    mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }
}

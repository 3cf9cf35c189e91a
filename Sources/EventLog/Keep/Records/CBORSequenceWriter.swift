import EventModel

/// Writes records as a CBOR sequence (RFC 8742) in deterministic encoding.
///
/// The first item is `["daybook", "records", format, 24(h'head')]`, where the head is a map in an
/// embedded item (tag 24, RFC 8949 section 3.4.5.1). Then one item a record,
/// `[position, h'SHA-256 of the stored bytes', 24(h'body')]`: the stored bytes are the body behind
/// its frame, which follows from it. The last item is `["end", count, h'digest']`, with the SHA-256
/// of all bytes before it.
struct CBORSequenceWriter: RecordWriter {
    private let sink: any ByteSink
    private var digest = Digest.Stream()
    private var item: [UInt8] = []
    private var count: UInt64 = 0
    /// How many bytes were written.
    private(set) var byteCount = 0

    init(_ sink: any ByteSink, header: RecordFileHeader) throws(EventLogError) {
        self.sink = sink
        CBORHeads.write(.array, 4, to: &item)
        CBORHeads.write("daybook", to: &item)
        CBORHeads.write("records", to: &item)
        CBORHeads.write(.unsigned, UInt64(RecordFileHeader.format), to: &item)
        CBORHeads.writeEmbedded(header.value.canonicalBytes, to: &item)
        try flush()
    }

    mutating func add(
        _ position: UInt64,
        _ record: UnsafeRawBufferPointer
    ) throws(EventLogError) {
        let body = UnsafeRawBufferPointer(rebasing: record[EventRecord.frameByteCount...])
        CBORHeads.write(.array, 3, to: &item)
        CBORHeads.write(.unsigned, position, to: &item)
        CBORHeads.write(.bytes, 32, to: &item)
        item.append(contentsOf: Digest.sha256(record).bytes)
        CBORHeads.writeEmbedded(body, to: &item)
        count += 1
        try flush()
    }

    mutating func finish() throws(EventLogError) {
        let all = digest.digest
        CBORHeads.write(.array, 3, to: &item)
        CBORHeads.write("end", to: &item)
        CBORHeads.write(.unsigned, count, to: &item)
        CBORHeads.write(.bytes, 32, to: &item)
        item.append(contentsOf: all.bytes)
        try flush()
        try sink.finish()
    }

    private mutating func flush() throws(EventLogError) {
        byteCount += item.count
        try item.withBytes { bytes throws(EventLogError) in
            digest.update(bytes)
            try sink.write(bytes)
        }
        item.removeAll(keepingCapacity: true)
    }
}

/// Heads of CBOR items in the shortest form (RFC 8949 section 4.2.1).
enum CBORHeads {
    enum Major: UInt8 {
        case unsigned = 0
        case bytes = 2
        case text = 3
        case array = 4
        case tag = 6
    }

    /// An item in a byte string.
    static let embedded: UInt64 = 24

    static func write(_ major: Major, _ argument: UInt64, to bytes: inout [UInt8]) {
        let type = major.rawValue << 5
        let byteCount: Int
        switch argument {
        case 0..<24:
            bytes.append(type | UInt8(argument))
            return
        case 24...0xFF: byteCount = 1
        case 0x100...0xFFFF: byteCount = 2
        case 0x1_0000...0xFFFF_FFFF: byteCount = 4
        default: byteCount = 8
        }
        bytes.append(type | UInt8(24 + byteCount.trailingZeroBitCount))
        for index in (0..<byteCount).reversed() {
            bytes.append(UInt8(truncatingIfNeeded: argument >> UInt64(index * 8)))
        }
    }

    static func write(_ text: String, to bytes: inout [UInt8]) {
        write(.text, UInt64(text.utf8.count), to: &bytes)
        bytes.append(contentsOf: text.utf8)
    }

    static func writeEmbedded(_ item: some Collection<UInt8>, to bytes: inout [UInt8]) {
        write(.tag, embedded, to: &bytes)
        write(.bytes, UInt64(item.count), to: &bytes)
        bytes.append(contentsOf: item)
    }
}

import EventModel

/// What a file of records says about itself.
struct RecordFileHeader: Sendable, Hashable {
    /// The version of the layout of exports and segments.
    static let format = 1

    /// The identity of the log.
    var log: String
    /// The first position of the stretch, 1 or more.
    var first: UInt64
    /// The last position of the stretch; one less than the first if it is empty.
    var last: UInt64
    /// True if every record of the stretch is in the file.
    var isWhole: Bool

    /// True if the file is a log from its first event on.
    var isLog: Bool { first == 1 && isWhole }

    /// The members, for the formats.
    var value: Value {
        [
            "format": .int(Int64(RecordFileHeader.format)), "log": .string(log),
            "record_format": .int(Int64(EventRecord.format)), "first": .int(Int64(clamping: first)),
            "last": .int(Int64(clamping: last)), "whole": .bool(isWhole),
        ]
    }

    init(log: String, first: UInt64, last: UInt64, isWhole: Bool) {
        self.log = log
        self.first = first
        self.last = last
        self.isWhole = isWhole
    }

    /// Reads the members.
    ///
    /// - Parameters:
    ///   - value: what the file says.
    ///   - name: the file, for messages.
    init(_ value: Value, name: String) throws(EventLogError) {
        guard let format = value["format"]?.intValue, let log = value["log"]?.stringValue,
            let records = value["record_format"]?.intValue,
            let first = value["first"]?.intValue, let last = value["last"]?.intValue,
            let isWhole = value["whole"]?.boolValue
        else { throw EventLogError(.corrupt, "\(name) has a damaged head") }
        try RecordFileHeader.check(format: format, records: records, name: name)
        guard first >= 1, last >= first - 1, LogIdentity.isIdentity(log) else {
            throw EventLogError(.corrupt, "\(name) has a damaged head")
        }
        self.init(log: log, first: UInt64(first), last: UInt64(last), isWhole: isWhole)
    }

    /// Refuses what a newer version wrote.
    static func check(
        format: Int64,
        records: Int64 = Int64(EventRecord.format),
        name: String
    ) throws(EventLogError) {
        guard format > Int64(RecordFileHeader.format) || records > Int64(EventRecord.format) else {
            return
        }
        throw EventLogError(
            .newerFormat,
            "\(name) has format \(format) with records of format \(records), this version reads "
                + "\(RecordFileHeader.format) and \(EventRecord.format); use the version that wrote it"
        )
    }
}

/// Takes the records of a stretch, for a file.
protocol RecordWriter {
    /// Adds the next record; the bytes are not kept.
    mutating func add(
        _ position: UInt64,
        _ record: UnsafeRawBufferPointer
    ) throws(EventLogError)
    /// Ends the file.
    mutating func finish() throws(EventLogError)
}

/// Gives the records of a file one after the other.
protocol RecordReader {
    var header: RecordFileHeader { get }
    /// The bytes of the last record that ``next()`` found, frame included.
    var record: [UInt8] { get }
    /// Where that record stands, for messages: the file with its line or byte.
    var place: String { get }
    /// Goes to the next record and returns its position; nil at the end, which has been checked.
    mutating func next() throws(EventLogError) -> UInt64?
}

extension RecordFrame {
    /// A body with its frame: what the log stores.
    static func record(of body: some Collection<UInt8>) -> [UInt8] {
        var record = [UInt8](repeating: 0, count: EventRecord.frameByteCount)
        record.reserveCapacity(record.count + body.count)
        record.append(contentsOf: body)
        seal(&record)
        return record
    }
}

/// The eight bytes before a record's body.
enum RecordFrame {
    /// Writes length and checksum before a body that follows eight bytes of room.
    static func seal(_ record: inout [UInt8]) {
        let count = EventRecord.frameByteCount
        let length = UInt32(truncatingIfNeeded: record.count - count)
        let checksum = record.withUnsafeBytes { bytes in
            CRC32C.checksum(UnsafeRawBufferPointer(rebasing: bytes[count...]))
        }
        record.withUnsafeMutableBytes { bytes in
            bytes.storeBytes(of: length.littleEndian, toByteOffset: 0, as: UInt32.self)
            bytes.storeBytes(of: checksum.littleEndian, toByteOffset: 4, as: UInt32.self)
        }
    }
}

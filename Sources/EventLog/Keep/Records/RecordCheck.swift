import EventModel

/// Checks the records of a log one after the other, for whoever makes a copy.
///
/// Each record must be canonical with the right checksum, follow the one before without a gap, in its
/// stream too, and not be older.
struct RecordCheck {
    /// The last position that was checked.
    private(set) var last: UInt64 = 0
    /// How many bytes the records have.
    private(set) var byteCount: UInt64 = 0
    private var counts: [StreamName: UInt64] = [:]
    private var lastMicroseconds = Int64.min
    private var digest = Digest.Stream()

    private let name: String

    /// - Parameter name: the file that the records come from, for messages.
    init(name: String) { self.name = name }

    /// The SHA-256 of all records so far, as they are stored, one behind the other.
    var recordsDigest: Digest { digest.digest }
    var streamCount: Int { counts.count }

    /// Checks the next record.
    ///
    /// - Parameters:
    ///   - position: its position.
    ///   - record: its bytes, frame included.
    ///   - place: where it stands, for messages; asked for only if something is wrong.
    mutating func check(
        _ position: UInt64,
        _ record: UnsafeRawBufferPointer,
        place: @autoclosure () -> String
    ) throws(EventLogError) {
        guard position == last + 1 else {
            throw EventLogError(
                .corrupt,
                "\(place()): event \(position) follows event \(last), so events are missing"
            )
        }
        let event = try RecordCodec.decode(record, position: position, file: name)
        let expected = counts[event.stream, default: 0]
        guard event.revision == expected else {
            throw EventLogError(
                .corrupt,
                "\(place()): event \(position) has revision \(event.revision) in stream "
                    + "\(event.stream), not \(expected)"
            )
        }
        guard event.recordedAt.microseconds >= lastMicroseconds else {
            throw EventLogError(
                .corrupt,
                "\(place()): event \(position) is older than the event before it"
            )
        }
        counts[event.stream] = expected + 1
        lastMicroseconds = event.recordedAt.microseconds
        digest.update(record)
        byteCount += UInt64(record.count)
        last = position
    }
}

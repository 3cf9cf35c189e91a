import EventModel

/// The stored form of events, with the errors of this module.
enum RecordCodec {
    /// Writes an event.
    static func encode(_ event: Event, bytesMax: Int) throws(EventLogError) -> [UInt8] {
        do throws(EventRecordError) {
            return try EventRecord.encode(event, bytesMax: bytesMax)
        } catch {
            let code: EventLogError.Code = error.code == .tooLarge ? .tooLarge : .invalid
            throw EventLogError(code, "event \(event.id) of \(event.stream): \(error.message)")
        }
    }

    /// Reads an event and checks every byte of it.
    ///
    /// - Parameter isChecksumChecked: false right after ``decodeHeader(_:position:file:)``.
    static func decode(
        _ bytes: UnsafeRawBufferPointer,
        position: UInt64,
        file: String,
        isChecksumChecked: Bool = true
    ) throws(EventLogError) -> Event {
        do throws(EventRecordError) {
            return try EventRecord.decode(
                position: Position(position),
                bytes: bytes,
                isChecksumChecked: isChecksumChecked
            )
        } catch {
            throw corrupt(error, position: position, file: file)
        }
    }

    /// Checks length and checksum without reading the event.
    static func check(
        _ bytes: UnsafeRawBufferPointer,
        position: UInt64,
        file: String
    ) throws(EventLogError) {
        do throws(EventRecordError) {
            try EventRecord.check(bytes)
        } catch {
            throw corrupt(error, position: position, file: file)
        }
    }

    /// Reads what filters and indexes need.
    static func decodeHeader(
        _ bytes: UnsafeRawBufferPointer,
        position: UInt64,
        file: String
    ) throws(EventLogError) -> EventRecord.Header {
        do throws(EventRecordError) {
            return try EventRecord.decodeHeader(position: Position(position), bytes: bytes)
        } catch {
            throw corrupt(error, position: position, file: file)
        }
    }

    /// Looks at a record where it lies, and checks its checksum.
    static func view(
        _ bytes: UnsafeRawBufferPointer,
        position: UInt64,
        file: String
    ) throws(EventLogError) -> EventRecord.View {
        do throws(EventRecordError) {
            return try EventRecord.View(position: Position(position), bytes: bytes)
        } catch {
            throw corrupt(error, position: position, file: file)
        }
    }

    /// Whether a filter wants the event of a record; its length, checksum and header are checked.
    static func matches(
        _ matcher: FilterMatcher,
        _ bytes: UnsafeRawBufferPointer,
        position: UInt64,
        file: String
    ) throws(EventLogError) -> Bool {
        do throws(EventRecordError) {
            return try matcher.matches(
                try EventRecord.View(position: Position(position), bytes: bytes)
            )
        } catch {
            throw corrupt(error, position: position, file: file)
        }
    }

    private static func corrupt(
        _ error: EventRecordError,
        position: UInt64,
        file: String
    ) -> EventLogError {
        if error.code == .format {
            return EventLogError(
                .newerFormat,
                "event \(position) in \(file): \(error.message); use the version that wrote it"
            )
        }
        return EventLogError(
            .corrupt,
            "event \(position) in \(file) is damaged: \(error.message); restore it from a backup"
        )
    }
}

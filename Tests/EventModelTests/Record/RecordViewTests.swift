import Testing

@testable import EventModel

@Suite struct RecordViewTests {
    private static let events: [Event] = [0, 1, 2, 3, 4, 5].map { event($0) }

    /// Events whose members have heads of every length.
    private static func event(_ number: Int) -> Event {
        let wide: [UInt64] = [3, 24, 255, 256, 65_536, 1 << 40]
        let length = [1, 23, 24, 90, 99, 100][number]
        let times: [Int64] = [0, -1, -300, 1_790_000_000_000_000, 23, 24]
        return Event(
            position: 42,
            id: Identifier(high: 0x0190_0000_0000_7000, low: UInt64(number)),
            stream: StreamName(category: "note", String(repeating: "s", count: length)),
            revision: wide[number],
            type: "T" + String(repeating: "a", count: length - 1),
            schema: UInt32(truncatingIfNeeded: min(wide[number], 70_000)),
            recordedAt: Timestamp(microseconds: times[number]),
            entity: number.isMultiple(of: 2) ? nil : "the_7_space",
            actor: number == 3 ? "system" : "user:" + String(repeating: "č", count: length),
            correlation: Identifier(high: 5, low: 6),
            causation: number < 3 ? nil : Identifier(high: 7, low: 8),
            data: ["number": .int(Int64(number)), "list": .list([.bytes([1, 2]), .null])],
            metadata: ["record": .string("contacts/2b4c")]
        )
    }

    @Test(arguments: events)
    func showsWhatTheHeaderSays(event: Event) throws {
        try EventRecord.encode(event).withUnsafeBytes { bytes in
            let view = try EventRecord.View(position: 42, bytes: bytes)
            let header = try EventRecord.decodeHeader(position: 42, bytes: bytes)
            #expect(try view.header() == header)
            #expect(try view.event() == event)
            let numbers = (view.id, view.revision, view.schema, view.recordedAt)
            #expect(numbers == (header.id, header.revision, header.schema, header.recordedAt))
            #expect(view.correlation == header.correlation && view.causation == header.causation)
            #expect(try view.streamName() == header.stream)
            #expect(text(view.categoryBytes) == header.stream.category)
            #expect(view.typeText == header.type)
            #expect(view.entityBytes.map { text($0) } == header.entity)
            #expect(text(view.actorBytes) == header.actor)
            #expect(view.dataOffset == header.dataOffset)
            #expect(try view.data() == event.data)
            #expect(try view.metadata() == event.metadata)
        }
    }

    /// Whatever the view takes, a full decode of the header takes too, or only the texts were wrong;
    /// and what a full decode takes, the view takes, with the same numbers.
    @Test func takesAndRefusesWhatTheHeaderDoes() throws {
        var wrong: [String] = []
        for event in RecordViewTests.events {
            let record = try EventRecord.encode(event)
            for index in EventRecord.frameByteCount..<record.count {
                for change: UInt8 in [1, 2, 8, 0x18, 0x20, 0x80, 0xFF] {
                    var damaged = record
                    damaged[index] ^= change
                    if !agree(damaged) { wrong.append("\(event.revision) \(index) \(change)") }
                }
            }
        }
        #expect(wrong.isEmpty)
    }

    @Test func everyCutIsRefusedBehindAGoodChecksum() throws {
        let record = try EventRecord.encode(RecordViewTests.event(5))
        let body = record.dropFirst(EventRecord.frameByteCount)
        let offset = try record.withUnsafeBytes {
            try EventRecord.View(position: 1, bytes: $0).dataOffset
        }
        var taken: [Int] = []
        for count in 0..<offset - EventRecord.frameByteCount + 2 {
            let cut = framed(Array(body.prefix(count)))
            if code(of: cut) == nil { taken.append(count) }
        }
        #expect(taken.isEmpty)
    }

    @Test func saysWhichFormatItDoesNotKnow() throws {
        var body = Array(
            try EventRecord.encode(RecordViewTests.event(0)).dropFirst(EventRecord.frameByteCount)
        )
        body[1] = 2
        #expect(code(of: framed(body)) == .format)
    }

    @Test func aFlippedBitIsFoundByTheChecksum() throws {
        var record = try EventRecord.encode(RecordViewTests.event(3))
        record[record.count - 1] ^= 1
        #expect(code(of: record) == .checksum)
        record.removeLast()
        #expect(code(of: record) == .length)
    }

    private func agree(_ record: [UInt8]) -> Bool {
        let record = framed(Array(record.dropFirst(EventRecord.frameByteCount)))
        return record.withUnsafeBytes { bytes in
            let header = try? EventRecord.decodeHeader(position: 42, bytes: bytes)
            guard let view = try? EventRecord.View(position: 42, bytes: bytes) else {
                return header == nil
            }
            guard let header else {
                // The view asks for no rule of the texts.
                return (try? view.header()) == nil
            }
            return view.id == header.id && view.revision == header.revision
                && view.recordedAt == header.recordedAt && view.dataOffset == header.dataOffset
        }
    }

    private func code(of record: [UInt8]) -> EventRecordError.Code? {
        record.withUnsafeBytes { bytes in
            do throws(EventRecordError) {
                _ = try EventRecord.View(position: 42, bytes: bytes)
                return nil
            } catch {
                return error.code
            }
        }
    }

    private func framed(_ body: [UInt8]) -> [UInt8] {
        let numbers = [UInt32(body.count), CRC32C.checksum(body)]
        return numbers.flatMap { number in
            (0..<4).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
        } + body
    }

    private func text(_ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}

import EventModel
import Testing

@Suite struct EventRecordTests {
    private func event(
        data: Value = ["step": "greet", "attempt": 1],
        type: String = "StepScheduled",
        entity: String? = "the_7_space",
        actor: String = "user:ana",
        causation: EventID? = EventID(high: 5, low: 6)
    ) throws -> Event {
        Event(
            position: 42,
            id: Identifier.build(unixMilliseconds: 1_789_374_600_000, randA: 1, randB: 2),
            stream: try StreamName("instance/018f"),
            revision: 7,
            type: type,
            schema: 1,
            recordedAt: Timestamp(microseconds: 1_789_374_600_123_456),
            entity: entity,
            actor: actor,
            correlation: EventID(high: 3, low: 4),
            causation: causation,
            data: data,
            metadata: ["traceparent": "00-abc"]
        )
    }

    @Test func roundTrips() throws {
        for event in [try event(), try event(data: .null, entity: nil, causation: nil)] {
            let record = try EventRecord.encode(event)
            #expect(try EventRecord.decode(position: 42, bytes: record) == event)
        }
    }

    @Test func storesTheSameBytesForever() throws {
        let record = try EventRecord.encode(try event())
        // Read back with other programs: Python's cbor2, and a bitwise CRC-32C.
        let golden = [
            "9a0000009c9e22b08d015001a09f099340700180000000000000026d696e7374616e63652f303138",
            "66076d537465705363686564756c6564011b00065b6d3d6914406b7468655f375f73706163656875",
            "7365723a616e61500000000000000003000000000000000450000000000000000500000000000000",
            "06a2647374657065677265657467617474656d707401a16b7472616365706172656e746630302d61",
            "6263",
        ]
        #expect(hexadecimal(record) == golden.joined())
    }

    @Test func headerLeavesTheDataAlone() throws {
        let event = try event()
        let record = try EventRecord.encode(event)
        let header = try record.withUnsafeBytes { buffer in
            try EventRecord.decodeHeader(position: 42, bytes: buffer)
        }
        #expect(header.id == event.id && header.stream == event.stream)
        #expect(header.revision == 7 && header.type == event.type && header.schema == 1)
        #expect(header.recordedAt == event.recordedAt && header.entity == event.entity)
        #expect(header.actor == event.actor && header.causation == event.causation)
        #expect(header.correlation == event.correlation)
        let dataBytes = event.data.canonicalBytes
        #expect(Array(record[header.dataOffset...].prefix(dataBytes.count)) == dataBytes)
    }

    @Test func everyFlippedBitIsFound() throws {
        let record = try EventRecord.encode(try event())
        var missedCount = 0
        for bit in 0..<(record.count * 8) {
            var damaged = record
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            do throws(EventRecordError) {
                _ = try EventRecord.decode(position: 42, bytes: damaged)
                missedCount += 1
            } catch {
                if error.code != .checksum, error.code != .length { missedCount += 1 }
            }
        }
        #expect(missedCount == 0)
    }

    @Test func everyCutIsFound() throws {
        let record = try EventRecord.encode(try event())
        let wrong = (0..<record.count).filter { count in
            do throws(EventRecordError) {
                _ = try EventRecord.decode(position: 42, bytes: Array(record.prefix(count)))
                return true
            } catch {
                return error.code != .length
            }
        }
        #expect(wrong.isEmpty)
    }

    /// Damage under a good checksum: the writer itself was wrong, and still nothing traps.
    @Test func damageUnderAGoodChecksumNeverTraps() throws {
        let record = try EventRecord.encode(try event())
        var random = SystemRandomNumberGenerator()
        var takenCount = 0
        for _ in 0..<2000 {
            var body = Array(record.dropFirst(EventRecord.frameByteCount))
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                body[Int.random(in: body.indices, using: &random)] = .random(
                    in: 0...255,
                    using: &random
                )
            }
            if let taken = try? EventRecord.decode(position: 42, bytes: frame(body)) {
                takenCount += 1
                // What is taken must be what would be written.
                let isSame = try EventRecord.encode(taken) == frame(body)
                if !isSame { Issue.record("not canonical: \(hexadecimal(body))") }
            }
        }
        #expect(takenCount < 2000)
    }

    @Test(arguments: [
        ("stepScheduled", "the_7_space", "user:ana"),
        ("Step_Scheduled", "the_7_space", "user:ana"),
        ("", "the_7_space", "user:ana"),
        (String(repeating: "A", count: 101), "the_7_space", "user:ana"),
        ("StepScheduled", "The 7 Space", "user:ana"),
        ("StepScheduled", "", "user:ana"),
        ("StepScheduled", "the_7_space", ""),
        ("StepScheduled", "the_7_space", "user:"),
        ("StepScheduled", "the_7_space", "User:ana"),
        ("StepScheduled", "the_7_space", "user:a\nb"),
        ("StepScheduled", "the_7_space", "user:" + String(repeating: "x", count: 251)),
    ])
    func badEnvelopesAreRefused(type: String, entity: String, actor: String) throws {
        let event = try event(type: type, entity: entity, actor: actor)
        let error = #expect(throws: EventRecordError.self) { try EventRecord.encode(event) }
        #expect(error?.code == .envelope)
    }

    @Test(arguments: ["system", "user:ana", "notion:2b4c", "webhook:stripe", "agent:crm-1 (eu)"])
    func goodActorsAreTaken(actor: String) throws {
        let event = try event(actor: actor)
        #expect(try EventRecord.decode(position: 42, bytes: EventRecord.encode(event)) == event)
    }

    @Test func largeEventsAreRefused() throws {
        let event = try event(data: .string(String(repeating: "x", count: Limits.eventBytesMax)))
        let error = #expect(throws: EventRecordError.self) { try EventRecord.encode(event) }
        #expect(error?.code == .tooLarge)
        #expect(throws: Never.self) { try EventRecord.encode(event, bytesMax: 2 << 20) }
    }

    @Test func deepDataIsRefused() throws {
        func nested(_ depth: Int) -> Value { (0..<depth).reduce(0) { value, _ in .list([value]) } }
        let good = try event(data: nested(Limits.nestingDepthMax))
        #expect(try EventRecord.decode(position: 42, bytes: EventRecord.encode(good)) == good)
        let bad = try event(data: nested(Limits.nestingDepthMax + 1))
        let error = #expect(throws: EventRecordError.self) { try EventRecord.encode(bad) }
        #expect(error?.code == .data)
    }

    @Test func laterFormatsAreNamed() throws {
        var body = Array(try EventRecord.encode(try event()).dropFirst(EventRecord.frameByteCount))
        body[1] = 2
        let error = #expect(throws: EventRecordError.self) {
            try EventRecord.decode(position: 42, bytes: frame(body))
        }
        #expect(error?.code == .format)
    }

    private func frame(_ body: [UInt8]) -> [UInt8] {
        let length = UInt32(body.count)
        let checksum = CRC32C.checksum(body)
        let frame = [length, checksum].flatMap { word in
            (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
        }
        return frame + body
    }
}

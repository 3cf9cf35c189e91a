import DaybookTestKit
import EventModel
import Glibc
import Synchronization

@testable import EventLog

/// Logs for the tests of what is kept.
enum KeepSamples {
    /// Data that some format has no form for, or only barely.
    static let awkward: [Value] = [
        .null, .uint(7), .uint(.max), .int(.min), .double(-0.0), .double(1), .double(.nan),
        .double(.infinity), .double(.leastNonzeroMagnitude), .bytes([0, 255, 10]),
        .timestamp(Timestamp(seconds: 1)), .duration(.seconds(90)),
        ["a": .list([.bool(true), .null])],
        .string("\u{0}\u{1F}\"\\\u{7F}\r\n\u{2028} Åse čšž 東京 👩‍👩‍👧 e\u{301} \u{FFFD}"),
        .map(twins),
    ]

    /// Two keys that are the same text in JSON.
    private static var twins: ValueMap {
        var map = ValueMap()
        map[.int(1)] = "one"
        map[.string("1")] = "one too"
        return map
    }

    /// A log of several streams, with awkward data and an event of the largest size.
    static func fill(_ log: EventLog, largest: Bool = true) async throws {
        try await log.append(0..<40, to: SampleEvents.stream("ana"))
        for (index, data) in awkward.enumerated() {
            let event = SampleEvents.proposed(
                100 + index,
                type: "ThingSeen",
                entity: "the_7_space",
                data: data
            )
            let write = StreamWrite(
                stream: SampleEvents.stream("bor-\(index % 3)"),
                expected: .any,
                events: [event]
            )
            _ = try await log.append([write])
        }
        if largest {
            // The largest record: what is not text in it depends on lengths, so it is measured.
            var event = SampleEvents.proposed(900, data: .bytes([]))
            let empty = try recordBytes(of: event)
            let room = Limits.eventBytesMax - empty - 4
            event.data = .bytes((0..<room).map { UInt8(truncatingIfNeeded: $0 &* 31) })
            let write = StreamWrite(
                stream: SampleEvents.stream("big"),
                expected: .none,
                events: [event]
            )
            _ = try await log.append([write])
        }
        try await log.append(1000..<1020, to: SampleEvents.stream("ana"))
    }

    private static func recordBytes(of proposed: ProposedEvent) throws -> Int {
        let event = Event(
            position: 1,
            id: proposed.id,
            stream: SampleEvents.stream("big"),
            revision: 0,
            type: proposed.type,
            schema: proposed.schema,
            recordedAt: EventLogConfiguration.systemClock(),
            entity: proposed.entity,
            actor: proposed.actor,
            correlation: proposed.id,
            causation: nil,
            data: proposed.data,
            metadata: proposed.metadata
        )
        return try EventRecord.encode(event).count
    }

    /// Every stored record of the log in a folder.
    static func records(in folder: String) throws -> [[UInt8]] {
        let log = try EventLog.open(
            at: folder,
            configuration: EventLogConfiguration(mode: .readOnly)
        )
        let records = try records(of: log, through: log.head)
        log.storage.environment.close()
        return records
    }

    /// Every stored record up to a position.
    static func records(of log: EventLog, through last: Position) throws -> [[UInt8]] {
        var records: [[UInt8]] = []
        try log.walk(from: 1, through: last.value) { _, bytes throws(EventLogError) in
            records.append(Array(bytes))
        }
        return records
    }
}

/// Whether something is there.
func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

/// Something that one task turns on and another looks at.
final class Switch: Sendable {
    private let state = Atomic(false)

    var isOn: Bool { state.load(ordering: .relaxed) }

    func turnOn() { state.store(true, ordering: .relaxed) }
}

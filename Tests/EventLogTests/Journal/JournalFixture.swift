import DaybookTestKit
import EventModel

@testable import EventLog

/// A log that was not closed: some events in the table, some in the journal only.
struct JournalFixture {
    let folder: TemporaryFolder
    let identity: LogIdentity
    /// The last position in the table.
    let folded: Int

    /// Makes a table of so many events, closed.
    init(folded: Int) throws {
        folder = try TemporaryFolder()
        self.folded = folded
        let storage = try LogStorage(folder: folder.path, configuration: EventLogConfiguration())
        identity = storage.identity
        if folded > 0 { try storage.append([JournalFixture.group(1...folded)]) }
        storage.environment.close()
    }

    /// Writes groups to one row of the journal or, after an index of the list, to the other.
    func write(_ ranges: [ClosedRange<Int>], fileBytes: Int = Journal.fileBytesMin) throws {
        let journal = try Journal(folder: folder.path, identity: identity, fileBytes: fileBytes)
        for range in ranges { try journal.write(JournalFixture.group(range)) }
        journal.close()
    }

    /// The positions that are found in the journal.
    func recovered() throws(EventLogError) -> [UInt64] {
        let groups = try JournalRecovery.groups(
            in: folder.path,
            identity: identity,
            after: UInt64(folded)
        )
        var positions: [UInt64] = []
        for group in groups {
            try group.forEach { position, bytes throws(EventLogError) in
                let event = try RecordCodec.decode(bytes, position: position, file: "journal")
                guard event.id == SampleEvents.id(Int(position)) else {
                    throw EventLogError(.invalid, "event \(position) is another one")
                }
                positions.append(position)
            }
        }
        return positions
    }

    /// Sample events at their positions, all of one stream.
    static func group(_ positions: ClosedRange<Int>, textBytes: Int = 10) throws -> RecordGroup {
        let group = RecordGroup(
            first: UInt64(positions.lowerBound),
            recordsBytesMax: positions.count * (300 + textBytes)
        )
        for position in positions {
            let event = Event(
                position: Position(UInt64(position)),
                id: SampleEvents.id(position),
                stream: SampleEvents.stream("ana"),
                revision: UInt64(position - 1),
                type: "NoteTaken",
                schema: 1,
                recordedAt: Timestamp(seconds: 1),
                entity: nil,
                actor: "system",
                correlation: SampleEvents.id(position),
                causation: nil,
                data: ["text": .string(String(repeating: "x", count: textBytes))],
                metadata: [:]
            )
            group.append(try RecordCodec.encode(event, bytesMax: 1 << 20))
        }
        return group
    }
}

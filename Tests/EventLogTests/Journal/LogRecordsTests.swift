import DaybookTestKit
import EventModel
import Testing

@testable import EventLog

/// Five records in the table, then two groups in memory, one of which the table has as well.
@Suite struct LogRecordsTests {
    private let fixture: JournalFixture
    private let records: LogRecords

    init() throws {
        fixture = try JournalFixture(folded: 5)
        let storage = try LogStorage(
            folder: fixture.folder.path,
            configuration: EventLogConfiguration()
        )
        let tail = RecordTail(folded: 3, wakeBytes: .max)
        for range in [4...5, 6...8, 9...9] { tail.append(try JournalFixture.group(range)) }
        records = LogRecords(storage: storage, tail: tail)
    }

    @Test func walksOverTableAndMemoryBothWays() throws {
        for first in 1...9 as ClosedRange<UInt64> {
            for last in 1...9 as ClosedRange<UInt64> {
                for limit in [1, 2, 99] {
                    var found: [UInt64] = []
                    try records.forEach(from: first, through: last) {
                        position,
                        bytes throws(EventLogError) in
                        let header = try RecordCodec.decodeHeader(
                            bytes,
                            position: position,
                            file: "records"
                        )
                        found.append(header.revision + 1)
                        return found.count < limit
                    }
                    let all = first <= last ? Array(first...last) : (last...first).reversed()
                    let wanted = Array(all.prefix(limit))
                    if found != wanted { Issue.record("\(first) to \(last), \(limit): \(found)") }
                }
            }
        }
        records.storage.environment.close()
    }

    @Test func findsSingleEvents() throws {
        let positions: [UInt64] = [9, 1, 6, 5, 4, 3, 8]
        #expect(try records.events(at: positions).map(\.position.value) == positions)
        for position in 1...9 as ClosedRange<UInt64> {
            #expect(try records.header(of: position).revision == position - 1)
        }
        #expect(try records.checksum(of: 5) == records.storage.checksum(of: 5))
        #expect(try records.lastPosition() == 9)
        records.storage.environment.close()
    }

    @Test func tellsOfAnEventThatIsNowhere() throws {
        let error = failure { try records.forEach(from: 1, through: 10) { _, _ in true } }
        #expect(error?.code == .corrupt)
        #expect(error?.message.contains("event 10 is missing") == true)
        #expect(failure { try records.forEach(from: 10, through: 1) { _, _ in true } } != nil)
        #expect(failure { try records.events(at: [10]) } != nil)
        records.storage.environment.close()
    }

    @Test func letsGoOfWhatTheTableHas() throws {
        records.tail.drop(through: 5)
        #expect(records.tail.groups(from: 1, through: 99).map(\.first) == [6, 9])
        try records.storage.append([try JournalFixture.group(6...8)])
        records.tail.drop(through: 8)
        #expect(records.tail.groups(from: 1, through: 99).map(\.first) == [9])
        #expect(try records.events(at: [8, 9]).map(\.position.value) == [8, 9])
        records.storage.environment.close()
    }
}

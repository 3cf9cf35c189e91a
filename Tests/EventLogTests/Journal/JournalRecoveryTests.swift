import DaybookTestKit
import EventModel
import Testing

@testable import EventLog

@Suite struct JournalRecoveryTests {
    private static let first = "log/journal-0"
    private static let second = "log/journal-1"

    /// Fourteen frames of a page fill the first file of 64 KiB but for two; the last goes to the second.
    private func fixture() throws -> JournalFixture {
        let fixture = try JournalFixture(folded: 3)
        try fixture.write((4...19).map { $0...$0 } + [20...22])
        return fixture
    }

    @Test func findsWhatTheTableLacks() throws {
        let cases: [(folded: Int, groups: [ClosedRange<Int>], found: [UInt64])] = [
            (0, [], []), (3, [], []), (0, [1...1], [1]), (3, [4...5, 6...6], [4, 5, 6]),
            (3, [1...2, 3...3], []), (3, [2...3, 4...4], [4]),
        ]
        for item in cases {
            let fixture = try JournalFixture(folded: item.folded)
            try fixture.write(item.groups)
            #expect(try fixture.recovered() == item.found, "\(item)")
        }
    }

    @Test func readsBothFilesAndPassesOverEarlierLaps() throws {
        let fixture = try fixture()
        #expect(try fixture.recovered() == Array(4...22))
        let later = try JournalFixture(folded: 30)
        // The row goes round twice: what is in the table is written over, or left behind.
        try later.write((1...30).map { $0...$0 } + [31...33, 34...34])
        #expect(try later.recovered() == [31, 32, 33, 34])
    }

    @Test(
        arguments: [
            ([5...6], "the events before it end at 3"),
            ([4...4, 6...6], "damaged at offset 4096"),
            ([2...5], "ends between them, at 3"),
        ]
    )
    func refusesAGap(_ groups: [ClosedRange<Int>], _ message: String) throws {
        let fixture = try JournalFixture(folded: 3)
        try fixture.write(groups)
        let error = failure { try fixture.recovered() }
        #expect(error?.code == .corrupt)
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "found")")
        #expect(error?.message.contains("journal-0") == true)
        #expect(error?.message.contains("backup") == true)
    }

    @Test func refusesTheJournalOfAnotherLog() throws {
        let fixture = try JournalFixture(folded: 3)
        let other = try JournalFixture(folded: 3)
        try other.write([4...5])
        let bytes = try other.folder.bytes(of: JournalRecoveryTests.first)
        try fixture.folder.write(bytes, to: JournalRecoveryTests.first)
        let error = failure { try fixture.recovered() }
        #expect(error?.code == .corrupt)
        #expect(error?.message.contains("another log") == true, "\(error?.message ?? "found")")
    }

    /// Wherever a bit is flipped: the frame is left out if it is the last one, else it is reported.
    @Test(arguments: [false, true])
    func neverTakesAFlippedByteForGood(_ isLastFile: Bool) throws {
        let fixture = try fixture()
        let path = isLastFile ? JournalRecoveryTests.second : JournalRecoveryTests.first
        let bytes = try fixture.folder.bytes(of: path)
        let all = Array(4...22) as [UInt64]
        // The frames of the first file that are tried: the first, one in the middle, the last.
        let frames = isLastFile ? [0] : [0, 7 * 4096, 15 * 4096]
        var frameBytes = 0
        var (silent, reported) = (0, 0)
        for begin in frames {
            let head = bytes[begin...].withUnsafeBytes { JournalFrame(head: $0) }
            let count = try #require(head).byteCount + JournalFrame.headByteCount
            frameBytes += count
            // What fills up a frame may be anything.
            for offset in begin..<begin + count + 10 {
                var damaged = bytes
                damaged[offset] ^= 0x41
                try fixture.folder.write(damaged, to: path)
                do throws(EventLogError) {
                    let found = try fixture.recovered()
                    guard found != all else { continue }
                    silent += 1
                    guard isLastFile, found == Array(4...19) else {
                        Issue.record("offset \(offset): \(found)")
                        return
                    }
                } catch {
                    reported += 1
                    guard error.code == .corrupt, error.message.contains(fixture.folder.path)
                    else {
                        Issue.record("offset \(offset): \(error)")
                        return
                    }
                }
            }
        }
        #expect(silent + reported == frameBytes)
        #expect(isLastFile ? silent > reported : silent == 0)
    }

    @Test func neverTakesACutFrameForGood() throws {
        let fixture = try JournalFixture(folded: 3)
        try fixture.write([4...5, 6...8])
        let path = JournalRecoveryTests.first
        let bytes = try fixture.folder.bytes(of: path)
        var ends: Set<Int> = []
        for count in Array(0..<1000) + Array(4096..<5100) {
            try fixture.folder.write(Array(bytes.prefix(count)), to: path)
            let found = try fixture.recovered()
            ends.insert(found.count)
            let isGood = [[], [4, 5], [4, 5, 6, 7, 8]].contains(found)
            if !isGood { Issue.record("cut at \(count): \(found)") }
        }
        #expect(ends == [0, 2, 5])
    }

    @Test func foldsTheJournalWhenTheLogIsOpened() async throws {
        let fixture = try fixture()
        let log = try EventLog.open(at: fixture.folder.path)
        #expect(log.head == 22)
        #expect(try log.storage.lastPosition() == 22)
        #expect(try log.eventCount(of: SampleEvents.stream("ana")) == 22)
        #expect(try await log.verify().isGood)
        try await log.append(100..<101, to: SampleEvents.stream("ana"), expected: .exact(21))
        await log.close()
        for path in [JournalRecoveryTests.first, JournalRecoveryTests.second] {
            #expect(try fixture.folder.bytes(of: path).isEmpty)
        }
        let next = try EventLog.open(at: fixture.folder.path)
        #expect(next.head == 23)
        await next.close()
    }

    @Test func refusesLessThanWasAcknowledged() async throws {
        let fixture = try fixture()
        let visible = try VisibleFile(folder: fixture.folder.path, identity: fixture.identity)
        #expect(visible.write(22) == nil)
        var bytes = try fixture.folder.bytes(of: JournalRecoveryTests.second)
        bytes[100] ^= 1
        try fixture.folder.write(bytes, to: JournalRecoveryTests.second)
        let error = failure { try EventLog.open(at: fixture.folder.path) }
        #expect(error?.code == .corrupt)
        let message = error?.message ?? ""
        #expect(message.contains("hold 19 events") && message.contains("22 were"), "\(message)")
        try fixture.folder.remove("visible")
        let log = try EventLog.open(at: fixture.folder.path)
        #expect(log.head == 19)
        await log.close()
    }
}

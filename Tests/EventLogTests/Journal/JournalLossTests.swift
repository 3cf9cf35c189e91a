import DaybookTestKit
import EventModel
import Testing

@testable import EventLog

/// Files of a log that was killed and then lost some of them: everything that was acknowledged is
/// there, or the log is refused by the name of a file, with the positions and what to do.
@Suite struct JournalLossTests {
    private static let first = "log/journal-0"
    private static let second = "log/journal-1"
    private static let table = "log/data.mdb"

    /// Six events in the table, then three and five more in the journal; all 14 were acknowledged.
    private let fixture: JournalFixture
    /// The files as they were before the last append.
    private var earlier: [String: [UInt8]] = [:]
    /// The table when it had three events.
    private let olderTable: [UInt8]

    private var folder: TemporaryFolder { fixture.folder }

    init() throws {
        fixture = try JournalFixture(folded: 3)
        let path = fixture.folder.path
        olderTable = try fixture.folder.bytes(of: JournalLossTests.table)
        let storage = try LogStorage(folder: path, configuration: EventLogConfiguration())
        try storage.append([JournalFixture.group(4...6)])
        try storage.writeHeadFile(journalBytes: Journal.fileBytesMin)
        storage.environment.close()
        let journal = try Journal(
            folder: path,
            identity: fixture.identity,
            fileBytes: Journal.fileBytesMin
        )
        let visible = try VisibleFile(folder: path, identity: fixture.identity)
        try journal.write(JournalFixture.group(7...9))
        #expect(visible.write(9) == nil)
        for name in [JournalLossTests.first, "visible", "head"] {
            earlier[name] = try fixture.folder.bytes(of: name)
        }
        try journal.write(JournalFixture.group(10...14))
        #expect(visible.write(14) == nil)
        journal.close()
    }

    enum Change: Sendable {
        case remove
        case cut(Int)
        case zero
        /// As it was before the last append; of the table, when it had three events.
        case older
    }

    enum Result: Sendable, Equatable {
        case all
        case refused(String)
        /// What nothing is left to tell of: only so many are there.
        case only(UInt64)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var changes: [(name: String, change: Change)]
        var result: Result

        init(_ result: Result, _ changes: (String, Change)...) {
            self.result = result
            self.changes = changes.map { (name: $0.0, change: $0.1) }
        }

        var testDescription: String { "\(changes.map { "\($0.name) \($0.change)" }) \(result)" }
    }

    static let cases: [Case] = [
        Case(.all),
        // One file is spoilt.
        Case(.all, ("visible", .remove)),
        Case(.all, ("visible", .older)),
        Case(.all, ("visible", .zero)),
        Case(.all, ("head", .remove)),
        Case(.all, ("head", .older)),
        Case(.refused(first), (first, .remove)),
        Case(.refused(first), (first, .cut(0))),
        Case(.refused(first), (first, .cut(4096))),
        Case(.refused(first), (first, .cut(8192))),
        Case(.refused("hold 6 events"), (first, .zero)),
        Case(.refused("hold 9 events"), (first, .older)),
        Case(.refused(second), (second, .remove)),
        Case(.refused(second), (second, .cut(0))),
        Case(.all, (second, .zero)),
        Case(.refused("holds 3 events"), (table, .older)),
        Case(.refused("missing"), (table, .remove)),
        // The journal, and one of the files that tell of it.
        Case(.refused(first), (first, .remove), (second, .remove)),
        Case(.refused(first), (first, .remove), ("visible", .remove)),
        Case(.refused(first), (first, .cut(4096)), ("visible", .remove)),
        Case(.refused(first), (first, .cut(4096)), ("visible", .older)),
        Case(.refused("hold 6 events"), (first, .remove), ("head", .remove)),
        Case(.refused("hold 9 events"), (first, .older), ("head", .remove)),
        Case(.refused("before it end at 3"), (table, .older), ("head", .remove)),
        // A consistent older copy of all that tells of it cannot be told from the log as it was.
        Case(.only(9), (first, .older), ("visible", .older)),
        Case(.only(6), (first, .zero), ("visible", .remove)),
        Case(.only(6), (first, .remove), ("visible", .remove), ("head", .remove)),
    ]

    @Test(arguments: cases)
    func losesNothingInSilence(_ item: Case) async throws {
        for (name, change) in item.changes {
            switch change {
            case .remove: try folder.remove(name)
            case .cut(let count):
                try folder.write(Array(try folder.bytes(of: name).prefix(count)), to: name)
            case .zero:
                let count = try folder.bytes(of: name).count
                try folder.write([UInt8](repeating: 0, count: count), to: name)
            case .older:
                let bytes = name == Self.table ? olderTable : earlier[name]
                try folder.write(try #require(bytes), to: name)
            }
        }
        var found: UInt64?
        var refusal = ""
        do throws(EventLogError) {
            let log = try EventLog.open(at: folder.path)
            found = log.head.value
            let events = try log.read(from: nil, direction: .forward, limit: .max, filter: .all)
            #expect(events.map(\.id) == (1...events.count).map { SampleEvents.id($0) })
            #expect(events.count == Int(log.head.value))
            await log.close()
        } catch {
            refusal = error.message
            #expect(error.code == .corrupt)
        }
        switch item.result {
        case .all: #expect(found == 14, "\(refusal)")
        case .only(let count): #expect(found == count, "\(refusal)")
        case .refused(let words):
            #expect(found == nil)
            #expect(refusal.contains(words) && refusal.contains(folder.path), "\(refusal)")
            #expect(refusal.contains("from a backup"), "\(refusal)")
        }
    }

    /// The explicit door: what the message says makes the log open with what is there.
    @Test func opensAsItIsWhenThatIsAccepted() async throws {
        try folder.remove(JournalLossTests.first)
        for (name, words) in [("head", "was not closed"), ("visible", "14 were acknowledged")] {
            let refusal = failure { try EventLog.open(at: folder.path) }?.message ?? ""
            #expect(refusal.contains(words) && refusal.contains("remove \(folder.path)/\(name)"))
            try folder.remove(name)
        }
        let log = try EventLog.open(at: folder.path)
        #expect(log.head == 6)
        await log.close()
    }

    /// Only a log that is in use needs its journal.
    @Test func aClosedLogNeedsNoJournal() async throws {
        var log = try EventLog.open(at: folder.path)
        #expect(try HeadFile.read(in: folder.path)?.journalBytes ?? 0 > 0)
        await log.close()
        let head = try HeadFile.read(in: folder.path)
        #expect(head?.position == 14 && head?.journalBytes == nil)
        for name in [JournalLossTests.first, JournalLossTests.second] { try folder.remove(name) }
        log = try EventLog.open(at: folder.path)
        #expect(log.head == 14)
        await log.close()
    }
}

import DaybookTestKit
import EventModel
import Testing

@testable import EventLog

/// Damage of the data file, byte by byte: each is found, with file and place, or harmless.
@Suite struct PageDamageTests {
    /// A store of a few dozen pages: small events, large ones on overflow pages, a free list.
    private static let store: Result<DamagedStore, any Error> = Result {
        try DamagedStore.make()
    }

    private let store: DamagedStore

    init() throws { store = try PageDamageTests.store.get() }

    @Test func theStoreHasEveryKindOfPage() throws {
        let kinds = store.kinds
        #expect(kinds.filter { $0 == .meta }.count == 2)
        #expect(kinds.filter { $0 == .branch }.count >= 1)
        #expect(kinds.filter { $0 == .leaf }.count >= 10)
        #expect(kinds.filter { $0 == .overflow }.count >= 3)
        #expect(try store.outcome(of: store.bytes) == .harmless)
    }

    /// Every byte of the meta pages' contents, of branches, and of the head of every page; of the rest
    /// every 61st, so that all places in a page come up. The whole sweep is that of `tools/faults`.
    @Test func noFlippedByteIsBelieved() throws {
        var wrong: [String] = []
        var foundCount = 0
        let changes: [UInt8] = [0x01, 0xFF, 0x10, 0x80]
        var bytes = store.bytes
        for page in store.kinds.indices {
            let kind = store.kinds[page]
            for offset in 0..<4096 {
                // A branch of this store has its slots and nodes in these bytes.
                let isNode = kind == .branch && !(200..<3400).contains(offset)
                let isHead = offset < 24 || (kind == .meta && offset < 152) || isNode
                let place = page * 4096 + offset
                guard isHead || place % 61 == 0 else { continue }
                let change = changes[(place / 61 + place) % changes.count]
                bytes[place] ^= change
                switch try store.outcome(of: bytes) {
                case .harmless: break
                case .found(let message):
                    foundCount += 1
                    if !message.contains("data.mdb") { wrong.append("\(place): \(message)") }
                case .believed: wrong.append("byte \(place) of page \(page) is believed")
                }
                bytes[place] ^= change
            }
        }
        #expect(wrong.isEmpty, "\(wrong.prefix(10))")
        #expect(foundCount > 500)
    }

    @Test func everyTruncationIsFound() throws {
        var wrong: [String] = []
        for page in store.kinds.indices {
            for extra in [0, 2048] {
                let bytes = Array(store.bytes.prefix(page * 4096 + extra))
                // Only what is free may be missing.
                let isFree = store.kinds[page...].allSatisfy { $0 == nil }
                let outcome = try store.outcome(of: bytes)
                if outcome == .believed || (outcome == .harmless && !isFree) {
                    wrong.append("\(page) pages and \(extra) bytes: \(outcome)")
                }
            }
        }
        #expect(wrong.isEmpty, "\(wrong.prefix(10))")
    }

    @Test(arguments: [0, 1]) func aZeroedMetaPageIsFound(page: Int) throws {
        var bytes = store.bytes
        for index in page * 4096..<(page + 1) * 4096 { bytes[index] = 0 }
        guard case .found(let message) = try store.outcome(of: bytes) else {
            Issue.record("not found")
            return
        }
        #expect(message.contains("page \(page), byte \(page * 4096 + 16)"), "\(message)")
    }

    @Test func aPageOfNoiseOrZeroesIsFound() throws {
        var wrong: [String] = []
        var state: UInt64 = 11
        for page in store.kinds.indices {
            for isNoise in [true, false] {
                var bytes = store.bytes
                for index in page * 4096..<(page + 1) * 4096 {
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    bytes[index] = isNoise ? UInt8(truncatingIfNeeded: state >> 56) : 0
                }
                let outcome = try store.outcome(of: bytes)
                if outcome == .believed || (outcome == .harmless && store.kinds[page] != nil) {
                    wrong.append("page \(page): \(outcome)")
                }
            }
        }
        #expect(wrong.isEmpty, "\(wrong.prefix(10))")
    }

    /// A page that took the place of another one is good in itself.
    @Test func aMisplacedPageIsFound() throws {
        var wrong: [String] = []
        let pages = store.kinds.indices.filter { store.kinds[$0] != nil }
        for page in pages {
            var bytes = store.bytes
            let other = page + 1 < store.kinds.count ? page + 1 : page - 1
            bytes.replaceSubrange(
                page * 4096..<(page + 1) * 4096,
                with: store.bytes[other * 4096..<(other + 1) * 4096]
            )
            let outcome = try store.outcome(of: bytes)
            if outcome == .believed || outcome == .harmless {
                // The inner pages of an overflow run have no header, only contents.
                wrong.append("page \(page): \(outcome)")
            }
        }
        #expect(wrong.isEmpty, "\(wrong.prefix(10))")
    }

    /// Through the front door, with LMDB behind it: a sample of the places, since every open takes
    /// files and threads.
    @Test func aLogWithAFlippedByteIsRefusedOrWhole() async throws {
        let folder = try TemporaryFolder()
        try store.write(to: folder)
        try folder.copy("log", to: "good")
        var wrong: [String] = []
        var foundCount = 0
        var place = 3
        while place < store.bytes.count {
            var bytes = store.bytes
            bytes[place] ^= 0x20
            try folder.copy("good", to: "log")
            try folder.write(bytes, to: "log/log/data.mdb")
            do {
                let log = try EventLog.open(at: folder.file("log"))
                do {
                    let events = try log.read(
                        from: nil,
                        direction: .forward,
                        limit: .max,
                        filter: .all
                    )
                    if events != store.events { wrong.append("byte \(place) is believed") }
                    try await log.append(900..<910, to: SampleEvents.stream("after"))
                } catch {
                    foundCount += 1
                    if !error.message.contains("data.mdb") { wrong.append("\(place): \(error)") }
                }
                await log.close()
            } catch {
                foundCount += 1
                if !error.message.contains(folder.path) { wrong.append("\(place): \(error)") }
            }
            place += 2503
        }
        #expect(wrong.isEmpty, "\(wrong.prefix(10))")
        #expect(foundCount > 10)
    }

    @Test func anOlderFileUnderANewerHeadIsRefused() async throws {
        let folder = try TemporaryFolder()
        try store.write(to: folder)
        try folder.copy("log/log/data.mdb", to: "older.mdb")
        let log = try EventLog.open(at: folder.file("log"))
        try await log.append(900..<910, to: SampleEvents.stream("after"))
        await log.close()
        try folder.copy("older.mdb", to: "log/log/data.mdb")
        let error = failure { try EventLog.open(at: folder.file("log")) }
        #expect(error?.code == .corrupt)
        let count = store.events.count
        #expect(error?.message.contains("holds \(count) events") == true, "\(error?.message ?? "")")
    }
}

import DaybookTestKit
import EventModel
import Foundation
import Synchronization
import Testing

@testable import EventLog

@Suite struct TreeTests {
    private let folder: TemporaryFolder
    private let stream = SampleEvents.stream("ana")

    init() throws { folder = try TemporaryFolder() }

    private func open(
        _ mode: EventLogConfiguration.Mode = .readWrite,
        notice: @escaping @Sendable (String) -> Void = { _ in }
    ) throws -> EventLog {
        try EventLog.open(
            at: folder.path,
            configuration: EventLogConfiguration(mode: mode, notice: notice)
        )
    }

    /// The roots at every size, from the stored bytes by the definition.
    private func roots(of log: EventLog) throws -> [Digest] {
        var range = CompactRange()
        var roots = [range.root]
        try log.records.forEach(from: 1, through: log.head.value) { position, record in
            let digest = Digest.sha256(Array(record))
            range.append(LeafRecord(position: Position(position), recordDigest: digest).hash)
            roots.append(range.root)
            return true
        }
        return roots
    }

    @Test func followsTheLog() async throws {
        let log = try open()
        #expect(try await log.root(at: 0) == MerkleHash.empty)
        for first in stride(from: 0, to: 700, by: 7) {
            try await log.append(first..<first + 7, to: stream)
        }
        try await log.waitForTree(700)
        #expect(log.treeSize == 700)
        let wanted = try roots(of: log)
        var mistakes: [Int] = []
        for size in wanted.indices where try await log.root(at: UInt64(size)) != wanted[size] {
            mistakes.append(size)
        }
        #expect(mistakes.isEmpty)
        #expect(try log.information().treeSize == 700)
        await log.close()
        // The next process goes on where this one ended, and a reader needs nothing but the files.
        let notices = Mutex<[String]>([])
        let again = try open { text in notices.withLock { $0.append(text) } }
        #expect(again.treeSize == 700)
        #expect(notices.withLock { $0 } == [])
        try folder.copy("tree", to: "old")
        try await again.append(700..<1000, to: stream)
        let last = try await again.root(at: 1000)
        await again.close()
        // What the files do not hold yet, a reader makes up for.
        try folder.copy("old", to: "tree")
        let reader = try open(.readOnly)
        #expect(try await reader.root(at: 700) == wanted[700])
        #expect(try await reader.root(at: 1000) == last)
        #expect(try await reader.root(at: 513) == wanted[513])
        #expect(try reader.information().treeSize == 1000)
        await reader.close()
    }

    @Test func provesEveryEventAndEveryBeginning() async throws {
        let log = try open()
        try await log.append(0..<300, to: stream)
        try await log.waitForTree(300)
        let roots = try roots(of: log)
        var mistakes: [UInt64] = []
        for position in stride(from: 1, through: 300, by: 13) as StrideThrough<UInt64> {
            for size in [position, 256, 257, 300] where size >= position {
                let proof = try await log.inclusionProof(of: Position(position), size: size)
                let isProved = MerkleVerifier.isIncluded(
                    proof.leaf.hash,
                    index: position - 1,
                    size: size,
                    proof: proof.hashes,
                    root: roots[Int(size)]
                )
                if !isProved || proof.root != roots[Int(size)] { mistakes.append(position) }
            }
            let hashes = try await log.consistencyProof(from: position, to: 300)
            let isProved = MerkleVerifier.isConsistent(
                from: position,
                to: 300,
                proof: hashes,
                firstRoot: roots[Int(position)],
                secondRoot: roots[300]
            )
            if !isProved { mistakes.append(position) }
        }
        #expect(mistakes.isEmpty, "\(mistakes)")
        await log.close()
    }

    @Test func refusesWhatCannotBeProved() async throws {
        let log = try open()
        try await log.append(0..<10, to: stream)
        let requests: [@Sendable () async throws -> Void] = [
            { _ = try await log.root(at: 11) },
            { _ = try await log.inclusionProof(of: 0, size: 10) },
            { _ = try await log.inclusionProof(of: 9, size: 8) },
            { _ = try await log.inclusionProof(of: 11, size: 11) },
            { _ = try await log.consistencyProof(from: 0, to: 10) },
            { _ = try await log.consistencyProof(from: 6, to: 5) },
        ]
        for request in requests {
            #expect(await asyncFailure(request)?.code == .invalid)
        }
        await log.close()
        #expect(await asyncFailure { try await log.root(at: 5) }?.code == .closed)
    }

    /// Each byte of each file of the tree flipped, and each file cut at each length: the answers
    /// stay the same.
    @Test func damageIsNeverBelieved() async throws {
        let log = try open()
        try await log.append(0..<523, to: stream)
        let wanted = try await log.inclusionProof(of: 5, size: 523)
        let early = try await log.root(at: 300)
        await log.close()
        let names = ["state", "level0", "level1"].map { "tree/\($0)" }
        try folder.copy("tree", to: "good")
        var mistakes: [String] = []
        for name in names {
            let bytes = try folder.bytes(of: name)
            // Every byte of what is small, and all kinds of places in the leaves.
            let step = bytes.count > 1000 ? 97 : 1
            for place in stride(from: 0, to: bytes.count, by: step) {
                for isCut in [false, true] {
                    try folder.copy("good", to: "tree")
                    var changed = isCut ? Array(bytes[..<place]) : bytes
                    if !isCut { changed[place] ^= 0x10 }
                    try folder.write(changed, to: name)
                    let isWriter = place % 2 == 0
                    let log = try open(isWriter ? .readWrite : .readOnly)
                    let proof = try await log.inclusionProof(of: 5, size: 523)
                    let root = try await log.root(at: 300)
                    if proof != wanted || root != early {
                        mistakes.append("\(name) at \(place)")
                    }
                    await log.close()
                }
            }
        }
        #expect(mistakes.isEmpty, "\(mistakes)")
    }

    @Test(arguments: ["the whole tree", "tree/state", "tree/level0", "tree/level1"])
    func whatIsMissingIsMadeAnew(part: String) async throws {
        let log = try open()
        try await log.append(0..<300, to: stream)
        let wanted = try await log.root(at: 300)
        await log.close()
        try folder.remove(part == "the whole tree" ? "tree" : part)
        let notices = Mutex<[String]>([])
        let again = try open { text in notices.withLock { $0.append(text) } }
        #expect(try await again.root(at: 300) == wanted)
        #expect(notices.withLock { $0.count { $0.contains("made anew from the log") } } == 1)
        await again.close()
    }

    /// A tree that cannot be opened keeps nobody from the log, and comes back by itself.
    @Test func theLogOpensWithoutItsTree() async throws {
        try folder.write([1], to: "tree")
        let log = try open()
        try await log.append(0..<10, to: stream)
        #expect(log.head == 10)
        #expect(await asyncFailure { try await log.root(at: 10) } != nil)
        try folder.remove("tree")
        let wanted = try roots(of: log)
        let tree = log.tree
        try await WorkerThread.run("test") { () -> Result<Void, EventLogError> in
            tree.monitor.wait { $0.isDamaged ? nil : .success(()) }
        }
        #expect(try await log.root(at: 10) == wanted[10])
        await log.close()
    }

    /// The tree of a log that went on after its copy was made, beside that copy.
    @Test func theTreeOfALongerLogIsNotTaken() async throws {
        let log = try open()
        try await log.append(0..<300, to: stream)
        await log.close()
        try folder.copy("log", to: "old")
        try folder.copy("head", to: "old-head")
        let later = try open()
        try await later.append(300..<600, to: stream)
        try await later.waitForTree(600)
        await later.close()
        for name in ["log", "head"] {
            try folder.copy(name == "log" ? "old" : "old-head", to: name)
        }
        try folder.remove("index")
        try folder.remove("visible")
        let restored = try open()
        #expect(restored.treeSize <= 300)
        try await restored.append(5000..<5400, to: stream)
        let wanted = try roots(of: restored)
        #expect(try await restored.root(at: 700) == wanted[700])
        await restored.close()
    }

    @Test func growsWhileTheLogIsWritten() async throws {
        let log = try open()
        await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    for number in 0..<100 {
                        let first = writer * 10_000 + number * 50
                        try await log.append(
                            first..<first + 50,
                            to: SampleEvents.stream("w\(writer)")
                        )
                        let head = log.head
                        _ = try await log.inclusionProof(of: 1, size: head.value)
                    }
                }
            }
        }
        #expect(log.head == 20_000)
        let wanted = try roots(of: log)
        #expect(try await log.root(at: 20_000) == wanted[20_000])
        let tile = try await log.withTree(of: 20_000) { tree throws(EventLogError) in
            try tree.tile(level: 1, index: 0, width: 78)
        }
        #expect(tile.count == 78)
        await log.close()
    }
}

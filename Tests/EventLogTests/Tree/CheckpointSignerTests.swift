import DaybookTestKit
import EventModel
import Foundation
import Synchronization
import Testing

@testable import EventLog

@Suite struct CheckpointSignerTests {
    private let folder: TemporaryFolder
    private let stream = SampleEvents.stream("ana")
    private let key: SignerKey
    private let signer: CheckpointSigner

    init() throws {
        folder = try TemporaryFolder()
        key = try SignerKey(name: "log.example/one", seed: Array(0..<32))
        signer = CheckpointSigner(folder: folder.path) { Timestamp(seconds: 1_796_000_000) }
    }

    private func open(_ mode: EventLogConfiguration.Mode = .readWrite) throws -> EventLog {
        try EventLog.open(at: folder.path, configuration: EventLogConfiguration(mode: mode))
    }

    private func history() throws -> [CheckpointHistory.Entry] {
        try CheckpointHistory(folder: folder.path).entries()
    }

    @Test func signsWhatTheLogIs() async throws {
        let log = try open()
        try await log.append(0..<10, to: stream)
        let note = try await signer.sign(log, with: key)
        #expect(try note.verified(by: [key.verifier]) == [key.verifier])
        let checkpoint = try Checkpoint(text: note.text)
        #expect(checkpoint.origin == "log.example/one")
        #expect(checkpoint.size == 10)
        #expect(checkpoint.root == (try await log.root(at: 10)))
        // Nothing new, nothing new in the history.
        #expect(try await signer.sign(log, with: key) == note)
        try await log.append(10..<20, to: stream)
        let later = try await signer.sign(log, with: key)
        #expect(try history().map(\.size) == [10, 20])
        #expect(try history().map(\.note) == [note, later])
        #expect(
            try history().map(\.publishedAt.rfc3339) == [
                "2026-11-30T00:53:20Z", "2026-11-30T00:53:20Z",
            ]
        )
        #expect(try folder.bytes(of: "checkpoints/latest") == Array(later.message.utf8))
        #expect(try signer.latest()?.note == later)
        await log.close()
    }

    @Test func anEmptyLogCanBeSigned() async throws {
        let log = try open()
        let checkpoint = try Checkpoint(text: try await signer.sign(log, with: key).text)
        #expect(checkpoint.size == 0)
        #expect(checkpoint.root == MerkleHash.empty)
        try await log.append(0..<3, to: stream)
        #expect(try Checkpoint(text: try await signer.sign(log, with: key).text).size == 3)
        await log.close()
    }

    /// Killed after the state was kept and before the checkpoint went out.
    @Test func keepsWhatItSignedBeforeItPublishes() async throws {
        let path = folder.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let log = try EventLog.open(at: path)
            try await log.append(0..<10, to: SampleEvents.stream("ana"))
            let key = try SignerKey(name: "log.example/one", seed: Array(0..<32))
            let signer = CheckpointSigner(folder: path)
            _ = try await signer.sign(log, with: key) { kill(getpid(), SIGKILL) }
        }
        #expect(try SigningState.read(in: path)?.size == 10)
        #expect(try history().isEmpty)
        let log = try open()
        try await log.append(10..<15, to: stream)
        let note = try await signer.sign(log, with: key)
        #expect(try Checkpoint(text: note.text).size == 15)
        await log.close()
    }

    /// An older copy of the log under the same signing state.
    @Test func refusesALogThatIsShorterThanWhatWasSigned() async throws {
        try await signThenRestore(signed: 20)
        let log = try open()
        let refused = await asyncFailure { try await signer.sign(log, with: key) }
        #expect(refused?.code == .signingRefused)
        #expect(refused?.message.contains("of 20 events was signed") == true)
        #expect(refused?.message.contains("accept-restore") == true)
        // Growing beyond the signed size does not make it the same log.
        try await log.append(500..<540, to: stream)
        let again = await asyncFailure { try await signer.sign(log, with: key) }
        #expect(again?.code == .signingRefused)
        #expect(again?.message.contains("are not those that were signed") == true)
        #expect(try history().map(\.size) == [20])
        await log.close()
    }

    @Test func goesOnWithAnotherKeyAfterARestoreWasAccepted() async throws {
        try await signThenRestore(signed: 20)
        let log = try open()
        let new = try SignerKey(name: "log.example/one/2", seed: Array(1..<33))
        let restore = try await signer.restore(of: log, for: new.verifier)
        #expect(restore.signed?.size == 20)
        #expect(restore.now.size == 10)
        try await signer.acceptRestore(
            restore,
            of: try log.information().identity,
            with: new.verifier
        )
        let old = await asyncFailure { try await signer.sign(log, with: key) }
        #expect(old?.message.contains("not by log.example/one+") == true)
        let note = try await signer.sign(log, with: new)
        #expect(try Checkpoint(text: note.text).size == 10)
        #expect(try history().map(\.size) == [10])
        #expect(FileManager.default.fileExists(atPath: folder.file("checkpoints/history.1")))
        await log.close()
    }

    @Test func refusesAfterABackupWasRestored() async throws {
        let log = try open()
        try await log.append(0..<10, to: stream)
        try folder.write(Array("from a backup".utf8), to: "restored")
        let refused = await asyncFailure { try await signer.sign(log, with: key) }
        #expect(refused?.code == .signingRefused)
        #expect(refused?.message.contains("was restored from a backup") == true)
        // A key that is made now has signed nothing that could be contradicted.
        try await signer.begin(log, with: key.verifier)
        let note = try await signer.sign(log, with: key)
        #expect(try Checkpoint(text: note.text).size == 10)
        try folder.write(Array("from another backup".utf8), to: "restored")
        #expect(
            await asyncFailure { try await signer.sign(log, with: key) }?.code == .signingRefused
        )
        let other = try SignerKey(name: "other.example", seed: Array(3..<35))
        let second = await asyncFailure { try await signer.begin(log, with: other.verifier) }
        #expect(second?.code == .signingRefused)
        await log.close()
    }

    /// Every byte of what must not be lost.
    @Test func aDamagedStateSignsNothing() async throws {
        let log = try open()
        try await log.append(0..<10, to: stream)
        _ = try await signer.sign(log, with: key)
        try await log.append(10..<20, to: stream)
        let bytes = try folder.bytes(of: "checkpoints/signed")
        var taken: [Int] = []
        for place in bytes.indices {
            for isCut in [false, true] {
                var changed = isCut ? Array(bytes[..<place]) : bytes
                if !isCut { changed[place] ^= 1 }
                try folder.write(changed, to: "checkpoints/signed")
                let error = await asyncFailure { try await signer.sign(log, with: key) }
                if error?.code != .corrupt { taken.append(place) }
            }
        }
        #expect(taken.isEmpty, "\(taken)")
        try folder.remove("checkpoints/signed")
        let refused = await asyncFailure { try await signer.sign(log, with: key) }
        #expect(refused?.message.contains("is missing, but there are checkpoints") == true)
        #expect(try history().map(\.size) == [10])
        await log.close()
    }

    @Test func keysAreChangedOnPurposeOnly() async throws {
        let log = try open()
        try await log.append(0..<10, to: stream)
        _ = try await signer.sign(log, with: key)
        let new = try SignerKey(name: key.name, seed: Array(1..<33))
        let refused = await asyncFailure { try await signer.sign(log, with: new) }
        #expect(refused?.message.contains("daybook log key rotate") == true)
        try await signer.changeKey(from: key.verifier, to: new.verifier)
        try await signer.changeKey(from: key.verifier, to: new.verifier)
        let note = try await signer.sign(log, with: new)
        #expect(try note.verified(by: [key.verifier, new.verifier]) == [new.verifier])
        let third = try SignerKey(name: key.name, seed: Array(2..<34))
        let wrong = await asyncFailure {
            try await signer.changeKey(from: key.verifier, to: third.verifier)
        }
        #expect(wrong?.code == .signingRefused)
        await log.close()
    }

    @Test func theEndOfTheHistoryMayBeCut() async throws {
        let log = try open()
        for number in 0..<3 {
            try await log.append(number * 5..<number * 5 + 5, to: stream)
            _ = try await signer.sign(log, with: key)
        }
        let bytes = try folder.bytes(of: "checkpoints/history")
        var counts: Set<Int> = []
        for length in bytes.indices {
            try folder.write(Array(bytes[..<length]), to: "checkpoints/history")
            counts.insert(try history().count)
        }
        #expect(counts == [0, 1, 2])
        try folder.write(Array(bytes.dropLast(7)), to: "checkpoints/history")
        _ = try await signer.sign(log, with: key)
        #expect(try folder.bytes(of: "checkpoints/history") == bytes)
        await log.close()
    }

    @Test func fileTilesAreThoseOfTheTree() async throws {
        let log = try open()
        try await log.append(0..<600, to: stream)
        let note = try await signer.sign(log, with: key)
        let target = folder.file("tiles")
        let first = try await log.exportTiles(to: target, checkpoint: note)
        #expect(first.size == 600)
        #expect(first.fileCount == 7)
        let level0 = try folder.bytes(of: "tiles/tile/0/002.p/88")
        #expect(level0.count == 88 * 32)
        let entries = EntryBundle.entries(of: try folder.bytes(of: "tiles/tile/entries/002.p/88"))
        let hashes = entries?.flatMap { MerkleHash.leaf($0).bytes }
        #expect(hashes == level0)
        #expect(try folder.bytes(of: "tiles/tile/1/000.p/2").count == 64)
        #expect(try folder.bytes(of: "tiles/checkpoint") == Array(note.message.utf8))
        #expect(try await log.exportTiles(to: target, checkpoint: note).fileCount == 0)
        try await log.append(600..<800, to: stream)
        let later = try await signer.sign(log, with: key)
        // Tile 2 is full now, tile 3 begins, and level 1 has one more.
        #expect(try await log.exportTiles(to: target, checkpoint: later).fileCount == 5)
        #expect(!FileManager.default.fileExists(atPath: target + "/tile/0/002.p"))
        await log.close()
    }

    @Test func verifyFindsAChangedRecord() async throws {
        let log = try open()
        try await log.append(0..<300, to: stream)
        let note = try await signer.sign(log, with: key)
        let good = try Checkpoint(text: note.text)
        try await log.append(300..<700, to: stream)
        let report = try await log.verifyTree(against: [good])
        #expect(report.isGood)
        #expect(report.checkpointCount == 1)
        #expect(report.root == (try await log.root(at: 700)))
        let since = try await log.verifyTree(against: [], since: good)
        #expect(since.isGood)
        #expect(since.first == 301)
        #expect(since.root == report.root)
        let other = Checkpoint(origin: good.origin, size: 300, root: MerkleHash.empty)
        let beyond = Checkpoint(origin: good.origin, size: 900, root: good.root)
        let bad = try await log.verifyTree(against: [beyond, other, good])
        #expect(bad.problems.count == 2)
        #expect(!(try await log.verifyTree(against: [], since: other)).isGood)
        #expect(!(try await log.verifyTree(against: [], since: beyond)).isGood)
        await log.close()
    }

    /// Signs at a size, and puts the log of ten events back.
    private func signThenRestore(signed size: Int) async throws {
        let log = try open()
        try await log.append(0..<10, to: stream)
        await log.close()
        for name in ["log", "head"] { try folder.copy(name, to: "old-" + name) }
        let later = try open()
        try await later.append(10..<size, to: stream)
        _ = try await signer.sign(later, with: key)
        await later.close()
        for name in ["log", "head"] { try folder.copy("old-" + name, to: name) }
        for name in ["index", "visible"] {
            try? FileManager.default.removeItem(atPath: folder.file(name))
        }
    }
}

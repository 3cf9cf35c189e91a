import Crypto
import DaybookTestKit
import EventLog
import EventModel
import Foundation
import Testing

@testable import Runtime

@Suite struct KeyStoreTests {
    private func subject(_ number: Int) throws -> Subject {
        try #require(Subject("contacts_profiles/p-\(number)"))
    }

    private func bytes(_ state: KeyState?) -> [UInt8]? {
        guard case .live(let key) = state else { return nil }
        return key.withUnsafeBytes { Array($0) }
    }

    private func wrapped(_ keys: KeyStore, _ subject: Subject) throws -> [UInt8]? {
        guard case .live(let wrapped) = try keys.row(of: subject)?.state else { return nil }
        return wrapped
    }

    private func erasure(_ subjects: [Subject]) -> Erasure {
        Erasure(
            event: SampleEvents.id(77),
            subject: subjects[0],
            erased: subjects,
            reason: "",
            actor: "user:ana",
            at: Timestamp(seconds: 1)
        )
    }

    @Test(arguments: [
        (String(repeating: "0a", count: 32), true), (String(repeating: "0", count: 63), false),
        (Data(repeating: 9, count: 32).base64EncodedString() + "\n", true), ("secret", false),
        (Data(repeating: 9, count: 31).base64EncodedString(), false), ("", false),
    ])
    func readsMasterKeys(text: String, isKey: Bool) {
        #expect(((try? MasterKey(text: text, origin: "the test")) != nil) == isKey)
    }

    @Test func keepsKeysOverALife() async throws {
        let folder = try TemporaryFolder()
        let one = try subject(1)
        var keys = try await SealedLog.keys(folder)
        let made = bytes(try await keys.prepare([one: []])[one])
        #expect(made?.count == 32)
        #expect(bytes(try await keys.prepare([one: ["mail:a@b.c"]])[one]) == made)
        await keys.close()
        keys = try await SealedLog.keys(folder)
        #expect(bytes(keys.states(of: [one])[one]) == made)
        #expect(try keys.subjects(withHandles: [keys.hash("mail:a@b.c")]) == [one])
        await keys.close()
        let raw = try folder.bytes(of: "data/keys/data.mdb")
        #expect(Data(raw).range(of: Data(made ?? [])) == nil)
        #expect(Data(raw).range(of: Data("a@b.c".utf8)) == nil)
    }

    @Test func destroysTheKeyOnTheDiskToo() async throws {
        let folder = try TemporaryFolder()
        let keys = try await SealedLog.keys(folder)
        for number in 0..<200 {
            _ = try await keys.prepare([try subject(number): ["phone:\(number)"]])
        }
        let (gone, kept) = (try subject(70), try subject(71))
        let destroyed = try #require(try wrapped(keys, gone))
        let hash = keys.hash("phone:70")
        let keptKey = bytes(keys.states(of: [kept])[kept])
        try await keys.destroy(erasure([gone]))
        for name in ["data.mdb", "shred.mdb", "new/data.mdb"] {
            let raw = FileManager.default.contents(atPath: folder.file("data/keys/\(name)"))
            #expect(raw?.range(of: Data(destroyed)) == nil, "\(name)")
            #expect(raw?.range(of: Data(hash)) == nil, "\(name)")
        }
        if case .erased = keys.states(of: [gone])[gone] {} else { Issue.record("not erased") }
        #expect(bytes(keys.states(of: [kept])[kept]) == keptKey)
        // A key that was destroyed is never made again.
        let again = try await keys.prepare([gone: ["phone:70"]])
        if case .erased = again[gone] {} else { Issue.record("made again") }
        #expect(try keys.subjects(withHandles: [hash]).isEmpty)
        await keys.close()
    }

    @Test func refusesAnotherMasterKey() async throws {
        let folder = try TemporaryFolder()
        let keys = try await SealedLog.keys(folder)
        _ = try await keys.prepare([try subject(1): []])
        await keys.close()
        for mode in [EventLogConfiguration.Mode.readWrite, .readOnly] {
            do {
                let other = Array(repeating: 8 as UInt8, count: 32)
                _ = try await SealedLog.keys(folder, master: other, mode: mode)
                Issue.record("opened with another master key")
            } catch let error as KeyStoreError {
                #expect(error.code == .wrongMasterKey)
                #expect(error.message.contains("the test"))
            }
        }
    }

    @Test func wrapsAllKeysAnew() async throws {
        let folder = try TemporaryFolder()
        let (one, two) = (try subject(1), try subject(2))
        var keys = try await SealedLog.keys(folder)
        let before = try await keys.prepare([one: ["mail:a@b.c"], two: []])
        let old = try #require(try wrapped(keys, one))
        try await keys.destroy(erasure([two]))
        let other = Array(repeating: 8 as UInt8, count: 32)
        #expect(try await keys.rewrap(by: MasterKey(bytes: other, origin: "new")) == 1)
        #expect(bytes(keys.states(of: [one])[one]) == bytes(before[one]))
        await keys.close()
        let raw = try folder.bytes(of: "data/keys/data.mdb")
        #expect(Data(raw).range(of: Data(old)) == nil)
        await #expect(throws: KeyStoreError.self) { try await SealedLog.keys(folder) }
        keys = try await SealedLog.keys(folder, master: other)
        #expect(bytes(keys.states(of: [one])[one]) == bytes(before[one]))
        #expect(try keys.subjects(withHandles: [keys.hash("mail:a@b.c")]) == [one])
        await keys.close()
    }

    @Test func tellsMissingFromDamagedFromErased() async throws {
        let folder = try TemporaryFolder()
        let keys = try await SealedLog.keys(folder)
        let (one, two) = (try subject(1), try subject(2))
        _ = try await keys.prepare([one: []])
        var row = try #require(try wrapped(keys, one))
        row[20] ^= 1
        let damaged = KeyRow(state: .live(wrapped: row), madeAt: Timestamp(seconds: 1))
        try await keys.vault.write { transaction in
            try transaction.put(
                KeyStore.subjects,
                key: KeyStore.key(one),
                value: damaged.value.canonicalBytes
            )
        }
        keys.forgetAll()
        let states = keys.states(of: [one, two])
        if case .damaged = states[one] {} else { Issue.record("not damaged") }
        if case .missing = states[two] {} else { Issue.record("not missing") }
        await keys.close()
    }

    /// Killed while shredding, the folder holds a whole store, and the next life finishes the work.
    @Test(arguments: ["before the exchange", "after the exchange"])
    func finishesShreddingThatWasCutShort(_ point: String) async throws {
        let folder = try TemporaryFolder()
        var keys = try await SealedLog.keys(folder)
        let (one, two) = (try subject(1), try subject(2))
        _ = try await keys.prepare([one: [], two: []])
        let kept = bytes(keys.states(of: [two])[two])
        await keys.close()
        try folder.copy("data/keys/data.mdb", to: "before.mdb")
        keys = try await SealedLog.keys(folder)
        try await keys.destroy(erasure([one]))
        await keys.close()
        if point == "after the exchange" {
            try folder.copy("before.mdb", to: "data/keys/shred.mdb")
        } else {
            try FileManager.default.linkItem(
                atPath: folder.file("data/keys/data.mdb"),
                toPath: folder.file("data/keys/shred.mdb")
            )
        }
        try FileManager.default.createDirectory(
            atPath: folder.file("data/keys/new"),
            withIntermediateDirectories: true
        )
        try folder.copy("before.mdb", to: "data/keys/new/data.mdb")
        keys = try await SealedLog.keys(folder)
        for name in ["shred.mdb", "new"] {
            #expect(!FileManager.default.fileExists(atPath: folder.file("data/keys/\(name)")))
        }
        #expect(bytes(keys.states(of: [two])[two]) == kept)
        if case .erased = keys.states(of: [one])[one] {} else { Issue.record("not erased") }
        await keys.close()
    }
}

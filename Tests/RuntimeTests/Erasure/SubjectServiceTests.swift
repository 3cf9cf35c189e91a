import DaybookTestKit
import EventLog
import EventModel
import Foundation
import Records
import Synchronization
import Testing

@testable import Runtime

@Suite struct SubjectServiceTests {
    private func filled(_ folder: TemporaryFolder) async throws -> SealedLog {
        let sealed = try await SealedLog(folder)
        #expect(try await sealed.subjects.recover() == [])
        _ = try await sealed.store.append([Maya.created()] + Maya.booking())
        let fields: ValueMap = ["task_name": .string("Call \(Maya.name)"), "status": "To Do"]
        let linked = fields.merging(["contact": [.string(Maya.page)]])
        _ = try await sealed.store.append([
            Maya.record("master_tasks", "t-1", .created(fields: linked), 20),
            Maya.record("contacts_profiles", "other", .created(fields: ["full_name": "Bo"]), 21),
        ])
        return sealed
    }

    private func all(_ store: some EventStore) throws -> [Event] {
        try store.read(from: nil, direction: .forward, limit: 1000, filter: .all)
    }

    private func erase(_ sealed: SealedLog, _ who: String) async throws -> SubjectService.Outcome {
        try await sealed.subjects.erase(
            who,
            reason: "asked for it",
            actor: "user:ana",
            includingRunning: false
        )
    }

    @Test(arguments: [Maya.subject, Maya.page, "Maya.Lindqvist@example.org", "070 123 45 67"])
    func erasesAPersonWithAllThatNamesHer(who: String) async throws {
        let folder = try TemporaryFolder()
        let sealed = try await filled(folder)
        let before = try all(sealed.log)
        let outcome = try await erase(sealed, who)
        #expect(outcome.subject.text == Maya.subject)
        #expect(
            Set(outcome.erased.map(\.text)) == [
                Maya.subject, "master_tasks/t-1", "story/\(Maya.story)",
            ]
        )
        // Not a byte of what was there has changed, so every hash and proof holds.
        #expect(Array(try all(sealed.log).prefix(before.count)) == before)
        let events = try all(sealed.store)
        let text = try events.map { try JSON.text($0.data) }.joined(separator: "\n")
        #expect(Maya.needles.allSatisfy { !text.contains($0) })
        #expect(events.last?.type == "SubjectErased")
        #expect(events.last?.actor == "user:ana")
        let created = events.first { $0.type == "RecordCreated" }
        #expect(created?.data[path: "fields", "full_name"] == "‹erased›")
        #expect(created?.data[path: "fields", "preferences"] == "‹erased›")
        #expect(created?.data[path: "fields", "status"] == "Active Client")
        #expect(created?.metadata["erased_subject"] == .string(Maya.subject))
        let bo = events.first { $0.data[path: "fields", "full_name"] == "Bo" }
        #expect(bo != nil)
        #expect(try await erase(sealed, Maya.subject).isRepeat)
        await sealed.close()
        #expect(try SealedLog.leaks(of: Maya.needles, in: folder.path) == [])
    }

    @Test func recordsTheErasedNeverAgain() async throws {
        let sealed = try await filled(TemporaryFolder())
        _ = try await erase(sealed, Maya.subject)
        let again = Maya.record(
            "contacts_profiles",
            Maya.page,
            .updated(changes: ["full_name": .init(before: "‹erased›", after: .string(Maya.name))]),
            40
        )
        _ = try await sealed.store.append([again])
        let stored = try #require(try all(sealed.log).last)
        #expect(stored.data[path: "changes", "full_name", "after"] == "‹erased›")
        #expect(stored.metadata["sealed"] == nil)
        await sealed.close()
    }

    @Test func aHoldRefusesAndItsReleaseAllows() async throws {
        let sealed = try await filled(TemporaryFolder())
        _ = try await sealed.subjects.hold(Maya.mail, reason: "case 12", actor: "user:ana")
        let before = sealed.store.head
        do {
            _ = try await erase(sealed, Maya.subject)
            Issue.record("erased under a hold")
        } catch let error as SubjectError {
            #expect(error.code == "legal_hold")
            #expect(error.description.contains("daybook subject release"))
        }
        // What names somebody who is held is held as well.
        let story = "story/\(Maya.story)"
        do {
            _ = try await erase(sealed, story)
            Issue.record("erased what names a held person")
        } catch let error as SubjectError {
            #expect(error.code == "legal_hold")
        }
        #expect(sealed.store.head == before)
        await #expect(throws: SubjectError.alreadyHeld(try #require(Subject(Maya.subject)))) {
            try await sealed.subjects.hold(Maya.subject, reason: "again", actor: "user:ana")
        }
        #expect(try sealed.subjects.show(Maya.subject)["hold"]?["reason"] == "case 12")
        _ = try await sealed.subjects.release(Maya.subject, reason: "closed", actor: "user:ana")
        #expect(try await erase(sealed, Maya.subject).erased.count == 3)
        await sealed.close()
    }

    @Test func showsListsAndExports() async throws {
        let sealed = try await filled(TemporaryFolder())
        let shown = try sealed.subjects.show(Maya.mail)
        #expect(shown["state"] == "live")
        #expect(shown["linked"]?.listValue?.count == 2)
        #expect(try !JSON.text(shown).contains("Lindqvist"))
        #expect(try sealed.subjects.list(.people).count == 2)
        #expect(try sealed.subjects.list(.all).count == 4)
        #expect(try JSON.text(sealed.subjects.export(Maya.page)).contains(Maya.name))
        _ = try await erase(sealed, Maya.subject)
        let after = try sealed.subjects.show(Maya.subject)
        #expect(after["state"] == "erased")
        #expect(after["erased"]?["by"] == "user:ana")
        #expect(after["linked"]?.listValue?.count == 2)
        #expect(throws: SubjectError.unknown("nobody@example.org")) {
            try sealed.subjects.show("nobody@example.org")
        }
        await sealed.close()
    }

    @Test func forgetsTheSecretsOfItsStories() async throws {
        let sealed = try await filled(TemporaryFolder())
        let reference = try #require(SecretReference("secret://payment_info/abc"))
        try await sealed.secrets.keep([1, 2, 3], under: reference)
        _ = try await erase(sealed, Maya.subject)
        #expect(sealed.secrets.all.isEmpty)
        await sealed.close()
    }

    /// Killed after the keys were destroyed and before the tombstone was appended.
    @Test func finishesAnErasureThatWasCutShort() async throws {
        let folder = try TemporaryFolder()
        var sealed = try await filled(folder)
        let erasure = Erasure(
            event: SampleEvents.id(500),
            subject: try #require(Subject(Maya.subject)),
            erased: [try #require(Subject(Maya.subject))],
            reason: "asked for it",
            actor: "user:ana",
            at: Timestamp(seconds: 1_796_000_001)
        )
        try await sealed.keys.destroy(erasure)
        let head = sealed.store.head
        await sealed.close()
        sealed = try await SealedLog(folder)
        #expect(
            try await sealed.subjects.recover() == [
                "the erasure of \(Maya.subject) was finished"
            ]
        )
        #expect(sealed.store.head == head.advanced(by: 1))
        let last = try all(sealed.store).last
        #expect(last?.id == erasure.event && last?.actor == "user:ana")
        #expect(try await sealed.subjects.recover() == [])
        // Killed after the tombstone and before that was noted, it is not buried twice.
        try await sealed.keys.destroy(erasure)
        _ = try await sealed.subjects.recover()
        #expect(sealed.store.head == head.advanced(by: 1))
        await sealed.close()
    }

    @Test func anOlderBackupOfTheKeysBringsNobodyBack() async throws {
        let folder = try TemporaryFolder()
        var sealed = try await filled(folder)
        await sealed.close()
        try folder.copy("data/keys/data.mdb", to: "backup.mdb")
        sealed = try await SealedLog(folder)
        _ = try await erase(sealed, Maya.subject)
        await sealed.close()
        try folder.copy("backup.mdb", to: "data/keys/data.mdb")
        sealed = try await SealedLog(folder)
        #expect(
            try await sealed.subjects.recover() == [
                "3 keys that the log says are erased were destroyed again"
            ]
        )
        let text = try all(sealed.store).map { try JSON.text($0.data) }.joined()
        #expect(!text.contains("Lindqvist"))
        await sealed.close()
    }

    @Test func keysOfAnotherLogAreRefused() async throws {
        let folder = try TemporaryFolder()
        var sealed = try await filled(folder)
        await sealed.close()
        try folder.remove("data/keys")
        let notices = Mutex<[String]>([])
        sealed = try await SealedLog(folder) { text in notices.withLock { $0.append(text) } }
        await #expect(throws: KeyStoreError.self) {
            try await sealed.subjects.recover()
        }
        // What has no key and no tombstone does not look erased.
        let events = try all(sealed.store)
        let created = events.first { $0.type == "RecordCreated" }
        #expect(created?.data[path: "fields", "full_name"] == "‹key missing›")
        #expect(created?.data[path: "fields", "status"] == "Active Client")
        #expect(notices.withLock { $0.contains { $0.contains(Maya.subject) } })
        await sealed.close()
    }

    @Test func manySubjectsTakeSeveralTombstones() async throws {
        let sealed = try await filled(TemporaryFolder())
        let service = SubjectService(
            store: sealed.store,
            keys: sealed.keys,
            secrets: nil,
            time: VirtualTime(),
            erasedMax: 2
        )
        let outcome = try await service.erase(
            Maya.subject,
            reason: "",
            actor: "user:ana",
            includingRunning: false
        )
        let tombstones = try all(sealed.store).filter { $0.type == "SubjectErased" }
        #expect(tombstones.map { $0.data["erased"]?.listValue?.count } == [2, 1])
        #expect(tombstones.last?.data["erased"] == [.string(Maya.subject)])
        #expect(outcome.erased.count == 3 && outcome.position == sealed.store.head)
        #expect(try await erase(sealed, Maya.subject).isRepeat)
        await sealed.close()
    }

    @Test func sameNumberIsNotSamePerson() async throws {
        let sealed = try await filled(TemporaryFolder())
        let fields: ValueMap = ["full_name": "Ada Lindqvist", "phone": .string(Maya.phone)]
        _ = try await sealed.store.append([
            Maya.record("contacts_profiles", "ada", .created(fields: fields), 60)
        ])
        do {
            _ = try await erase(sealed, Maya.phone)
            Issue.record("two people have the number")
        } catch let error as SubjectError {
            #expect(error.code == "ambiguous_subject")
        }
        let outcome = try await erase(sealed, Maya.mail)
        #expect(!outcome.erased.map(\.text).contains("contacts_profiles/ada"))
        let text = try all(sealed.store).map { try JSON.text($0.data) }.joined()
        #expect(text.contains("Ada Lindqvist"))
        await sealed.close()
    }
}

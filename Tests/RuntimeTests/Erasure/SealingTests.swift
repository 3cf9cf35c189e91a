import Crypto
import DaybookTestKit
import EventLog
import EventModel
import Foundation
import Records
import Synchronization
import Testing

@testable import Runtime

@Suite struct SealingTests {
    @Test(arguments: EventStoreContract.cases)
    func keepsTheContract(_ contract: EventStoreContract) async throws {
        let sealed = try await SealedLog(TemporaryFolder())
        try await contract.run(sealed.store)
        await sealed.close()
    }

    @Test func storesCiphertextAndReadsWhatWasAppended() async throws {
        let folder = try TemporaryFolder()
        let sealed = try await SealedLog(folder)
        let writes = [Maya.created()] + Maya.booking()
        _ = try await sealed.store.append(writes)
        let filter = EventFilter(categories: ["record", "webhook", "sample"])
        let events = try sealed.store.read(
            from: nil,
            direction: .forward,
            limit: 10,
            filter: filter
        )
        #expect(events.map(\.data) == writes.flatMap(\.events).map(\.data))
        #expect(events.map(\.metadata) == writes.flatMap(\.events).map(\.metadata))
        for try await batch in sealed.store.subscribe(after: .start, filter: filter)
        where !batch.events.isEmpty {
            #expect(batch.events == events)
            break
        }
        let stream = try sealed.store.readStream(
            writes[0].stream,
            from: nil,
            direction: .backward,
            limit: 1
        )
        #expect(stream == [events[0]])
        await sealed.close()
        #expect(try SealedLog.leaks(of: Maya.needles, in: folder.path) == [])
    }

    @Test func answersARepeatAlthoughTheCiphertextDiffers() async throws {
        let sealed = try await SealedLog(TemporaryFolder())
        let first = try await sealed.store.append([Maya.created()])
        let stored = try sealed.log.read(from: nil, direction: .forward, limit: 9, filter: .all)
        let again = try await sealed.store.append([Maya.created()])
        #expect(again.places == first.places && again.isRepeat)
        #expect(
            try sealed.log.read(from: nil, direction: .forward, limit: 9, filter: .all) == stored
        )
        await sealed.close()
    }

    @Test func boxesFitNoOtherEventSubjectOrData() throws {
        let key = SymmetricKey(size: .bits256)
        let subject = try #require(Subject("contacts_profiles/a"))
        let place = SealedBox.Place(
            id: SampleEvents.id(1),
            stream: SampleEvents.stream("a"),
            type: "RecordCreated",
            data: ["x": "‹erased›"]
        )
        let box = try SealedBox(["Maya"], of: subject, at: place, key: key)
        #expect(box.open(at: place, key: key) == ["Maya"])
        #expect(SealedBox(box.value) == box)
        var others = [place, place, place, place]
        others[0].id = SampleEvents.id(2)
        others[1].stream = SampleEvents.stream("b")
        others[2].type = "RecordUpdated"
        others[3].data = ["y": "‹erased›"]
        #expect(others.allSatisfy { box.open(at: $0, key: key) == nil })
        var stolen = box
        stolen.subject = try #require(Subject("contacts_profiles/b"))
        #expect(stolen.open(at: place, key: key) == nil)
        #expect(box.open(at: place, key: SymmetricKey(size: .bits256)) == nil)
        let twin = try SealedBox(["Maya"], of: subject, at: place, key: key)
        #expect(twin.bytes != box.bytes)
    }

    @Test func aSealThatIsNoneShowsAsDamage() async throws {
        let sealed = try await SealedLog(TemporaryFolder())
        _ = try await sealed.store.append([Maya.created()])
        let stored = try sealed.log.read(from: nil, direction: .backward, limit: 1, filter: .all)
        var swapped = Maya.created(2)
        swapped.events[0].data = stored[0].data
        swapped.events[0].metadata = stored[0].metadata
        _ = try await sealed.log.append([swapped])
        let read = try sealed.store.read(from: nil, direction: .backward, limit: 1, filter: .all)
        #expect(read.first?.data[path: "fields", "full_name"] == "‹damaged›")
        #expect(read.first?.data[path: "fields", "status"] == "Active Client")
        await sealed.close()
    }

    @Test func refusesTheReservedMember() async throws {
        let sealed = try await SealedLog(TemporaryFolder())
        var event = SampleEvents.proposed(1)
        event.metadata["sealed"] = "mine"
        let write = StreamWrite(
            stream: SampleEvents.stream("a"),
            expected: .any,
            events: [event]
        )
        await #expect(throws: EventLogError.self) { try await sealed.store.append([write]) }
        #expect(sealed.store.head == .start)
        await sealed.close()
    }

    @Test func withoutKeysNothingPersonalIsAppendedOrShown() async throws {
        let sealed = try await SealedLog(TemporaryFolder())
        _ = try await sealed.store.append([Maya.created()])
        let bare = SealingEventStore(
            sealed.log,
            policy: PersonalData(databases: try SealedLog.databases()),
            keys: nil
        )
        let read = try bare.read(from: nil, direction: .backward, limit: 1, filter: .all)
        #expect(read.first?.data[path: "fields", "full_name"] == "‹sealed›")
        await #expect(throws: EventLogError.self) { try await bare.append([Maya.created(2)]) }
        _ = try await bare.append(0..<1, to: SampleEvents.stream("a"))
        #expect(bare.head == Position(3))
        await sealed.close()
    }

    @Test func manyAppendsAtOnceShareKeysAndLoseNothing() async throws {
        let sealed = try await SealedLog(TemporaryFolder())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...60 {
                group.addTask {
                    let fields: ValueMap = ["full_name": .string("Person \(number)")]
                    let page = "page-\(number % 7)"
                    let write = Maya.record(
                        "contacts_profiles",
                        page,
                        .created(fields: fields),
                        number
                    )
                    _ = try await sealed.store.append([write])
                }
            }
            try await group.waitForAll()
        }
        let events = try sealed.store.read(from: nil, direction: .forward, limit: 99, filter: .all)
        let names = Set(events.compactMap { $0.data[path: "fields", "full_name"]?.stringValue })
        #expect(names == Set((1...60).map { "Person \($0)" }))
        #expect(try sealed.keys.rows().count == 7)
        await sealed.close()
    }
}

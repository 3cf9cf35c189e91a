import DaybookTestKit
import EventModel
import Testing

@testable import EventLog

/// What a failed commit leaves is imitated here: the batch is in the file, or not, or something
/// else is.
@Suite struct LogCommitmentTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func findsThatTheBatchIsThereAfterAll() throws {
        let storage = try open()
        var commitment = LogCommitment(storage: storage, head: 0)
        try commitment.commit(try batch(1...3))
        let lost = try batch(4...6)
        try storage.append(lost)
        commitment.noteFailure(of: lost)
        let isUncertain = commitment.isUncertain
        #expect(isUncertain)
        try commitment.settle()
        let (head, isStillUncertain) = (commitment.head, commitment.isUncertain)
        #expect(head == 6)
        #expect(!isStillUncertain)
        storage.environment.close()
    }

    @Test func findsThatTheBatchIsNotThere() throws {
        let storage = try open()
        var commitment = LogCommitment(storage: storage, head: 0)
        try commitment.commit(try batch(1...3))
        commitment.noteFailure(of: try batch(4...6))
        try commitment.settle()
        let head = commitment.head
        #expect(head == 3)
        try commitment.commit(try batch(4...5))
        #expect(try storage.lastPosition() == 5)
        storage.environment.close()
    }

    @Test(arguments: [4...4, 4...6])
    func refusesToGoOnWhenSomethingElseIsThere(_ found: ClosedRange<Int>) throws {
        let storage = try open()
        var commitment = LogCommitment(storage: storage, head: 0)
        try commitment.commit(try batch(1...3))
        try storage.append(try batch(found, number: 50))
        commitment.noteFailure(of: try batch(4...6))
        for _ in 0..<2 {
            do throws(EventLogError) {
                try commitment.settle()
                Issue.record("settled")
            } catch {
                #expect(error.code == .corrupt)
            }
            let isUncertain = commitment.isUncertain
            #expect(isUncertain)
        }
        storage.environment.close()
    }

    private func open() throws(EventLogError) -> LogStorage {
        try LogStorage(folder: folder.path, configuration: EventLogConfiguration())
    }

    private func batch(
        _ positions: ClosedRange<Int>,
        number: Int = 0
    ) throws -> [RecordGroup] {
        let group = RecordGroup(first: UInt64(positions.lowerBound), recordsBytesMax: 10_000)
        for position in positions {
            let event = Event(
                position: Position(UInt64(position)),
                id: SampleEvents.id(number + position),
                stream: SampleEvents.stream("ana"),
                revision: UInt64(position - 1),
                type: "NoteTaken",
                schema: 1,
                recordedAt: Timestamp(seconds: 1),
                entity: nil,
                actor: "system",
                correlation: SampleEvents.id(1),
                causation: nil,
                data: nil,
                metadata: [:]
            )
            group.append(try RecordCodec.encode(event, bytesMax: 1 << 20))
        }
        return [group]
    }
}

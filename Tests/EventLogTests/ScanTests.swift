import DaybookTestKit
import EventModel
import Testing

@testable import EventLog

@Suite struct ScanTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func showsEveryEventOnceAcrossChunks() async throws {
        let log = try EventLog.open(at: folder.path)
        for number in 0..<3 {
            let stream = SampleEvents.stream("s\(number)")
            try await log.append(number * 3000..<(number + 1) * 3000, to: stream)
        }
        var positions: [UInt64] = []
        var typed = 0
        let last = try log.scan { view throws(EventLogError) in
            positions.append(view.position.value)
            if view.typeBytes.elementsEqual("NoteTaken".utf8) { typed += 1 }
            return true
        }
        #expect(last == 9000)
        #expect(positions == Array(1...9000))
        #expect(typed == 9000)
        await log.close()
    }

    @Test(arguments: [
        (first: 3, last: 5, stop: 99, seen: 3...5), (first: 3, last: 50, stop: 7, seen: 3...7),
        (first: 9, last: 50, stop: 99, seen: 9...10), (first: 0, last: 1, stop: 99, seen: 1...1),
    ])
    func stopsWhereItIsTold(first: UInt64, last: UInt64, stop: UInt64, seen: ClosedRange<UInt64>)
        async throws
    {
        let log = try EventLog.open(at: folder.path)
        try await log.append(0..<10, to: SampleEvents.stream("ana"))
        var positions: [UInt64] = []
        let end = try log.scan(from: Position(first), through: Position(last)) {
            view throws(EventLogError) in
            positions.append(view.position.value)
            return view.position.value != stop
        }
        #expect(positions == Array(seen))
        #expect(end.value == seen.upperBound)
        await log.close()
    }

    @Test func beyondTheHeadIsNothing() async throws {
        let log = try EventLog.open(at: folder.path)
        #expect(try log.scan { _ in true } == .start)
        try await log.append(0..<10, to: SampleEvents.stream("ana"))
        #expect(try log.scan(from: 11) { _ in true } == 10)
        await log.close()
        #expect(failure { try log.scan { _ in true } }?.code == .closed)
    }
}

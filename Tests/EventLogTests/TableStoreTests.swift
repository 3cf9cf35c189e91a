import DaybookTestKit
import EventModel
import Glibc
import Testing

@testable import EventLog

@Suite struct TableStoreTests {
    private let folder: TemporaryFolder
    private let tables = ["rows", "cursors"]

    init() throws { folder = try TemporaryFolder() }

    @Test func keepsWhatItIsGiven() async throws {
        var store = try open()
        let removed = try await store.write { transaction in
            try transaction.put("rows", key: [1, 2], value: [3])
            try transaction.put("rows", key: [1, 3], value: [])
            try transaction.put("cursors", key: [9], value: [1])
            let removed = try transaction.delete("rows", key: [1, 2])
            return (removed, try transaction.delete("rows", key: [7]))
        }
        #expect(removed == (true, false))
        await store.close()
        store = try open()
        #expect(try store.read { try $0.get("rows", key: [1, 2]) } == nil)
        #expect(try store.read { try $0.get("rows", key: [1, 3]) } == [])
        #expect(try store.read { try $0.get("cursors", key: [9]) } == [1])
        #expect(try store.read { try $0.count("rows") } == 1)
        try await store.write { try $0.clear("rows") }
        #expect(try store.read { try $0.count("rows") } == 0)
        #expect(try store.read { try $0.count("cursors") } == 1)
        await store.close()
    }

    @Test func dropsTheChangesOfAClosureThatThrows() async throws {
        struct Refusal: Error {}
        let store = try open()
        await #expect(throws: Refusal.self) {
            try await store.write { transaction in
                try transaction.put("rows", key: [1], value: [1])
                throw Refusal()
            }
        }
        #expect(try store.read { try $0.get("rows", key: [1]) } == nil)
        try await store.write { try $0.put("rows", key: [2], value: [2]) }
        #expect(try store.read { try $0.get("rows", key: [2]) } == [2])
        await store.close()
    }

    struct Scan: Sendable, CustomStringConvertible {
        var prefix: [UInt8]?
        var from: [UInt8] = []
        var limit = Int.max
        var reversed = false
        var wanted: [[UInt8]]

        var description: String {
            "prefix \(prefix ?? []) from \(from) limit \(limit) reversed \(reversed)"
        }
    }

    @Test(
        arguments: [
            Scan(prefix: [], wanted: [[1], [1, 5], [2, 0], [2, 255], [255], [255, 255]]),
            Scan(
                prefix: [],
                reversed: true,
                wanted: [[255, 255], [255], [2, 255], [2, 0], [1, 5], [1]]
            ),
            Scan(prefix: [2], wanted: [[2, 0], [2, 255]]),
            Scan(prefix: [2], reversed: true, wanted: [[2, 255], [2, 0]]),
            Scan(prefix: [1], limit: 1, reversed: true, wanted: [[1, 5]]),
            Scan(prefix: [255], reversed: true, wanted: [[255, 255], [255]]),
            Scan(prefix: [3], wanted: []),
            Scan(prefix: [3], reversed: true, wanted: []),
            Scan(from: [2], wanted: [[2, 0], [2, 255], [255], [255, 255]]),
            Scan(from: [2, 0], limit: 2, wanted: [[2, 0], [2, 255]]),
            Scan(from: [2, 0], reversed: true, wanted: [[2, 0], [1, 5], [1]]),
            Scan(from: [2, 1], limit: 1, reversed: true, wanted: [[2, 0]]),
            Scan(from: [0], reversed: true, wanted: []),
            Scan(from: [255, 255, 1], wanted: []),
            Scan(from: [255, 255, 1], limit: 1, reversed: true, wanted: [[255, 255]]),
            Scan(from: [1], limit: 0, wanted: []),
        ]
    )
    func scansInBothDirections(_ scan: Scan) async throws {
        let store = try open()
        try await store.write { transaction in
            for key: [UInt8] in [[2, 255], [1], [255, 255], [2, 0], [1, 5], [255]] {
                try transaction.put("rows", key: key, value: key)
            }
        }
        let found = try store.read { transaction in
            if let prefix = scan.prefix {
                return try transaction.scan(
                    "rows",
                    prefix: prefix,
                    limit: scan.limit,
                    reversed: scan.reversed
                )
            }
            return try transaction.scan(
                "rows",
                from: scan.from,
                limit: scan.limit,
                reversed: scan.reversed
            )
        }
        #expect(found.map(\.key) == scan.wanted)
        #expect(found.map(\.value) == scan.wanted)
        await store.close()
    }

    @Test func refusesWhatMakesNoSense() async throws {
        let store = try open()
        for key in [[], [UInt8](repeating: 1, count: 512)] {
            let error = await asyncFailure {
                try await store.write { try $0.put("rows", key: key, value: [1]) }
            }
            #expect(error?.code == .invalid)
        }
        let error = failure { try store.read { try $0.count("nothing") } }
        #expect(error?.code == .invalid)
        #expect(error?.message.contains("rows") == true)
        let longest = [UInt8](repeating: 1, count: 511)
        try await store.write { try $0.put("rows", key: longest, value: [1]) }
        await store.close()
        #expect(failure { try store.read { try $0.count("rows") } }?.code == .closed)
        let closed = await asyncFailure { try await store.write { try $0.clear("rows") } }
        #expect(closed?.code == .closed)
    }

    @Test func refusesATransactionThatEscaped() async throws {
        let store = try open()
        let escaped = try store.read { Escape(transaction: $0) }
        #expect(failure { try escaped.transaction.count("rows") }?.code == .closed)
        await store.close()
    }

    private struct Escape {
        let transaction: TableTransaction
    }

    @Test func growsAndRunsTheClosureAgain() async throws {
        let store = try TableStore.open(at: folder.path, tables: tables, mapBytes: 1 << 20)
        let value = [UInt8](repeating: 7, count: 1000)
        for round in 0..<4 {
            try await store.write { transaction in
                for index in 0..<1000 {
                    let key = [UInt8](sortable: UInt64(round * 1000 + index))
                    try transaction.put("rows", key: key, value: value)
                }
            }
        }
        #expect(try store.read { try $0.count("rows") } == 4000)
        await store.close()
    }

    @Test func answersManyWriters() async throws {
        let store = try open()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask {
                    try await store.write { transaction in
                        let key = [UInt8](sortable: UInt64(number % 10))
                        let old = try transaction.get("rows", key: key)?.first ?? 0
                        try transaction.put("rows", key: key, value: [old + 1])
                    }
                }
            }
            try await group.waitForAll()
        }
        let rows = try store.read { try $0.scan("rows") }
        #expect(rows.map(\.value) == [[UInt8]](repeating: [20], count: 10))
        await store.close()
    }

    @Test func isEmptiedWhenTheMachineStoppedOrTheFileIsDamaged() async throws {
        let notices = Notices()
        for damage in ["boot", "truncated", "rubbish"] {
            let store = try open(notices)
            try await store.write { try $0.put("rows", key: [1], value: [1]) }
            await store.close()
            let bytes = try folder.bytes(of: "data.mdb")
            switch damage {
            case "boot": try folder.write(Array("open another-boot\n".utf8), to: "state")
            case "truncated": try folder.write(Array(bytes.prefix(8192)), to: "data.mdb")
            default: try folder.write([UInt8](repeating: 9, count: 9000), to: "data.mdb")
            }
            let count = notices.all.count
            let next = try open(notices)
            #expect(try next.read { try $0.count("rows") } == 0, "\(damage)")
            #expect(notices.all.count == count + 1, "\(damage)")
            await next.close()
        }
    }

    @Test func survivesTheDeathOfItsProcess() async throws {
        let path = folder.path
        await #expect(processExitsWith: .signal(9)) { [path = path as String] in
            let store = try TableStore.open(at: path, tables: ["rows", "cursors"])
            try await store.write { try $0.put("rows", key: [1], value: [1]) }
            TableStoreTests.killOneself()
        }
        let notices = Notices()
        let store = try open(notices)
        #expect(try store.read { try $0.get("rows", key: [1]) } == [1])
        #expect(notices.all.isEmpty)
        await store.close()
    }

    @Test func canBeReadByAnotherProcess() async throws {
        let store = try open()
        try await store.write { try $0.put("rows", key: [1], value: [1]) }
        #expect(failure { try open() }?.code == .locked)
        let path = folder.path
        await #expect(processExitsWith: .success) { [path = path as String] in
            let reader = try TableStore.open(at: path, tables: ["rows"], mode: .readOnly)
            try require(try reader.read { try $0.get("rows", key: [1]) } == [1], "row")
            let error = await asyncFailure { try await reader.write { try $0.clear("rows") } }
            try require(error?.code == .closed, "\(error?.message ?? "written")")
            await reader.close()
        }
        await store.close()
    }

    private func open(_ notices: Notices = Notices()) throws(EventLogError) -> TableStore {
        try TableStore.open(at: folder.path, tables: tables) { notices.add($0) }
    }
}

extension TableStoreTests {
    /// Dies as a process does that the kernel kills.
    static func killOneself() { kill(getpid(), SIGKILL) }
}

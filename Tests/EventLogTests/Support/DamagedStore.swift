import DaybookTestKit
import EventModel

@testable import EventLog

/// A small store whose data file is damaged in memory and read as a log would read it.
struct DamagedStore: Sendable {
    enum Outcome: Equatable {
        /// Everything was read and is what was written.
        case harmless
        /// An error said so.
        case found(String)
        /// Something else was read.
        case believed
    }

    /// The file.
    let bytes: [UInt8]
    /// The head file beside it.
    let head: [UInt8]
    /// What is in it.
    let events: [Event]
    /// What each page is; nil if it is free.
    let kinds: [PageKind?]
    private let records: [[UInt8]]

    /// Makes a store with events of all sizes, and pages that were freed.
    static func make() throws -> DamagedStore {
        let folder = try TemporaryFolder()
        let configuration = EventLogConfiguration(mode: .readWrite, tailRecordsChecked: 1)
        try Files.makeFolder(folder.file("log"))
        let storage = try LogStorage(folder: folder.file("log"), configuration: configuration)
        var records: [[UInt8]] = []
        var events: [Event] = []
        for part in 0..<5 {
            let first = events.count
            for number in first..<first + 20 {
                // 2,022 bytes is the most that LMDB keeps in a leaf.
                let length = number % 17 == 16 ? [2500, 4100, 9000][number % 3] : 40 + number * 5
                let event = try event(number, length: length)
                events.append(event)
                records.append(try RecordCodec.encode(event, bytesMax: 1 << 20))
            }
            let group = RecordGroup(
                first: UInt64(first) + 1,
                recordsBytesMax: records[first...].reduce(0) { $0 + $1.count }
            )
            for record in records[first...] { group.append(record) }
            try storage.append([group])
            if part == 4 {
                try HeadFile(
                    log: storage.identity.id,
                    position: UInt64(events.count),
                    checksum: try storage.checksum(of: UInt64(events.count))
                ).write(in: folder.file("log"))
            }
        }
        storage.environment.close()
        let bytes = try folder.bytes(of: "log/log/data.mdb")
        return DamagedStore(
            bytes: bytes,
            head: try folder.bytes(of: "log/head"),
            events: events,
            kinds: try kinds(of: bytes),
            records: records
        )
    }

    private static func event(_ number: Int, length: Int) throws -> Event {
        Event(
            position: Position(UInt64(number) + 1),
            id: SampleEvents.id(number),
            stream: SampleEvents.stream("ana"),
            revision: UInt64(number),
            type: "NoteTaken",
            schema: 1,
            recordedAt: Timestamp(microseconds: 1_790_000_000_000_000 + Int64(number)),
            entity: nil,
            actor: "user:ana",
            correlation: SampleEvents.id(number),
            causation: nil,
            data: ["text": .string(String(repeating: "x", count: length))],
            metadata: [:]
        )
    }

    /// What each page of a good file is, by walking from its newer meta page.
    private static func kinds(of bytes: [UInt8]) throws -> [PageKind?] {
        var kinds = [PageKind?](repeating: nil, count: bytes.count / 4096)
        kinds[0] = .meta
        kinds[1] = .meta
        try withSnapshot(bytes) { snapshot throws(EventLogError) in
            var roots = [snapshot.meta.main.root, snapshot.meta.free.root]
            while let number = roots.popLast() {
                guard number != PageLayout.noPage else { continue }
                let isBranch = bytes[Int(number) * 4096 + PageLayout.flagsOffset] == 1
                kinds[Int(number)] = isBranch ? .branch : .leaf
                let page = try snapshot.page(number, isBranch ? .branch : .leaf)
                for index in 0..<page.count {
                    let node = try snapshot.node(page, index)
                    if isBranch {
                        roots.append(node.child)
                    } else if node.flags == PageLayout.isTree {
                        roots.append(TreeRecord(node.value).root)
                    } else if node.flags == PageLayout.isOverflowing {
                        let run = try snapshot.overflowPage(node, page)
                        for offset in 0..<run.overflowCount {
                            kinds[Int(run.number + offset)] = .overflow
                        }
                    }
                }
            }
        }
        return kinds
    }

    private static func withSnapshot(
        _ bytes: [UInt8],
        _ body: (PageSnapshot) throws(EventLogError) -> Void
    ) throws(EventLogError) {
        try bytes.withBytes { buffer throws(EventLogError) in
            let meta = try MetaCheck.check(buffer, size: buffer.count, "data.mdb")
            guard let base = buffer.baseAddress else { return }
            try body(
                PageSnapshot(path: "data.mdb", base: base, byteCount: buffer.count, meta: meta)
            )
        }
    }

    /// Opens and reads a file as a log does: pages first, then the record of every position.
    func outcome(of bytes: [UInt8]) throws -> Outcome {
        do throws(EventLogError) {
            var isWhole = true
            try DamagedStore.withSnapshot(bytes) { snapshot throws(EventLogError) in
                let tables = [Table("events", keys: .integers), Table("meta")]
                _ = try PageCheck.run(
                    snapshot,
                    PageCheck.Options(tables: tables, hasAllTables: true, readsLeaves: true)
                )
                let reader = try PageReader(snapshot, table: "events")
                let last = try reader?.last() ?? 0
                // The head file says how many there were.
                guard last == UInt64(records.count), reader?.tree.entryCount == last else {
                    throw EventLogError(.corrupt, "data.mdb holds \(last) events")
                }
                try reader?.forEach(from: 1, through: last) {
                    position,
                    bytes throws(EventLogError) in
                    _ = try RecordCodec.view(bytes, position: position, file: "data.mdb")
                    isWhole = isWhole && records[Int(position) - 1].elementsEqual(bytes)
                    return true
                }
            }
            return isWhole ? .harmless : .believed
        } catch {
            return .found(error.message)
        }
    }

    /// Puts the store into a folder `log` of a folder.
    func write(to folder: TemporaryFolder) throws {
        try Files.makeFolder(folder.file("log/log"))
        try folder.write(bytes, to: "log/log/data.mdb")
        try folder.write(head, to: "log/head")
    }
}

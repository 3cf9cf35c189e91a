import DaybookTestKit
import EventModel
import Synchronization
import Testing

@testable import EventLog

@Suite struct BackupTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder("backup") }

    @Test(arguments: ["backup", "backup.daybook"])
    func comesBackByteForByte(name: String) async throws {
        let log = try EventLog.open(at: folder.file("a"))
        try await KeepSamples.fill(log)
        let records = try KeepSamples.records(of: log, through: log.head)
        let identity = try log.information().identity
        let told = Mutex<[KeepProgress]>([])
        let report = try await log.backUp(to: folder.file(name)) { progress in
            told.withLock { $0.append(progress) }
        }
        #expect(report.eventCount == UInt64(records.count))
        #expect(report.identity == identity)
        #expect(report.isVerified && report.fileBytes > 0)
        #expect(report.recordBytes == UInt64(records.map(\.count).reduce(0, +)))
        let last = told.withLock { $0.last }
        #expect(last?.phase == .verifying && last?.done == last?.total)
        await log.close()
        let restored = try await EventLog.restore(folder.file(name), to: folder.file("b"))
        #expect(restored.identity == identity)
        #expect(restored.last.value == UInt64(records.count))
        #expect(try KeepSamples.records(in: folder.file("b")) == records)
        #expect(exists(folder.file("b/restored")))
        try await isAsGoodAsNew(folder.file("b"))
        #expect(try Files.names(in: folder.path).allSatisfy { !$0.hasPrefix(".") })
    }

    /// A restored log can be opened, verified and written.
    private func isAsGoodAsNew(_ path: String) async throws {
        let log = try EventLog.open(at: path)
        let stream = SampleEvents.stream("ana")
        let count = try log.eventCount(of: stream)
        try await log.append(5000..<5001, to: stream, expected: .exact(count - 1))
        let report = try await log.verify()
        #expect(report.isGood, "\(report.problems)")
        await log.close()
    }

    @Test(arguments: ["backup", "backup.daybook"])
    func emptyLogIsBackedUpToo(name: String) async throws {
        let log = try EventLog.open(at: folder.file("a"))
        let report = try await log.backUp(to: folder.file(name))
        #expect(report.eventCount == 0)
        await log.close()
        let restored = try await EventLog.restore(folder.file(name), to: folder.file("b"))
        #expect(restored.last == .start)
        let next = try EventLog.open(at: folder.file("b"))
        #expect(next.head == .start)
        await next.close()
    }

    @Test func isConsistentWhileSomebodyWrites() async throws {
        let log = try EventLog.open(at: folder.file("a"))
        try await log.append(0..<20_000, to: SampleEvents.stream("first"))
        let isOver = Switch()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                var number = 100_000
                while !isOver.isOn {
                    try await log.append(number..<number + 7, to: SampleEvents.stream("w"))
                    number += 7
                }
            }
            for (name, options) in [
                ("one", BackupOptions()), ("two", BackupOptions(verifies: false)),
                ("three.daybook", BackupOptions()),
            ] {
                let report = try await log.backUp(to: folder.file(name), options: options)
                #expect(report.isVerified == options.verifies)
                let at = report.last.value
                #expect(at >= 20_000 && (at - 20_000).isMultiple(of: 7), "half an append: \(at)")
            }
            isOver.turnOn()
            try await group.waitForAll()
        }
        for name in ["one", "two", "three.daybook"] {
            let report = try await EventLog.restore(folder.file(name), to: folder.file("r-" + name))
            let kept = try KeepSamples.records(in: folder.file("r-" + name))
            let own = try KeepSamples.records(of: log, through: report.last)
            #expect(kept == own, "\(name)")
        }
        await log.close()
    }

    @Test func takesWhatLiesBesideTheLog() async throws {
        let log = try EventLog.open(at: folder.file("a"))
        try await log.append(0..<3, to: SampleEvents.stream("ana"))
        try Files.makeFolder(folder.file("a/secrets/deep"))
        try folder.write([1, 2, 3], to: "a/secrets/deep/one")
        try folder.write([4], to: "a/secrets.key")
        let plain = try await log.backUp(to: folder.file("plain"))
        #expect(plain.others.isEmpty && !exists(folder.file("plain/secrets.key")))
        let options = BackupOptions(others: BackupOptions.secrets)
        let full = try await log.backUp(to: folder.file("full"), options: options)
        #expect(full.others == ["secrets", "secrets.key"])
        await log.close()
        _ = try await EventLog.restore(folder.file("full"), to: folder.file("b"))
        #expect(try folder.bytes(of: "b/secrets/deep/one") == [1, 2, 3])
        #expect(try folder.bytes(of: "b/secrets.key") == [4])
        let refused = await asyncFailure {
            try await log.backUp(to: folder.file("x.daybook"), options: options)
        }
        #expect(refused?.code == .closed || refused?.code == .invalid)
        try folder.remove("full/secrets.key")
        let error = await asyncFailure {
            try await EventLog.restore(folder.file("full"), to: folder.file("c"))
        }
        #expect(error?.message.contains("has lost 'secrets.key'") == true)
        #expect(!exists(folder.file("c")))
    }

    @Test(arguments: ["taken", "taken.daybook"])
    func overwritesNothing(name: String) async throws {
        let log = try EventLog.open(at: folder.file("a"))
        try await log.append(0..<3, to: SampleEvents.stream("ana"))
        _ = try await log.backUp(to: folder.file(name))
        let error = await asyncFailure { try await log.backUp(to: folder.file(name)) }
        #expect(error?.code == .exists)
        await log.close()
        let target = await asyncFailure {
            try await EventLog.restore(folder.file(name), to: folder.file("a"))
        }
        #expect(target?.code == .exists)
        #expect(try KeepSamples.records(in: folder.file("a")).count == 3)
    }

    @Test func restoresOverDamage() async throws {
        let log = try EventLog.open(at: folder.file("a"))
        try await log.append(0..<1000, to: SampleEvents.stream("ana"))
        _ = try await log.backUp(to: folder.file("backup"))
        let records = try KeepSamples.records(of: log, through: 1000)
        await log.close()
        try folder.write([UInt8](repeating: 0xA5, count: 8192), to: "a/log/data.mdb")
        #expect(failure { try EventLog.open(at: folder.file("a")) } != nil)
        try folder.copy("a", to: "damaged")
        try folder.remove("a")
        _ = try await EventLog.restore(folder.file("backup"), to: folder.file("a"))
        #expect(try KeepSamples.records(in: folder.file("a")) == records)
    }

    @Test func whatAnInterruptedBackupLeftIsNoBackup() async throws {
        let log = try EventLog.open(at: folder.file("a"))
        try await log.append(0..<100, to: SampleEvents.stream("ana"))
        // As a kill in the middle leaves it: some of the log under the hidden name.
        let copy = try FreshLog(target: folder.file("b"), identity: log.storage.identity)
        try log.walk(from: 1, through: 50) { _, record throws(EventLogError) in
            try copy.add(record)
        }
        try copy.seal()
        try folder.copy(".b.unfinished", to: "left")
        copy.abandon()
        try folder.copy("left", to: ".b.unfinished")
        try folder.remove("left")
        #expect(!exists(folder.file("b")))
        let error = await asyncFailure {
            try await EventLog.restore(folder.file(".b.unfinished"), to: folder.file("c"))
        }
        #expect(error?.code == .missing, "\(error?.message ?? "")")
        let report = try await log.backUp(to: folder.file("b"))
        #expect(report.eventCount == 100)
        #expect(!exists(folder.file(".b.unfinished")))
        await log.close()
    }

    @Test func refusesABackupThatIsNotItself() async throws {
        let log = try EventLog.open(at: folder.file("a"))
        try await log.append(0..<100, to: SampleEvents.stream("ana"))
        _ = try await log.backUp(to: folder.file("b100"))
        try await log.append(100..<200, to: SampleEvents.stream("ana"))
        _ = try await log.backUp(to: folder.file("b200"))
        await log.close()
        try folder.copy("b100/backup", to: "b200/backup")
        let longer = await asyncFailure {
            try await EventLog.restore(folder.file("b200"), to: folder.file("r"))
        }
        #expect(longer?.message.contains("is not the log that") == true)
        try folder.write(Array("daybook backup 2\n".utf8), to: "b100/backup")
        let newer = await asyncFailure {
            try await EventLog.restore(folder.file("b100"), to: folder.file("r"))
        }
        #expect(newer?.code == .newerFormat)
        try folder.remove("b100/backup")
        let unmarked = await asyncFailure {
            try await EventLog.restore(folder.file("b100"), to: folder.file("r"))
        }
        #expect(unmarked?.code == .missing)
        #expect(!exists(folder.file("r")))
    }
}

import DaybookTestKit
import EventLog
import EventModel
import Foundation
import Testing

@testable import Runtime

/// A backup takes the keys as they are at one moment.
@Suite struct KeysBackupTests {
    @Test func aBackupWithKeysOpensWhatItHolds() async throws {
        let folder = try TemporaryFolder()
        let sealed = try await SealedLog(folder)
        _ = try await sealed.subjects.recover()
        _ = try await sealed.store.append([Maya.created()])
        // The keys are open in this process, as they never are where a backup is made.
        await sealed.keys.close()
        try Data("secret".utf8).write(to: URL(fileURLWithPath: folder.file("data/keys/master.key")))
        let options = BackupOptions(others: ["keys"])
        let report = try await sealed.log.backUp(to: folder.file("copy"), options: options)
        #expect(report.others == ["keys"])
        await sealed.log.close()
        #expect(try folder.bytes(of: "copy/keys/master.key") == Array("secret".utf8))
        try folder.remove("data")
        try FileManager.default.moveItem(
            atPath: folder.file("copy"),
            toPath: folder.file("data")
        )
        let restored = try await SealedLog(folder)
        let events = try restored.store.read(
            from: nil,
            direction: .forward,
            limit: 9,
            filter: EventFilter(categories: ["record"])
        )
        #expect(events.first?.data[path: "fields", "full_name"] == .string(Maya.name))
        await restored.close()
    }
}

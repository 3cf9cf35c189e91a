import DaybookTestKit
import EventModel
import Testing

@testable import EventLog

@Suite struct VisibleFileTests {
    @Test func tellsTheLaterOfTwoPositions() throws {
        let folder = try TemporaryFolder()
        let identity = LogIdentity.random()
        #expect(try VisibleFile.read(in: folder.path, identity: identity) == nil)
        let file = try VisibleFile(folder: folder.path, identity: identity)
        for position in [1, 2, 70_000] as [UInt64] {
            #expect(file.write(position) == nil)
            #expect(try VisibleFile.read(in: folder.path, identity: identity) == position)
        }
        #expect(try VisibleFile.read(in: folder.path, identity: .random()) == nil)
    }

    /// A slot that was being written, or is damaged, counts as none.
    @Test func passesOverASlotThatIsNotWhole() throws {
        let folder = try TemporaryFolder()
        let identity = LogIdentity.random()
        let file = try VisibleFile(folder: folder.path, identity: identity)
        for position in [5, 6] as [UInt64] { _ = file.write(position) }
        let bytes = try folder.bytes(of: "visible")
        #expect(bytes.count == 128)
        for offset in bytes.indices {
            var damaged = bytes
            damaged[offset] ^= 0x10
            try folder.write(damaged, to: "visible")
            let found = try VisibleFile.read(in: folder.path, identity: identity)
            if found != (offset < 64 ? 5 : 6) { Issue.record("\(offset): \(found ?? 0)") }
        }
        try folder.write(Array(bytes.prefix(100)), to: "visible")
        #expect(try VisibleFile.read(in: folder.path, identity: identity) == 6)
    }
}

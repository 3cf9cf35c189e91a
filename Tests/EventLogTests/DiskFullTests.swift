import DaybookTestKit
import EventModel
import Foundation
import Testing

@testable import EventLog

/// A real file system that is full. Mounting one takes root; ``ProcessTests`` has the test without.
@Suite struct DiskFullTests {
    @Test func resumesWhenThereIsRoomAgain() async throws {
        let folder = try TemporaryFolder()
        guard run("mount", "-t", "tmpfs", "-o", "size=2m", "daybook-test", folder.path) else {
            print("resumesWhenThereIsRoomAgain: skipped, no right to mount a small disk")
            return
        }
        defer { _ = run("umount", folder.path) }
        let log = try EventLog.open(
            at: folder.path,
            configuration: EventLogConfiguration(indexBatchEventsMax: 200)
        )
        let stream = SampleEvents.stream("ana")
        var number = 0
        var failed: EventLogError?
        while failed == nil, number < 100_000 {
            failed = await asyncFailure {
                try await log.append(number..<number + 50, to: stream)
            }
            if failed == nil { number += 50 }
        }
        #expect(failed?.code == .diskFull, "\(failed?.message ?? "")")
        #expect(log.head.value == UInt64(number))
        let events = try log.read(from: nil, direction: .backward, limit: 3, filter: .all)
        #expect(log.numbers(events) == [number - 1, number - 2, number - 3])
        #expect(try log.eventCount(of: stream) == UInt64(number))
        #expect(run("mount", "-o", "remount,size=64m", folder.path))
        // The index thread tries again once a second, and an append waits for nobody else.
        while await asyncFailure({ try await log.append(number..<number + 50, to: stream) }) != nil
        {
            await Task.yield()
        }
        #expect(log.head.value == UInt64(number + 50))
        let report = try await log.verify()
        #expect(report.isGood, "\(report.problems)")
        await log.close()
        let next = try EventLog.open(at: folder.path)
        #expect(next.head.value == UInt64(number + 50))
        await next.close()
    }

    /// Runs a command, by posix_spawn: Foundation's `Process` was seen to crash where many tests
    /// start programs at the same time.
    private func run(_ words: String...) -> Bool {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in [STDOUT_FILENO, STDERR_FILENO] {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_WRONLY, 0)
        }
        var arguments = words.map { strdup($0) } + [nil]
        defer { for text in arguments { free(text) } }
        var process: pid_t = 0
        guard posix_spawnp(&process, words[0], &actions, nil, &arguments, environ) == 0 else {
            return false
        }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return status == 0
    }
}

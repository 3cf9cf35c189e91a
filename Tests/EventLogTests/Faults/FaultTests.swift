import Foundation
import Testing

/// A sample of the fault suite; `tools/faults --full` tries everything.
///
/// Each class runs in processes of its own, which the driver starts, watches and ends. One at a
/// time, since each is itself many processes.
@Suite(.serialized) struct FaultTests {
    /// Classes of faults, and about how many of each are tried.
    static let classes: [(name: String, sample: Int)] = [
        ("kill", 6), ("trace", 8), ("random", 8), ("errors", 1), ("stories", 1), ("power", 30),
        ("damage", 4),
    ]

    @Test(arguments: classes)
    func losesNothing(name: String, sample: Int) async throws {
        let result = try await FaultProgram.run([
            "run", "--only", name, "--sample", "\(sample)", "--seed", "1",
        ])
        let figures = result.output
        #expect(result.status == 0, "reproduce by: tools/faults --only \(name)\n\(figures)")
        #expect(figures.contains("survived"), "no figures: \(figures)")
    }

    /// A suite that finds nothing must not be one that looks at nothing.
    @Test func noticesWhatIsLost() async throws {
        let folder = NSTemporaryDirectory() + "faults-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let words = ["--seed", "1", "--folder", folder + "/log", "--acks", folder + "/acks"]
        let work = try await FaultProgram.run(["work"] + words + ["--operations", "10"])
        #expect(work.status == 0, "\(work.output)")
        let check = try await FaultProgram.run(["check"] + words)
        #expect(check.status == 0, "\(check.output)")
        let other = words.map { $0 == "1" ? "2" : $0 }
        let result = try await FaultProgram.run(["check"] + other)
        #expect(result.status == 1, "\(result.output)")
        #expect(result.output.contains("is not"), "\(result.output)")
    }
}

/// The built fault driver.
enum FaultProgram {
    /// The program beside the test bundle.
    static let file: URL = {
        let bundles = [Bundle.main.executablePath ?? ""] + CommandLine.arguments
        let folders = bundles.filter { $0.hasSuffix(".xctest") }
            .map { URL(fileURLWithPath: $0).deletingLastPathComponent() }
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let candidates = (folders + [root.appendingPathComponent(".build/debug")])
            .map { $0.appendingPathComponent("FaultDriver") }
        return candidates.first { FileManager.default.isExecutableFile(atPath: $0.path) }
            ?? candidates[0]
    }()

    /// Runs it to its end; what it prints and complains comes together.
    static func run(_ words: [String]) async throws -> (status: Int32, output: String) {
        let output = NSTemporaryDirectory() + "faults-\(UUID().uuidString).out"
        defer { unlink(output) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let flags = O_WRONLY | O_CREAT | O_TRUNC
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, flags, 0o600)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        var arguments = ([file.path] + words).map { strdup($0) } + [nil]
        defer { for text in arguments { free(text) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, file.path, &actions, nil, &arguments, environ)
        try #require(code == 0, "\(file.path) cannot be started; 'swift build' makes it")
        let status = await end(of: process)
        let bytes = FileManager.default.contents(atPath: output) ?? Data()
        let ended = status & 0x7F == 0 ? (status >> 8) & 0xFF : -(status & 0x7F)
        return (ended, String(decoding: bytes, as: UTF8.self))
    }

    /// Waits on a thread of its own: the pool has few, and other tests need them meanwhile.
    private static func end(of process: pid_t) async -> Int32 {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var status: Int32 = 0
                while waitpid(process, &status, 0) < 0, errno == EINTR {}
                continuation.resume(returning: status)
            }
        }
    }
}

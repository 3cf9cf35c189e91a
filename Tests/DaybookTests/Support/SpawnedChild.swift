import Foundation
import Synchronization

/// A child process by posix_spawn, which bears many tests that start programs at the same time; on
/// Linux, Foundation's `Process.run` was seen to crash there.
final class SpawnedChild: Sendable {
    struct Failure: Error { let message: String }

    let processID: Int32
    private let ended = Mutex<Int32?>(nil)

    init(
        _ words: [String],
        environment: [String: String],
        folder: String,
        output: String,
        errors: String
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let flags = O_WRONLY | O_CREAT | O_TRUNC
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, flags, 0o600)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors, flags, 0o600)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A test runner may ignore or block signals; the program must not inherit that.
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        let setting = Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
        posix_spawnattr_setflags(&attributes, setting)
        // The shell changes the folder and then becomes the program, so the process stays the same.
        let shell = ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", folder]
        var arguments = (shell + words).map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, shell[0], &actions, &attributes, &arguments, &variables)
        guard code == 0 else {
            throw Failure(message: "cannot start \(words[0]): \(String(cString: strerror(code)))")
        }
        processID = process
    }

    /// The exit code, or the signal that ended it as a negative number; nil while it runs.
    var status: Int32? {
        ended.withLock { ended in
            if let ended { return ended }
            var status: Int32 = 0
            guard waitpid(processID, &status, WNOHANG) == processID else { return nil }
            let signal = status & 0x7F
            ended = signal == 0 ? (status >> 8) & 0xFF : -signal
            return ended
        }
    }
}

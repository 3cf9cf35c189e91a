import ArgumentParser
import Documents

/// The exit codes of every command, after BSD's sysexits.h.
enum ExitStatus {
    /// A check found something wrong, or what was asked for does not exist.
    static let checkFailed = ExitCode(1)
    /// A file that the user named is wrong.
    static let badInput = ExitCode(65)
    /// The engine, the sandbox or another service cannot be reached.
    static let unavailable = ExitCode(69)
    /// The log or the disk failed.
    static let inputOutput = ExitCode(74)
    /// The configuration is wrong.
    static let badConfiguration = ExitCode(78)

    static let help = """
        EXIT CODES: 0 done; 1 a check failed or nothing was found; 64 wrong arguments; 65 a file \
        you named is wrong; 69 a service cannot be reached; 74 the log or the disk failed; \
        78 the configuration is wrong.
        """
}

/// Ends a command with a message on standard error and an exit code.
struct CommandFailure: Error {
    let message: String
    let status: ExitCode

    init(_ message: String, _ status: ExitCode = ExitStatus.checkFailed) {
        self.message = message
        self.status = status
    }

    init(_ problems: Problems, _ status: ExitCode) {
        message = problems.list.map(\.description).joined(separator: "\n")
        self.status = status
    }
}

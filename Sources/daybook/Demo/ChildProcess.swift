import EventModel
import Foundation
import Synchronization

/// A program that the demo starts, watches and ends: this same program with other arguments.
final class ChildProcess: Sendable {
    let name: String
    private let process: Process
    private let lines = Mutex(Lines())
    /// Kept open as long as this process lives; the child ends when it closes.
    private let lifeline = Pipe()

    private struct Lines {
        var kept: [String] = []
        var rest = ""
        var firstLineWaiters: [CheckedContinuation<String?, Never>] = []
        var isClosed = false
    }

    /// Starts it.
    ///
    /// Its standard error goes to a file; its standard output is read line by line.
    init(
        _ name: String,
        arguments: [String],
        environment: [String: String],
        workingFolder: URL,
        errorFile: URL
    ) throws(CommandFailure) {
        self.name = name
        process = Process()
        let program = Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0])
        process.executableURL = program
        process.arguments = arguments + ["--until-input-ends"]
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.currentDirectoryURL = workingFolder
        let output = Pipe()
        process.standardOutput = output
        process.standardInput = lifeline
        do {
            if !FileManager.default.fileExists(atPath: errorFile.path) {
                _ = FileManager.default.createFile(atPath: errorFile.path, contents: nil)
            }
            let errors = try FileHandle(forWritingTo: errorFile)
            try errors.seekToEnd()
            process.standardError = errors
            try process.run()
        } catch {
            throw CommandFailure("cannot start \(program.path): \(error)", ExitStatus.unavailable)
        }
        output.fileHandleForReading.readabilityHandler = { [weak self] handle in
            let data = handle.availableData
            if data.isEmpty { handle.readabilityHandler = nil }
            self?.take(data)
        }
    }

    var processID: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }

    /// The first line of its output, or nil if it ended without one.
    func firstLine() async -> String? {
        await withCheckedContinuation { continuation in
            let answer: String?? = lines.withLock { lines in
                if let line = lines.kept.first { return .some(line) }
                if lines.isClosed { return .some(nil) }
                lines.firstLineWaiters.append(continuation)
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    /// Ends it at once, as a crash or a power cut would.
    func killNow() {
        kill(processID, SIGKILL)
        process.waitUntilExit()
    }

    /// Asks it to end, waits, and gives its exit code; ends it by force after `seconds`.
    func terminate(within seconds: Double = 15) async -> Int32 {
        guard process.isRunning else { return process.terminationStatus }
        kill(processID, SIGTERM)
        let deadline = Date().addingTimeInterval(seconds)
        while process.isRunning, Date() < deadline {
            try? await Task.sleep(for: .milliseconds(20))
        }
        if process.isRunning { killNow() }
        return process.terminationStatus
    }

    private func take(_ data: Data) {
        let (waiters, line) = lines.withLock {
            lines -> ([CheckedContinuation<String?, Never>], String?) in
            if data.isEmpty {
                lines.isClosed = true
            } else {
                lines.rest += String(decoding: data, as: UTF8.self)
                while let end = lines.rest.firstIndex(of: "\n") {
                    lines.kept.append(String(lines.rest[..<end]))
                    lines.rest.removeSubrange(...end)
                }
                // Only the first line is ever asked for; the rest must not pile up.
                lines.kept = Array(lines.kept.prefix(100))
            }
            guard lines.isClosed || !lines.kept.isEmpty else { return ([], nil) }
            let waiters = lines.firstLineWaiters
            lines.firstLineWaiters = []
            return (waiters, lines.kept.first)
        }
        for waiter in waiters { waiter.resume(returning: line) }
    }
}

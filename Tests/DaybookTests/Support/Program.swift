import DaybookTestKit
import EventModel
import Foundation
import Testing

/// The built `daybook`, run as users run it: in a folder of its own and without this machine's settings.
struct Program: Sendable {
    struct Result: Sendable {
        let status: Int32
        let output: String
        let errors: String

        var json: Value? { try? JSON.parse(bytes: Array(output.utf8)) }
        var lines: [Substring] { output.split(separator: "\n") }
    }

    /// A program that is still running.
    struct Running: Sendable {
        fileprivate let child: SpawnedChild
        fileprivate let output: String
        fileprivate let errors: String

        var processID: Int32 { child.processID }
        var isRunning: Bool { child.status == nil }

        func send(_ signal: Int32) { kill(processID, signal) }

        /// Waits until it ends; ends it by force when `seconds` are over.
        func result(within seconds: Double = 30) async throws -> Result {
            let hasEnded = try await Program.wait(seconds: seconds) { child.status != nil }
            if !hasEnded { kill(processID, SIGKILL) }
            try #require(hasEnded, "it did not end within \(seconds) s: \(text(errors))")
            return Result(
                status: child.status ?? -1,
                output: text(output),
                errors: text(errors)
            )
        }

        private func text(_ file: String) -> String {
            String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
        }
    }

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The program beside the test bundle.
    static let file: URL = {
        let bundles = [Bundle.main.executablePath ?? ""] + CommandLine.arguments
        let folders = bundles.filter { $0.hasSuffix(".xctest") }
            .map { URL(fileURLWithPath: $0).deletingLastPathComponent() }
        let candidates = (folders + [root.appendingPathComponent(".build/debug")])
            .map { $0.appendingPathComponent("daybook") }
        return candidates.first { FileManager.default.isExecutableFile(atPath: $0.path) }
            ?? candidates[0]
    }()

    let folder: TemporaryFolder
    var environment: [String: String] = [:]

    init(_ folder: TemporaryFolder) { self.folder = folder }

    init() throws { folder = try TemporaryFolder("cli") }

    /// Writes a file into the working folder.
    func write(_ text: String, to name: String) throws {
        try folder.write(Array(text.utf8), to: name)
    }

    func start(_ arguments: [String]) throws -> Running {
        try spawn([Self.file.path] + arguments)
    }

    /// Runs another program, by its path, in the working folder to its end.
    func execute(_ words: [String], within seconds: Double = 30) async throws -> Result {
        try await spawn(words).result(within: seconds)
    }

    /// Starts another program, by its path, in the working folder.
    func begin(_ words: [String]) throws -> Running { try spawn(words) }

    private func spawn(_ words: [String]) throws -> Running {
        var variables = ProcessInfo.processInfo.environment.filter { name, _ in
            !["NOTION_", "SUPABASE_", "WEBHOOK_", "NO_COLOR", "DAYBOOK_LOG_KEY"].contains {
                name.hasPrefix($0)
            }
        }
        variables["DAYBOOK_HOME"] = Self.root.path
        // Files instead of pipes: nothing blocks, however much is written.
        let name = "run-\(UUID().uuidString)"
        let files = ["out", "err"].map { folder.file("\(name).\($0)") }
        let child = try SpawnedChild(
            words,
            environment: variables.merging(environment) { $1 },
            folder: folder.path,
            output: files[0],
            errors: files[1]
        )
        return Running(child: child, output: files[0], errors: files[1])
    }

    /// Runs a command line to its end.
    func run(_ arguments: String..., within seconds: Double = 30) async throws -> Result {
        try await start(arguments).result(within: seconds)
    }

    /// Runs a command line, split at its spaces.
    func run(line: String, within seconds: Double = 30) async throws -> Result {
        let arguments = line.split(separator: " ").map(String.init)
        return try await start(arguments).result(within: seconds)
    }

    /// Asks again and again, briefly, until something holds; false when `seconds` are over.
    static func wait(
        seconds: Double,
        until holds: () async throws -> Bool
    ) async throws -> Bool {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < deadline {
            if try await holds() { return true }
            try await Task.sleep(for: .milliseconds(5))
        }
        return try await holds()
    }
}

extension Program {
    static let greeting = """
        workflow: greeting
        title: Greet a guest
        entity: the_7_space
        triggers: [{manual: true}]
        input:
          name: {type: string, required: true, description: whom to greet}
        steps:
          - name: greet
            set: {text: "Hello {{ input.name }}"}
        output: {text: "{{ vars.text }}"}

        """

    /// A folder with one deployed workflow, `greeting`.
    static func withGreeting() async throws -> Program {
        let program = try Program()
        try program.write(greeting, to: "greeting.yaml")
        let deployed = try await program.run("workflow", "deploy", "greeting.yaml")
        try #require(deployed.status == 0, "\(deployed.errors)")
        return program
    }
}

import EventLog
import EventModel
import Foundation
import Runtime

/// A data folder, looked at without disturbing the engine that may run on it.
struct DataFolder {
    let configuration: Configuration

    var path: String { configuration.dataFolder }
    var viewsPath: String { path + "/views" }

    init(_ options: ConfigurationOptions) throws(CommandFailure) {
        configuration = try options.load()
    }

    /// Opens the log for reading.
    func openLog() throws(CommandFailure) -> EventLog {
        try reading { () throws(EventLogError) in
            try EventLog.open(at: path, configuration: EventLogConfiguration(mode: .readOnly))
        }
    }

    /// Opens the log for reading, with what is sealed in it opened as far as the keys are there.
    func openStore() async throws(CommandFailure) -> SealingEventStore {
        try await openSealed().store
    }

    /// The same with the keys, for questions about people; nil if there are none that can be used.
    func openSealed() async throws(CommandFailure) -> (store: SealingEventStore, keys: KeyStore?) {
        let log = try openLog()
        let databases = try Library.load().databases
        return await Keys.unseal(log, configuration, databases: databases) { text in
            Terminal.error("\(Terminal.mark("note:", .yellow)) \(text)")
        }
    }

    /// The same, once the log is as new as it must be.
    func openStore(_ reading: ReadingOptions) async throws -> SealingEventStore {
        let log = try await openStore()
        guard let wanted = reading.atLeast else { return log }
        let isThere = try await log.waitUntilVisible(Position(wanted), atMost: .seconds(30))
        guard isThere else {
            throw CommandFailure(
                "the log in \(path) ends at \(log.head), and \(wanted) did not come within 30 "
                    + "seconds; is the position right, and does the engine run?",
                ExitStatus.unavailable
            )
        }
        return log
    }

    /// Opens the views for reading; nil if no engine has made any yet.
    func openViews() throws(CommandFailure) -> TableStore? {
        guard FileManager.default.fileExists(atPath: viewsPath) else { return nil }
        return try reading { () throws(EventLogError) in
            try EngineViews.open(at: viewsPath, mode: .readOnly)
        }
    }

    /// The running engine's control API; fails with what to do if none runs.
    func endpoint() throws(CommandFailure) -> EngineEndpoint {
        if let endpoint = EngineEndpoint.find(path) { return endpoint }
        throw CommandFailure(
            "no engine runs on \(path); start one with: daybook serve --data \(path)",
            ExitStatus.unavailable
        )
    }

    /// Turns a failure of the log into the end of the command.
    func reading<Result>(
        _ body: () throws(EventLogError) -> Result
    ) throws(CommandFailure) -> Result {
        do {
            return try body()
        } catch {
            throw Self.failure(error, path: path)
        }
    }

    static func failure(_ error: EventLogError, path: String) -> CommandFailure {
        if error.code == .missing {
            return CommandFailure(
                "there is no log in \(path); 'daybook serve' and 'daybook demo' make one, "
                    + "and --data names another folder"
            )
        }
        return CommandFailure(error.message, ExitStatus.inputOutput)
    }

    static func identifier(_ text: String) throws(CommandFailure) -> Identifier {
        guard let id = Identifier(lenient: text) else {
            throw CommandFailure(
                "'\(text)' is no id; ids are 32 hexadecimal digits, as 'daybook instance list' shows",
                ExitStatus.badInput
            )
        }
        return id
    }
}

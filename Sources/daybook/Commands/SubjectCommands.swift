import ArgumentParser
import EventLog
import EventModel
import Foundation
import HTTPClient
import Runtime

/// `daybook subject`: what the log holds about people, and how they are erased.
struct SubjectCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "subject",
        abstract: "Look at what is held about a person, hold it, export it, or erase the person.",
        discussion: """
            Personal values are encrypted in the log with a key for each person's record and each story. \
            To erase a person is to destroy keys: the log keeps every byte and every proof, and shows \
            ‹erased› in those places from then on. ID is DATABASE/ID, the id of a contact, an e-mail \
            address or a telephone number. docs/operating.md says how to answer a request.

            EXAMPLES:
              daybook subject list
              daybook subject show maya@example.org
              daybook subject export maya@example.org
              daybook subject hold maya@example.org --reason "case 12"
              daybook subject release maya@example.org
              daybook subject erase maya@example.org --reason "request of 3 May"
            """,
        subcommands: [
            List.self, Show.self, Export.self, Hold.self, Release.self, Erase.self, Rewrap.self,
        ]
    )

    /// Who is meant.
    struct Who: ParsableArguments {
        @Argument(help: "DATABASE/ID, a contact's id, an e-mail address or a telephone number.")
        var id: String
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List whose values the log holds; contacts, if nothing else is said."
        )

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions
        @Flag(help: "Also the records of other databases.")
        var records = false
        @Flag(help: "Also stories: what webhooks and instances carried.")
        var stories = false

        func run() async throws {
            let service = try await SubjectCommands.service(options)
            let kind: SubjectService.Kind = stories ? .all : records ? .records : .people
            let rows = try service.list(kind)
            if output.json {
                Terminal.out(try JSON.text(.list(rows)))
                return
            }
            guard !rows.isEmpty else {
                Terminal.out("Nobody is known yet; contacts come with the first look at Notion.")
                return
            }
            var table = Table(["subject", "state", "since (UTC)", "hold"])
            for row in rows {
                table.add([
                    row["subject"]?.stringValue ?? "", row["state"]?.stringValue ?? "",
                    row["since"]?.timestampValue?.shown ?? "", row["hold"]?.stringValue ?? "",
                ])
            }
            table.print()
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what would be erased, holds, and when and by whom somebody was erased."
        )

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var who: Who

        func run() async throws {
            let service = try await SubjectCommands.service(options)
            let value = try SubjectCommands.asking { try service.show(who.id) }
            Terminal.out(try JSON.text(value, layout: output.json ? .compact : .pretty))
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write everything that the log holds about a person, as JSON."
        )

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var who: Who

        func run() async throws {
            let service = try await SubjectCommands.service(options)
            let value = try SubjectCommands.asking { try service.export(who.id) }
            Terminal.out(try JSON.text(value, layout: output.json ? .compact : .pretty))
        }
    }

    struct Hold: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Forbid to erase a person, until the hold is released."
        )

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var who: Who
        @Option(help: "Why; it is kept in the log for ever, so it must name no one.")
        var reason: String

        func run() async throws {
            let answer = try await SubjectCommands.change("hold", who.id, reason, options)
            Terminal.out("\(who.id) is held, by event \(SubjectCommands.position(answer))")
        }
    }

    struct Release: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End a legal hold.")

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var who: Who
        @Option(help: "Why; it is kept in the log for ever, so it must name no one.")
        var reason = ""

        func run() async throws {
            let answer = try await SubjectCommands.change("release", who.id, reason, options)
            Terminal.out("\(who.id) is released, by event \(SubjectCommands.position(answer))")
        }
    }

    struct Erase: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Destroy the keys of a person and of all that names the person, for good.",
            discussion: """
                Nothing brings the values back but a backup of data/keys from before; destroy those, too. \
                Rows in Notion are their owner's to remove: put them into the trash and empty it.

                EXAMPLES:
                  daybook subject show maya@example.org
                  daybook subject erase maya@example.org --reason "request of 3 May"
                """
        )

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var who: Who
        @Option(help: "Why; it is kept in the log for ever, so it must name no one.")
        var reason = ""
        @Flag(help: "Also if instances that carry the values still run; they go on without.")
        var running = false

        func run() async throws {
            let answer = try await SubjectCommands.change(
                "erase",
                who.id,
                reason,
                options,
                includingRunning: running
            )
            if output.json {
                Terminal.out(try JSON.text(answer))
                return
            }
            let count = answer["erased"]?.listValue?.count ?? 0
            let subject = answer["subject"]?.stringValue ?? who.id
            let position = SubjectCommands.position(answer)
            guard answer["is_repeat"] != true else {
                Terminal.out("\(subject) was erased before, by event \(position)")
                return
            }
            Terminal.out(
                "\(subject) is erased, with \(count - 1) records and stories that named it: event "
                    + "\(position)\nStill to do by hand: the row in Notion, and backups of data/keys "
                    + "from before (docs/operating.md)"
            )
        }
    }

    struct Rewrap: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Wrap all keys by a new master key; needs the engine to be stopped.",
            discussion: """
                The new key is taken from DAYBOOK_NEW_MASTER_KEY; without it one is made, in the place of \
                the file that holds the old one.

                EXAMPLES:
                  daybook subject rewrap
                  DAYBOOK_NEW_MASTER_KEY=$(openssl rand -hex 32) daybook subject rewrap
                """
        )

        @OptionGroup var options: ConfigurationOptions

        func run() async throws {
            let folder = try DataFolder(options)
            guard EngineEndpoint.find(folder.path) == nil else {
                throw CommandFailure(
                    "an engine runs on \(folder.path); stop it first, since it holds the old key"
                )
            }
            let configuration = folder.configuration
            let control = try await Control.open(options)
            do {
                let count = try await rewrap(control, configuration)
                Terminal.out("\(count) keys are wrapped by the new master key")
            } catch {
                await control.close()
                throw CommandFailure("\(error)", ExitStatus.inputOutput)
            }
            await control.close()
        }

        private func rewrap(
            _ control: Control,
            _ configuration: Configuration
        ) async throws -> Int {
            let variable = "DAYBOOK_NEW_MASTER_KEY"
            if let text = ProcessInfo.processInfo.environment[variable], !text.isEmpty {
                let master = try MasterKey(text: text, origin: variable)
                let count = try await control.rewrap(by: master)
                Terminal.out("From now on set \(Keys.variable) to what \(variable) was.")
                return count
            }
            guard configuration.masterKey == nil else {
                throw CommandFailure(
                    "the master key is that of \(Keys.variable); set \(variable) to the new one"
                )
            }
            let file = Keys.masterKeyFile(configuration)
            let next = Keys.replacement(file)
            // One that was left over wraps nothing: the keys have just been opened by the old one.
            try? FileManager.default.removeItem(at: next)
            let (master, text) = try MasterKey.random(origin: file.path)
            try Keys.write(text, to: next)
            let count = try await control.rewrap(by: master)
            try Keys.adopt(next, as: file)
            return count
        }
    }

    /// What answers questions without changing anything.
    static func service(_ options: ConfigurationOptions) async throws -> SubjectService {
        let folder = try DataFolder(options)
        let (store, keys) = try await folder.openSealed()
        guard let keys else {
            throw CommandFailure(
                "there are no keys that can be used in \(folder.path)/keys; 'daybook doctor' says why",
                ExitStatus.inputOutput
            )
        }
        return SubjectService(store: store, keys: keys, secrets: nil, time: SystemTime())
    }

    static func asking<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as SubjectError {
            throw CommandFailure(error.description)
        }
    }

    static func change(
        _ verb: String,
        _ id: String,
        _ reason: String,
        _ options: ConfigurationOptions,
        includingRunning: Bool = false
    ) async throws -> Value {
        let control = try await Control.open(options)
        do {
            let answer = try await control.change(
                verb,
                subject: id,
                reason: reason,
                includingRunning: includingRunning
            )
            await control.close()
            return answer
        } catch {
            await control.close()
            throw error
        }
    }

    static func position(_ answer: Value) -> String {
        answer["position"]?.intValue.map(String.init) ?? "?"
    }
}

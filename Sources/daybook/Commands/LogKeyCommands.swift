import ArgumentParser
import EventLog
import EventModel
import Foundation

extension LogCommands {
    /// `daybook log key`: the key that signs checkpoints.
    struct Key: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "key",
            abstract: "The key that signs the log's checkpoints.",
            discussion: """
                EXAMPLES:
                  daybook log key create --origin example.org/daybook
                  daybook log key show
                  daybook log key rotate
                  daybook log key accept-restore --reason 'the disk of 3 May is lost'
                """,
            subcommands: [Create.self, Show.self, Rotate.self, AcceptRestore.self]
        )

        struct Create: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Make the log's first key, and record it in the log.",
                discussion: """
                    The key is written to secrets/log.key in the data folder, readable by its owner \
                    only. Give the verifier key that is printed to your auditors.

                    EXAMPLES:
                      daybook log key create
                      daybook log key create --origin example.org/daybook
                    """
            )

            @OptionGroup var options: ConfigurationOptions
            @OptionGroup var output: OutputOptions
            @Option(help: "The log's name in checkpoints, like an address without https://.")
            var origin: String?

            func run() async throws {
                let folder = try DataFolder(options)
                let keys = SigningKeys(configuration: folder.configuration)
                let log = try folder.openLog()
                let key: SignerKey
                if let found = try keys.load() {
                    // A creation that a crash cut short is finished.
                    key = found
                } else {
                    let identity = try folder.reading { () throws(EventLogError) in
                        try log.information().identity
                    }
                    key = try SigningKeys.random(name: origin ?? "daybook.internal/log/\(identity)")
                    try keys.write(key, to: keys.path)
                }
                try await folder.signing { () throws(EventLogError) in
                    try await CheckpointSigner(folder: folder.path).begin(log, with: key.verifier)
                }
                await log.close()
                let data = try proving { () throws(ProofError) in try SigningEvents.created(key) }
                try await SigningRecorder(folder: folder)
                    .record(SigningEvents.keyCreated, data, key: key.verifier)
                try show(key.verifier, output)
            }
        }

        struct Show: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "The verifier key, and what was signed last.",
                discussion: """
                    EXAMPLES:
                      daybook log key show
                      daybook log key show --json
                    """
            )

            @OptionGroup var options: ConfigurationOptions
            @OptionGroup var output: OutputOptions

            func run() async throws {
                let folder = try DataFolder(options)
                let key = try SigningKeys(configuration: folder.configuration).required()
                let latest = try folder.reading { () throws(EventLogError) in
                    try CheckpointSigner(folder: folder.path).latest()
                }
                try Key.show(key.verifier, output, latest: latest)
            }
        }

        struct Rotate: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Sign with a new key from now on, and record the change in the log.",
                discussion: """
                    The old key signs that the new one follows, and the new one that it does; the old \
                    one is gone then. Give the new verifier key to your auditors.

                    EXAMPLES:
                      daybook log key rotate
                    """
            )

            @OptionGroup var options: ConfigurationOptions
            @OptionGroup var output: OutputOptions

            func run() async throws {
                let folder = try DataFolder(options)
                let keys = SigningKeys(configuration: folder.configuration)
                let old = try keys.required()
                let new = try keys.next(name: old.name)
                let data = try proving { () throws(ProofError) in
                    try SigningEvents.rotated(from: old, to: new)
                }
                try await SigningRecorder(folder: folder)
                    .record(SigningEvents.keyRotated, data, key: new.verifier)
                try await folder.signing { () throws(EventLogError) in
                    try await CheckpointSigner(folder: folder.path)
                        .changeKey(from: old.verifier, to: new.verifier)
                }
                try keys.install()
                try show(new.verifier, output)
            }
        }

        struct AcceptRestore: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                commandName: "accept-restore",
                abstract: "Go on signing after an older copy of the log was restored.",
                discussion: """
                    Checkpoints were signed that the log does not lead to any more. Whoever has them can \
                    prove that events are missing, and that stays so. This command records what was \
                    signed and what the log is now, with your reason, and goes on with a new key under a \
                    new origin, since no key may ever sign two logs that contradict each other.

                    EXAMPLES:
                      daybook log key accept-restore --reason 'the disk of 3 May is lost'
                    """
            )

            @OptionGroup var options: ConfigurationOptions
            @OptionGroup var output: OutputOptions
            @Option(help: "Why, for the auditors.")
            var reason: String
            @Option(help: "The new origin; without it the old one and a number.")
            var origin: String?

            func run() async throws {
                let folder = try DataFolder(options)
                let keys = SigningKeys(configuration: folder.configuration)
                let old = try? keys.load()
                let log = try folder.openLog()
                let identity = try folder.reading { () throws(EventLogError) in
                    try log.information().identity
                }
                let name = origin ?? Self.successor(of: old?.name, identity: identity)
                guard name != old?.name else {
                    throw CommandFailure("--origin must be another one than \(name)")
                }
                let new = try keys.next(name: name)
                let signer = CheckpointSigner(folder: folder.path)
                let restore = try await folder.signing { () throws(EventLogError) in
                    try await signer.restore(of: log, for: new.verifier)
                }
                let data = try proving { () throws(ProofError) in
                    try SigningEvents.accepted(
                        signed: restore.signed,
                        now: restore.now,
                        old: old,
                        new: new,
                        reason: reason
                    )
                }
                await log.close()
                try await SigningRecorder(folder: folder)
                    .record(SigningEvents.restoreAccepted, data, key: new.verifier)
                let identityOfLog = identity
                try await folder.signing { () throws(EventLogError) in
                    try await signer.acceptRestore(restore, of: identityOfLog, with: new.verifier)
                }
                try keys.install()
                try show(new.verifier, output)
            }

            /// The name after `example.org/log` is `example.org/log/2`, then `example.org/log/3`.
            static func successor(of name: String?, identity: String) -> String {
                guard let name else { return "daybook.internal/log/\(identity)/2" }
                let parts = name.split(separator: "/")
                guard parts.count > 1, let number = parts.last.flatMap({ Int($0) }) else {
                    return name + "/2"
                }
                return parts.dropLast().joined(separator: "/") + "/\(number + 1)"
            }
        }

        static func show(
            _ key: VerifierKey,
            _ output: OutputOptions,
            latest: CheckpointHistory.Entry? = nil
        ) throws {
            if output.json {
                let value: Value = [
                    "origin": .string(key.name), "key": .string(key.text),
                    "signed_size": latest.map { .uint($0.size) } ?? .null,
                    "signed_at": latest.map { .timestamp($0.publishedAt) } ?? .null,
                ]
                Terminal.out(try JSON.text(value))
                return
            }
            Terminal.out(Terminal.styled("origin        ", .dim) + key.name)
            Terminal.out(Terminal.styled("verifier key  ", .dim) + key.text)
            guard let latest else { return }
            let time = latest.publishedAt.shown
            Terminal.out(
                Terminal.styled("last signed   ", .dim) + "\(latest.size) events at \(time) UTC"
            )
        }
    }
}

/// Runs what fails with a ``ProofError``, and makes that the end of the command.
func proving<R>(_ body: () throws(ProofError) -> R) throws(CommandFailure) -> R {
    do throws(ProofError) {
        return try body()
    } catch {
        throw CommandFailure(error.message)
    }
}

extension DataFolder {
    /// Runs what works with checkpoints; what is refused is a failed check, not a failed disk.
    func signing<R>(
        _ body: () async throws(EventLogError) -> R
    ) async throws(CommandFailure) -> R {
        do throws(EventLogError) {
            return try await body()
        } catch {
            guard error.code == .signingRefused || error.code == .invalid else {
                throw Self.failure(error, path: path)
            }
            throw CommandFailure(error.message)
        }
    }
}

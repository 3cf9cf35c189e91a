import ArgumentParser
import EventLog
import EventModel
import Foundation

extension LogCommands {
    /// `daybook log checkpoint`: signs the log as it is now.
    struct SignCheckpoint: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "checkpoint",
            abstract: "Sign what the log is now: its size and the root of its Merkle tree.",
            discussion: """
                Keep checkpoints where nobody who can change the log can change them. An older one and \
                a newer log prove each other: daybook log verify --since FILE.

                EXAMPLES:
                  daybook log checkpoint
                  daybook log checkpoint --print > checkpoint
                """
        )

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions
        @Flag(help: "Write the signed checkpoint itself.")
        var print = false

        func run() async throws {
            let folder = try DataFolder(options)
            let key = try SigningKeys(configuration: folder.configuration).required()
            let log = try folder.openLog()
            let note = try await folder.signing { () throws(EventLogError) in
                try await CheckpointSigner(folder: folder.path).sign(log, with: key)
            }
            await log.close()
            if print {
                Terminal.out(String(note.message.dropLast()))
                return
            }
            let checkpoint = try proving { () throws(ProofError) in try Checkpoint(text: note.text)
            }
            let file = folder.path + "/checkpoints/latest"
            if output.json {
                let value: Value = [
                    "origin": .string(checkpoint.origin), "size": .uint(checkpoint.size),
                    "root": .string(checkpoint.root.hexadecimal), "file": .string(file),
                    "note": .string(note.message),
                ]
                Terminal.out(try JSON.text(value))
                return
            }
            let root = checkpoint.root.hexadecimal
            Terminal.out("\(checkpoint.size) events, root \(root): signed in \(file)")
        }
    }

    /// `daybook log prove`: receipts and consistency proofs.
    struct Prove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prove that an event is in the log, or that the log only grew.",
            discussion: """
                The receipt of an event is complete in itself: daybook log verify-receipt checks it \
                without the log. It is made for the last checkpoint if that covers the event; else one \
                is signed now.

                EXAMPLES:
                  daybook log prove 1234
                  daybook log prove 1234 --to event.tlog-proof --event event.record
                  daybook log prove --consistent 1000 2000
                """
        )

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "The event's position.")
        var position: UInt64?
        @Option(
            parsing: .upToNextOption,
            help: ArgumentHelp(
                "Prove that the log of B events begins with that of A.",
                valueName: "A B"
            )
        )
        var consistent: [UInt64] = []
        @Option(help: "Where to write the receipt; without it event-POSITION.tlog-proof.")
        var to: String?
        @Option(help: "Also write the event's stored record, whose digest the receipt proves.")
        var event: String?

        func validate() throws {
            if position == nil, consistent.isEmpty {
                throw ValidationError("give an event's position, or --consistent A B")
            }
            if position != nil, !consistent.isEmpty {
                throw ValidationError("give an event's position or --consistent A B, not both")
            }
            if !consistent.isEmpty, consistent.count != 2 {
                throw ValidationError("--consistent takes two sizes, the smaller one first")
            }
        }

        func run() async throws {
            let folder = try DataFolder(options)
            let log = try folder.openLog()
            if let position {
                try await proveEvent(Position(position), folder, log)
            } else {
                try await proveConsistency(folder, log)
            }
            await log.close()
        }

        private func proveEvent(
            _ position: Position,
            _ folder: DataFolder,
            _ log: EventLog
        ) async throws {
            guard position > .start, position <= log.head else {
                throw CommandFailure("there is no event \(position); the log has \(log.head)")
            }
            let note = try await note(covering: position, folder, log)
            let checkpoint = try proving { () throws(ProofError) in try Checkpoint(text: note.text)
            }
            let proof = try await folder.signing { () throws(EventLogError) in
                try await log.inclusionProof(of: position, size: checkpoint.size)
            }
            guard proof.root == checkpoint.root else {
                throw CommandFailure(
                    "the log is not the one that was signed: run daybook log verify",
                    ExitStatus.checkFailed
                )
            }
            let receipt = LogReceipt(leaf: proof.leaf, proof: proof.hashes, note: note)
            let file = to ?? "event-\(position).tlog-proof"
            try Self.write(Array(receipt.text.utf8), to: file)
            if let event {
                let record = try await folder.signing { () throws(EventLogError) in
                    try log.storedRecord(at: position)
                }
                try Self.write(record, to: event)
            }
            if output.json {
                let value: Value = [
                    "file": .string(file), "position": .uint(position.value),
                    "size": .uint(checkpoint.size), "origin": .string(checkpoint.origin),
                    "record_digest": .string(proof.leaf.recordDigest.hexadecimal),
                ]
                Terminal.out(try JSON.text(value))
                return
            }
            Terminal.out("event \(position) of \(checkpoint.size): receipt in \(file)")
        }

        /// The last checkpoint, if it covers the event and is by the key of today; else one that is
        /// signed now.
        private func note(
            covering position: Position,
            _ folder: DataFolder,
            _ log: EventLog
        ) async throws -> SignedNote {
            let latest = try folder.reading { () throws(EventLogError) in
                try CheckpointSigner(folder: folder.path).latest()
            }
            let own = try SigningKeys(configuration: folder.configuration).load()
            if let latest, latest.size >= position.value {
                let isToday = own.map { (try? latest.note.verified(by: [$0.verifier])) != nil }
                if isToday ?? true { return latest.note }
            }
            let key = try SigningKeys(configuration: folder.configuration).required()
            return try await folder.signing { () throws(EventLogError) in
                try await CheckpointSigner(folder: folder.path).sign(log, with: key)
            }
        }

        private func proveConsistency(_ folder: DataFolder, _ log: EventLog) async throws {
            let (first, second) = (consistent[0], consistent[1])
            let (roots, hashes) = try await folder.signing {
                () throws(EventLogError) -> ([Digest], [Digest]) in
                let hashes = try await log.consistencyProof(from: first, to: second)
                return ([try await log.root(at: first), try await log.root(at: second)], hashes)
            }
            if output.json {
                let value: Value = [
                    "from": .uint(first), "to": .uint(second),
                    "from_root": .string(roots[0].hexadecimal),
                    "to_root": .string(roots[1].hexadecimal),
                    "proof": .list(hashes.map { .string($0.hexadecimal) }),
                ]
                Terminal.out(try JSON.text(value))
                return
            }
            Terminal.out("from \(first) \(StandardBase64.encode(roots[0].bytes))")
            Terminal.out("to \(second) \(StandardBase64.encode(roots[1].bytes))")
            for hash in hashes { Terminal.out(StandardBase64.encode(hash.bytes)) }
        }

        static func write(_ bytes: [UInt8], to file: String) throws(CommandFailure) {
            do {
                try Data(bytes).write(to: URL(fileURLWithPath: file), options: .atomic)
            } catch {
                throw CommandFailure(
                    "cannot write \(file): \(error.localizedDescription)",
                    ExitStatus.inputOutput
                )
            }
        }
    }

    /// `daybook log tiles`: the tree as static files.
    struct Tiles: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the log's tree as static files, for monitors that read C2SP tiles.",
            discussion: """
                The folder can be served by any web server. An earlier export in it is continued.

                EXAMPLES:
                  daybook log tiles /srv/www/log
                """
        )

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "Where to write.")
        var folder: String

        func run() async throws {
            let data = try DataFolder(options)
            let key = try SigningKeys(configuration: data.configuration).required()
            let log = try data.openLog()
            let bar = ProgressBar("writing tiles")
            let report = try await data.signing { () throws(EventLogError) in
                let note = try await CheckpointSigner(folder: data.path).sign(log, with: key)
                return try await log.exportTiles(to: folder, checkpoint: note) { progress in
                    bar.update(done: progress.position.value, total: progress.head.value)
                }
            }
            bar.finish()
            await log.close()
            if output.json {
                let value: Value = [
                    "folder": .string(folder), "size": .uint(report.size),
                    "files": .int(Int64(report.fileCount)),
                ]
                Terminal.out(try JSON.text(value))
                return
            }
            Terminal.out("\(report.size) events, \(report.fileCount) new files in \(folder)")
        }
    }
}

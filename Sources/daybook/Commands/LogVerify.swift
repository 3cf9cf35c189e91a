import ArgumentParser
import EventLog
import EventModel
import Foundation

extension LogCommands {
    /// `daybook log verify`: every record, and the tree over them.
    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read every record, check it, and compare the tree with what was signed.",
            discussion: """
                Each record is checked against its checksum, its place and the index. Then the Merkle \
                tree is computed anew from the stored bytes and compared with every checkpoint that \
                was published. With --since only what came after a checkpoint is read: a file with a \
                signed checkpoint, or the size of one that was published.

                EXAMPLES:
                  daybook log verify
                  daybook log verify --since checkpoint --key example.org/log+0a1b2c3d+AbC…
                  daybook log verify --since 100000
                """
        )

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions
        @Option(help: "A checkpoint: a file, or the size of one that was published.")
        var since: String?
        @Option(help: "The verifier key that signed it; without it the data folder's own.")
        var key: String?

        func run() async throws {
            let folder = try DataFolder(options)
            let log = try folder.openLog()
            var start: Checkpoint?
            if let since { start = try checkpoint(since, folder) }
            let records = start == nil ? try await verifyRecords(folder, log) : nil
            let tree = try await verifyTree(folder, log, since: start)
            await log.close()
            let isGood = (records?.isGood ?? true) && tree.isGood
            if output.json {
                var members = records?.value.mapValue ?? ValueMap()
                members["tree"] = tree.value
                Terminal.out(try JSON.text(.map(members)))
            } else {
                show(records, tree, since: start)
            }
            guard isGood else { throw ExitStatus.checkFailed }
        }

        private func verifyRecords(
            _ folder: DataFolder,
            _ log: EventLog
        ) async throws(CommandFailure) -> VerifyReport {
            let bar = ProgressBar("verifying records")
            defer { bar.finish() }
            do throws(EventLogError) {
                return try await log.verify { progress in
                    bar.update(done: progress.position.value, total: progress.head.value)
                }
            } catch {
                throw DataFolder.failure(error, path: folder.path)
            }
        }

        private func verifyTree(
            _ folder: DataFolder,
            _ log: EventLog,
            since start: Checkpoint?
        ) async throws(CommandFailure) -> TreeReport {
            let entries = try folder.reading { () throws(EventLogError) in
                try CheckpointHistory(folder: folder.path).entries()
            }
            let published = entries.compactMap { try? Checkpoint(text: $0.note.text) }
            let bar = ProgressBar("verifying the tree")
            defer { bar.finish() }
            do throws(EventLogError) {
                return try await log.verifyTree(against: published, since: start) { progress in
                    bar.update(done: progress.position.value, total: progress.head.value)
                }
            } catch {
                // A record that cannot be read was reported with the records already.
                guard error.code == .corrupt, start == nil else {
                    throw DataFolder.failure(error, path: folder.path)
                }
                return TreeReport(problem: error.message)
            }
        }

        /// The checkpoint to begin at; its signature is checked if it comes from a file.
        private func checkpoint(
            _ text: String,
            _ folder: DataFolder
        ) throws(CommandFailure) -> Checkpoint {
            if let size = UInt64(text) {
                let entries = try folder.reading { () throws(EventLogError) in
                    try CheckpointHistory(folder: folder.path).entries()
                }
                guard let entry = entries.first(where: { $0.size == size }) else {
                    let sizes = entries.suffix(5).map { String($0.size) }.joined(separator: ", ")
                    throw CommandFailure(
                        "no checkpoint of \(size) events was published; the last ones: "
                            + (sizes.isEmpty ? "none" : sizes)
                    )
                }
                return try proving { () throws(ProofError) in try Checkpoint(text: entry.note.text)
                }
            }
            let bytes = try VerifyReceipt.read(text)
            let verifier: VerifierKey
            if let key {
                verifier = try proving { () throws(ProofError) in try VerifierKey(text: key) }
            } else {
                verifier = try SigningKeys(configuration: folder.configuration).required().verifier
            }
            do throws(ProofError) {
                let note = try SignedNote(bytes: bytes)
                _ = try note.verified(by: [verifier])
                return try Checkpoint(text: note.text)
            } catch {
                throw CommandFailure("\(text): \(error.message)", ExitStatus.badInput)
            }
        }

        private func show(_ records: VerifyReport?, _ tree: TreeReport, since start: Checkpoint?) {
            if let records {
                for problem in records.problems {
                    Terminal.out(Terminal.styled(problem.description, .red))
                }
                let verdict =
                    records.isGood
                    ? Terminal.styled("every record is what was written", .green)
                    : Terminal.styled("\(records.problemCount) problems", .red)
                Terminal.out(
                    "\(records.eventCount) events, \(records.byteCount) bytes: \(verdict)"
                )
            }
            for problem in tree.problems { Terminal.out(Terminal.styled(problem, .red)) }
            guard tree.isGood else { return }
            let from = start.map { "events after \($0.size)" } ?? "all events"
            let checkpoints =
                switch tree.checkpointCount {
                case 0: "no checkpoint was signed yet"
                case 1: Terminal.styled("the checkpoint fits", .green)
                default: Terminal.styled("all \(tree.checkpointCount) checkpoints fit", .green)
                }
            Terminal.out("\(from), root \(tree.root.hexadecimal): \(checkpoints)")
        }
    }
}

extension TreeReport {
    var value: Value {
        [
            "first": .uint(first.value), "size": .uint(size), "root": .string(root.hexadecimal),
            "checkpoints": .int(Int64(checkpointCount)),
            "problems": .list(problems.map(Value.string)),
        ]
    }
}

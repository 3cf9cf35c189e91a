import ArgumentParser
import EventLog
import EventModel
import Foundation

extension LogCommands {
    /// `daybook log verify-receipt`: checks a receipt, without the log.
    struct VerifyReceipt: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify-receipt",
            abstract: "Check the receipt of an event, without the log.",
            discussion: """
                Without --key, the key of the data folder is asked for. With --event, a file with the \
                stored record, its body, or an export as a CBOR sequence is compared with what the \
                receipt proves.

                EXAMPLES:
                  daybook log verify-receipt event-1234.tlog-proof
                  daybook log verify-receipt r.tlog-proof --key example.org/log+0a1b2c3d+AbC…
                  daybook log verify-receipt r.tlog-proof --event event.record
                """
        )

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "The receipt.")
        var file: String
        @Option(help: "A verifier key that you trust; may be given again.")
        var key: [String] = []
        @Option(help: "A file with the event.")
        var event: String?

        func run() async throws {
            let keys = try trustedKeys()
            let bytes = try Self.read(file)
            let receipt: LogReceipt
            do throws(ProofError) {
                receipt = try LogReceipt(bytes: bytes)
            } catch {
                throw CommandFailure("\(file): \(error.message)", ExitStatus.badInput)
            }
            let verdict: LogReceipt.Verdict
            do throws(ProofError) {
                verdict = try receipt.verify(keys: keys)
            } catch {
                throw CommandFailure("\(file) proves nothing: \(error.message)")
            }
            if let event {
                guard verdict.leaf.isProved(by: try Self.read(event)) else {
                    throw CommandFailure(
                        "\(event) is not the event \(verdict.leaf.position) that \(file) proves: its "
                            + "record has the SHA-256 \(verdict.leaf.recordDigest.hexadecimal)"
                    )
                }
            }
            try show(verdict)
        }

        private func show(_ verdict: LogReceipt.Verdict) throws {
            let checkpoint = verdict.checkpoint
            if output.json {
                let value: Value = [
                    "position": .uint(verdict.leaf.position.value),
                    "record_digest": .string(verdict.leaf.recordDigest.hexadecimal),
                    "origin": .string(checkpoint.origin), "size": .uint(checkpoint.size),
                    "root": .string(checkpoint.root.hexadecimal),
                    "keys": .list(verdict.keys.map { .string($0.text) }),
                    "event_compared": .bool(event != nil),
                ]
                Terminal.out(try JSON.text(value))
                return
            }
            let digest = verdict.leaf.recordDigest.hexadecimal
            let place = "event \(verdict.leaf.position) of \(checkpoint.size)"
            Terminal.out(Terminal.styled("proved: ", .green) + "\(place) in \(checkpoint.origin)")
            Terminal.out("its record has the SHA-256 \(digest)")
            if let event { Terminal.out("\(event) is that record") }
            for key in verdict.keys { Terminal.out("signed by \(key.text)") }
        }

        private func trustedKeys() throws(CommandFailure) -> [VerifierKey] {
            guard key.isEmpty else {
                var keys: [VerifierKey] = []
                for text in key {
                    do throws(ProofError) {
                        keys.append(try VerifierKey(text: text))
                    } catch {
                        throw CommandFailure("--key: \(error.message)", ExitStatus.badInput)
                    }
                }
                return keys
            }
            guard let own = try SigningKeys(configuration: options.load()).load() else {
                throw CommandFailure(
                    "nothing says whom to trust; give the log's verifier key: --key NAME+HASH+KEY",
                    ExitStatus.wrongArguments
                )
            }
            return [own.verifier]
        }

        static func read(_ file: String) throws(CommandFailure) -> [UInt8] {
            do {
                return Array(try Data(contentsOf: URL(fileURLWithPath: file)))
            } catch {
                throw CommandFailure(
                    "cannot read \(file): \(error.localizedDescription)",
                    ExitStatus.badInput
                )
            }
        }
    }
}

import EventModel
import Foundation

/// The key that signs the log's checkpoints: from the configuration, or from a file that only its
/// owner can read.
struct SigningKeys {
    let configuration: Configuration

    /// Where the key lies if the configuration has none.
    var path: String { configuration.dataFolder + "/secrets/log.key" }
    /// A new key, until everybody knows of it.
    var nextPath: String { path + ".next" }

    /// The key; nil if there is none yet.
    func load() throws(CommandFailure) -> SignerKey? {
        guard let text = configuration.checkpoints.key else { return try read(path) }
        do throws(ProofError) {
            return try SignerKey(text: text)
        } catch {
            throw CommandFailure(
                "'checkpoints.key' or DAYBOOK_LOG_KEY is no key: \(error.message)",
                ExitStatus.badConfiguration
            )
        }
    }

    /// The key, or the end of the command.
    func required() throws(CommandFailure) -> SignerKey {
        if let key = try load() { return key }
        throw CommandFailure("there is no key in \(path) yet; make one: daybook log key create")
    }

    /// The key that a change of keys began with, or a new one with this name.
    func next(name: String) throws(CommandFailure) -> SignerKey {
        guard configuration.checkpoints.key == nil else {
            throw CommandFailure(
                "the key comes from the configuration; a key is changed in \(path): put it there, "
                    + "and take 'checkpoints.key' and DAYBOOK_LOG_KEY away",
                ExitStatus.badConfiguration
            )
        }
        if let begun = try read(nextPath), begun.name == name { return begun }
        unlink(nextPath)
        let key = try Self.random(name: name)
        try write(key, to: nextPath)
        return key
    }

    /// Puts the new key in the place of the old one, which is gone then.
    func install() throws(CommandFailure) {
        guard rename(nextPath, path) == 0 else {
            throw CommandFailure(
                "cannot rename \(nextPath): \(String(cString: strerror(errno)))",
                ExitStatus.inputOutput
            )
        }
    }

    /// A key of 32 bytes from the system's random generator.
    static func random(name: String) throws(CommandFailure) -> SignerKey {
        var generator = SystemRandomNumberGenerator()
        let seed = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        do throws(ProofError) {
            return try SignerKey(name: name, seed: seed)
        } catch {
            throw CommandFailure(error.message, ExitStatus.badInput)
        }
    }

    /// Writes a key where none is; nobody but the owner can read it from its first byte.
    func write(_ key: SignerKey, to path: String) throws(CommandFailure) {
        let folder = (path as NSString).deletingLastPathComponent
        do {
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw CommandFailure("cannot make \(folder): \(error)", ExitStatus.inputOutput)
        }
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        let bytes = Array((key.text + "\n").utf8)
        guard file >= 0, Foundation.write(file, bytes, bytes.count) == bytes.count, fsync(file) == 0
        else {
            let reason = String(cString: strerror(errno))
            if file >= 0 { close(file) }
            throw CommandFailure("cannot write \(path): \(reason)", ExitStatus.inputOutput)
        }
        close(file)
    }

    private func read(_ path: String) throws(CommandFailure) -> SignerKey? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        var facts = stat()
        guard stat(path, &facts) == 0, facts.st_mode & 0o077 == 0 else {
            throw CommandFailure(
                "\(path) can be read by others than its owner; if nobody has, run: chmod 600 \(path)",
                ExitStatus.inputOutput
            )
        }
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        do throws(ProofError) {
            return try SignerKey(text: text.trimmingCharacters(in: .whitespacesAndNewlines))
        } catch {
            throw CommandFailure(
                "\(path): \(error.message); restore it from a backup, or if it is lost, run: "
                    + "daybook log key accept-restore --reason …",
                ExitStatus.inputOutput
            )
        }
    }
}

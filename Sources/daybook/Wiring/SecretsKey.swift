import Foundation
import Runtime

/// The key that seals what must not enter the log.
enum SecretsKey {
    /// The store of secrets, with the configured key or with one that is made once and kept beside it.
    static func store(_ configuration: Configuration) throws -> FileSecretStore {
        let folder = configuration.dataFolder + "/secrets"
        if let key = configuration.secretsKey {
            return try FileSecretStore(folder: folder, key: key)
        }
        let file = URL(fileURLWithPath: configuration.dataFolder + "/secrets.key")
        return try FileSecretStore(folder: folder, key: try kept(in: file))
    }

    private static func kept(in file: URL) throws(CommandFailure) -> [UInt8] {
        if FileManager.default.fileExists(atPath: file.path) {
            guard let data = try? Data(contentsOf: file), data.count == 32 else {
                throw CommandFailure(
                    "\(file.path) is no key of 32 bytes; restore it from a backup, since what it "
                        + "sealed cannot be opened without it",
                    ExitStatus.inputOutput
                )
            }
            return Array(data)
        }
        var generator = SystemRandomNumberGenerator()
        let key = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let isMade = FileManager.default.createFile(
            atPath: file.path,
            contents: Data(key),
            attributes: [.posixPermissions: 0o600]
        )
        guard isMade else {
            throw CommandFailure("cannot write \(file.path)", ExitStatus.inputOutput)
        }
        return key
    }
}

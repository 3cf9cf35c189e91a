import Crypto
import Dispatch
import Foundation

/// Keeps each secret in a file of its own, encrypted with AES-256-GCM.
///
/// The reference is authenticated with the text, so a file that was copied over another one is
/// recognised. Files are written beside, synced and linked into place: a secret is there whole or not.
public final class FileSecretStore: SecretStore {
    private static let mark = Array("daybook-secret-1\n".utf8)

    private let folder: String
    private let key: SymmetricKey
    // Syncing a file blocks, so it never happens on Swift's cooperative threads.
    private let queue = DispatchQueue(label: "daybook.secrets")

    /// Opens a folder, made with mode 0700 if it is missing.
    ///
    /// - Parameters:
    ///   - folder: where the files are.
    ///   - key: 32 random bytes that are kept elsewhere.
    /// - Throws: ``SecretError``.
    public init(folder: String, key: [UInt8]) throws(SecretError) {
        guard key.count == 32 else {
            throw SecretError(.badKey, "the key of the secrets must be 32 bytes, not \(key.count)")
        }
        self.folder = folder
        self.key = SymmetricKey(data: key)
        do {
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw SecretError(.inputOutput, "the folder \(folder) cannot be made: \(error)")
        }
        guard chmod(folder, 0o700) == 0 else {
            throw SecretError(.inputOutput, "the folder \(folder) cannot be closed to others")
        }
    }

    public func keep(
        _ secret: [UInt8],
        under reference: SecretReference
    ) async throws(SecretError) {
        try await onQueue { [self] () throws(SecretError) in try write(secret, reference) }
    }

    public func secret(_ reference: SecretReference) async throws(SecretError) -> [UInt8]? {
        try await onQueue { [self] () throws(SecretError) in try read(reference) }
    }

    public func forget(_ reference: SecretReference) async throws(SecretError) {
        try await onQueue { [self] () throws(SecretError) in try destroy(reference) }
    }

    private func onQueue<Answer: Sendable>(
        _ work: @escaping @Sendable () throws(SecretError) -> Answer
    ) async throws(SecretError) -> Answer {
        let result = await withCheckedContinuation { continuation in
            queue.async {
                do throws(SecretError) {
                    continuation.resume(returning: Result<Answer, SecretError>.success(try work()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }

    private func path(_ reference: SecretReference) -> String {
        "\(folder)/\(reference.name)~\(reference.identifier)"
    }

    private func write(_ secret: [UInt8], _ reference: SecretReference) throws(SecretError) {
        let path = path(reference)
        if access(path, F_OK) == 0 { return }
        let sealed: [UInt8]
        do {
            let box = try AES.GCM.seal(
                secret,
                using: key,
                authenticating: Array(reference.description.utf8)
            )
            sealed = FileSecretStore.mark + Array(box.combined ?? Data())
        } catch {
            throw SecretError(.inputOutput, "\(reference) cannot be encrypted: \(error)")
        }
        let temporary = path + ".new"
        try writeDurably(sealed, to: temporary)
        // The link fails if the name is taken, so two writers cannot both be first.
        let isLinked = link(temporary, path) == 0
        let code = errno
        unlink(temporary)
        guard isLinked || code == EEXIST else { throw failure("named", path, code) }
        try syncFolder()
    }

    private func writeDurably(_ bytes: [UInt8], to path: String) throws(SecretError) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("opened", path, errno) }
        defer { close(file) }
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Foundation.write(
                    file,
                    buffer.baseAddress?.advanced(by: offset),
                    buffer.count - offset
                )
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("written", path, errno) }
            offset += count
        }
        guard fsync(file) == 0 else { throw failure("synced", path, errno) }
    }

    /// Overwrites the file before its name is taken away, so that its blocks hold nothing.
    private func destroy(_ reference: SecretReference) throws(SecretError) {
        let path = path(reference)
        let file = open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return }
            throw failure("opened", path, errno)
        }
        defer { close(file) }
        let size = lseek(file, 0, SEEK_END)
        let zeros = [UInt8](repeating: 0, count: max(0, Int(size)))
        let written = pwrite(file, zeros, zeros.count, 0)
        guard written == zeros.count, fsync(file) == 0 else {
            throw failure("overwritten", path, errno)
        }
        guard unlink(path) == 0 || errno == ENOENT else { throw failure("removed", path, errno) }
        try syncFolder()
    }

    private func syncFolder() throws(SecretError) {
        let file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { throw failure("opened", folder, errno) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw failure("synced", folder, errno) }
    }

    private func read(_ reference: SecretReference) throws(SecretError) -> [UInt8]? {
        let path = path(reference)
        guard access(path, F_OK) == 0 else { return nil }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw SecretError(.inputOutput, "\(path) cannot be read")
        }
        let bytes = Array(data)
        guard bytes.starts(with: FileSecretStore.mark) else {
            throw SecretError(.damaged, "\(path) is no secret of this store")
        }
        do {
            let box = try AES.GCM.SealedBox(combined: bytes.dropFirst(FileSecretStore.mark.count))
            let opened = try AES.GCM.open(
                box,
                using: key,
                authenticating: Array(reference.description.utf8)
            )
            return Array(opened)
        } catch {
            throw SecretError(.damaged, "\(path) was changed, or the key is another one")
        }
    }

    private func failure(_ what: String, _ path: String, _ code: Int32) -> SecretError {
        SecretError(.inputOutput, "\(path) cannot be \(what): \(String(cString: strerror(code)))")
    }
}

public import EventModel
import Glibc

/// Signs the log's checkpoints, never two that contradict each other.
///
/// What was signed last is on the disk before it is handed out, and a new checkpoint must be a
/// continuation of it. If the log is not, because an older copy was restored, nothing is signed until
/// somebody takes responsibility: see ``acceptRestore(_:of:with:)``.
public struct CheckpointSigner: Sendable {
    let folder: String
    let now: @Sendable () -> Timestamp

    /// The signer of the log in a folder.
    ///
    /// - Parameter now: the clock that stamps the history.
    public init(
        folder: String,
        now: @escaping @Sendable () -> Timestamp = EventLogConfiguration.systemClock
    ) {
        self.folder = folder
        self.now = now
    }

    /// The last checkpoint that was published; nil if there is none.
    public func latest() throws(EventLogError) -> CheckpointHistory.Entry? {
        try CheckpointHistory(folder: folder).entries().last
    }

    /// Signs the log as it is now, and publishes it in the history and as `checkpoints/latest`.
    ///
    /// If nothing was appended since, the last checkpoint is published again.
    ///
    /// - Throws: ``EventLogError``: `.signingRefused` if the log is not a continuation of what was
    ///   signed; the message says what to do.
    public func sign(
        _ log: EventLog,
        with key: SignerKey
    ) async throws(EventLogError) -> SignedNote {
        try await sign(log, with: key) {}
    }

    /// As ``sign(_:with:)``, with something to do between the state and the publication, for tests.
    func sign(
        _ log: EventLog,
        with key: SignerKey,
        beforePublishing: @escaping @Sendable () -> Void
    ) async throws(EventLogError) -> SignedNote {
        let size = try log.checkedHead()
        let identity = log.storage.identity.id
        return try await log.withTree(of: size) { tree throws(EventLogError) in
            try locked { () throws(EventLogError) in
                let root = try tree.root(at: size)
                let before = try checkedState(identity: identity, key: key)
                if let before {
                    try Self.check(before, tree: tree, size: size, folder: folder)
                }
                let state = SigningState(
                    log: identity,
                    key: key.verifier.text,
                    size: size,
                    root: root,
                    restored: try SigningState.restored(in: folder)
                )
                if state != before { try state.write(in: folder) }
                beforePublishing()
                return try publish(state, key: key)
            }
        }
    }

    /// Lets a key sign that is the first of its log, and has signed nothing yet.
    ///
    /// - Throws: ``EventLogError`` `.signingRefused` if another key has signed before.
    public func begin(_ log: EventLog, with key: VerifierKey) async throws(EventLogError) {
        let identity = log.storage.identity.id
        try await WorkerThread.run("sign") { () -> Result<Void, EventLogError> in
            Result { () throws(EventLogError) in
                try locked { () throws(EventLogError) in
                    let before = try SigningState.read(in: folder)
                    if before?.key == key.text { return }
                    let history = try CheckpointHistory(folder: folder).entries()
                    guard before == nil, history.isEmpty else {
                        throw EventLogError(
                            .signingRefused,
                            "checkpoints were signed in \(folder) before; change the key by "
                                + "'daybook log key rotate', or if it is lost, by 'daybook log key "
                                + "accept-restore --reason …'"
                        )
                    }
                    let state = SigningState(
                        log: identity,
                        key: key.text,
                        size: 0,
                        root: MerkleHash.empty,
                        restored: try SigningState.restored(in: folder)
                    )
                    try state.write(in: folder)
                }
            }
        }
    }

    // MARK: Parts

    /// What was signed before, by the key that signs now.
    private func checkedState(
        identity: String,
        key: SignerKey
    ) throws(EventLogError) -> SigningState? {
        let accept = "if that is how it must be, run 'daybook log key accept-restore --reason …'"
        let restored = try SigningState.restored(in: folder)
        let state = try SigningState.read(in: folder)
        guard restored == state?.restored ?? "none" else {
            throw EventLogError(
                .signingRefused,
                "\(folder) was restored from a backup, and what was signed after the backup was "
                    + "made is not known here, so nothing is signed; \(accept)"
            )
        }
        guard let state else {
            guard try CheckpointHistory(folder: folder).entries().isEmpty else {
                throw EventLogError(
                    .signingRefused,
                    "\(SigningState.path(in: folder)) is missing, but there are checkpoints, so "
                        + "nothing is signed; restore the file; \(accept)"
                )
            }
            return nil
        }
        guard state.log == identity else {
            throw EventLogError(
                .signingRefused,
                "what was signed in \(folder) was another log, so nothing is signed; \(accept)"
            )
        }
        guard state.key == key.verifier.text else {
            throw EventLogError(
                .signingRefused,
                "the last checkpoint was signed by \(state.key), not by \(key.verifier.text); "
                    + "a key is changed by 'daybook log key rotate' only"
            )
        }
        return state
    }

    /// Whether the log goes on from what was signed.
    private static func check(
        _ before: SigningState,
        tree: LogTree,
        size: UInt64,
        folder: String
    ) throws(EventLogError) {
        let remedy =
            "restore the newest copy of the log, or if that is lost, run 'daybook log key "
            + "accept-restore --reason …', which goes on with a new key"
        guard before.size <= size else {
            throw EventLogError(
                .signingRefused,
                "a checkpoint of \(before.size) events was signed, but the log in \(folder) has "
                    + "only \(size), so nothing is signed; \(remedy)"
            )
        }
        guard try tree.root(at: before.size) == before.root else {
            throw EventLogError(
                .signingRefused,
                "the first \(before.size) events in \(folder) are not those that were signed, so "
                    + "nothing is signed; \(remedy)"
            )
        }
    }

    private func publish(
        _ state: SigningState,
        key: SignerKey
    ) throws(EventLogError) -> SignedNote {
        let checkpoint = Checkpoint(origin: key.name, size: state.size, root: state.root)
        let note: SignedNote
        do throws(ProofError) {
            note = try SignedNote(signing: checkpoint.text, with: [key])
        } catch {
            throw EventLogError(.invalid, error.message)
        }
        let history = CheckpointHistory(folder: folder)
        if try history.entries().last?.note != note {
            try history.append(note, size: state.size, at: now())
        }
        try Files.replace(folder + "/checkpoints/latest", with: Array(note.message.utf8))
        return note
    }

    /// Runs the closure while no other process signs for this folder.
    func locked<R>(
        _ body: () throws(EventLogError) -> R
    ) throws(EventLogError) -> R {
        try Files.makeFolder(folder + "/checkpoints")
        let path = folder + "/checkpoints/lock"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw EventLogError.system("open", path) }
        defer { Glibc.close(descriptor) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw EventLogError.system("flock", path) }
        }
        return try body()
    }
}

// MARK: Changing keys

extension CheckpointSigner {
    /// Lets another key sign from now on; the change itself must be an event in the log already.
    ///
    /// Doing it twice is harmless, so a change that a crash cut short can be finished.
    ///
    /// - Throws: ``EventLogError`` `.signingRefused` if neither of the two signed last.
    public func changeKey(
        from old: VerifierKey,
        to new: VerifierKey
    ) async throws(EventLogError) {
        try await WorkerThread.run("sign") { () -> Result<Void, EventLogError> in
            Result { () throws(EventLogError) in
                try locked { () throws(EventLogError) in
                    guard var state = try SigningState.read(in: folder) else { return }
                    guard state.key == old.text || state.key == new.text else {
                        throw EventLogError(
                            .signingRefused,
                            "the last checkpoint was signed by \(state.key), not by \(old.text)"
                        )
                    }
                    state.key = new.text
                    try state.write(in: folder)
                }
            }
        }
    }

    /// What an operator accepts after a restore: what was signed and what the log is instead.
    public struct Restore: Sendable {
        /// What was signed last, by its log's last key; nil if nothing tells.
        public let signed: Checkpoint?
        /// The log as it is now, under the new key's name.
        public let now: Checkpoint
    }

    /// Looks at what ``acceptRestore(_:of:with:)`` would accept.
    public func restore(
        of log: EventLog,
        for key: VerifierKey
    ) async throws(EventLogError) -> Restore {
        let size = try log.checkedHead()
        let root = try await log.root(at: size)
        // A state that cannot be read is one of the reasons to be here.
        let state = (try? SigningState.read(in: folder)) ?? nil
        let origin = state.flatMap { try? VerifierKey(text: $0.key) }?.name
        return Restore(
            signed: state.map { Checkpoint(origin: origin ?? "", size: $0.size, root: $0.root) },
            now: Checkpoint(origin: key.name, size: size, root: root)
        )
    }

    /// Begins anew from the log as it is, with a key that has signed nothing yet; the acceptance
    /// itself must be an event in the log already.
    ///
    /// What was signed before is history of another log then: it is kept in `history.1` and so on.
    ///
    /// - Parameters:
    ///   - restore: what is accepted.
    ///   - identity: the log's identity.
    ///   - new: the key from now on.
    public func acceptRestore(
        _ restore: Restore,
        of identity: String,
        with new: VerifierKey
    ) async throws(EventLogError) {
        try await WorkerThread.run("sign") { () -> Result<Void, EventLogError> in
            Result { () throws(EventLogError) in
                try locked { () throws(EventLogError) in
                    try CheckpointHistory(folder: folder).setAside()
                    let state = SigningState(
                        log: identity,
                        key: new.text,
                        size: restore.now.size,
                        root: restore.now.root,
                        restored: try SigningState.restored(in: folder)
                    )
                    try state.write(in: folder)
                }
            }
        }
    }
}

public import EventModel

/// The events of the stream `log/signing`: which key signs the log's checkpoints, and why.
public enum SigningEvents {
    public static let keyCreated = "LogKeyCreated"
    public static let keyRotated = "LogKeyRotated"
    public static let restoreAccepted = "LogRestoreAccepted"
    /// The stream that they are in.
    public static let stream = StreamName(category: "log", "signing")

    /// Their types, for comparison with the catalogue.
    public static let eventTypes = [
        EventTypeDeclaration(type: keyCreated, category: "log"),
        EventTypeDeclaration(type: keyRotated, category: "log"),
        EventTypeDeclaration(type: restoreAccepted, category: "log"),
    ]

    /// The data of the first key's event.
    public static func created(_ key: SignerKey) throws(ProofError) -> Value {
        let note = try statement("first log key", ["new \(key.verifier.text)"], by: [key])
        return ["key": .string(key.verifier.text), "statement": .string(note.message)]
    }

    /// The data of a change of keys: the old key says that the new one follows, and the new one
    /// that it does.
    public static func rotated(
        from old: SignerKey,
        to new: SignerKey
    ) throws(ProofError) -> Value {
        let lines = ["old \(old.verifier.text)", "new \(new.verifier.text)"]
        let note = try statement("change of log key", lines, by: [old, new])
        return [
            "old_key": .string(old.verifier.text), "key": .string(new.verifier.text),
            "statement": .string(note.message),
        ]
    }

    /// The data of a restore that was accepted: what was signed, and what the log is instead.
    ///
    /// - Parameters:
    ///   - signed: what was signed last, as far as it is known.
    ///   - checkpoint: the log as it is now, under the new key's name.
    ///   - old: the key that signs nothing any more; nil if it is lost.
    ///   - new: the key from now on.
    ///   - reason: why, in the operator's words.
    public static func accepted(
        signed: Checkpoint?,
        now checkpoint: Checkpoint,
        old: SignerKey?,
        new: SignerKey,
        reason: String
    ) throws(ProofError) -> Value {
        var lines = ["new \(new.verifier.text)", "size \(checkpoint.size)"]
        lines.append("root \(StandardBase64.encode(checkpoint.root.bytes))")
        if let old { lines.insert("old \(old.verifier.text)", at: 0) }
        let keys = [old, new].compactMap { $0 }
        let note = try statement("restore of the log accepted", lines, by: keys)
        return [
            "old_key": old.map { .string($0.verifier.text) } ?? .null,
            "key": .string(new.verifier.text),
            "signed_size": signed.map { .uint($0.size) } ?? .null,
            "signed_root": signed.map { .string($0.root.hexadecimal) } ?? .null,
            "size": .uint(checkpoint.size), "root": .string(checkpoint.root.hexadecimal),
            "reason": .string(reason), "statement": .string(note.message),
        ]
    }

    /// A signed text that nobody can take for a checkpoint, whose second line is a number.
    private static func statement(
        _ title: String,
        _ lines: [String],
        by keys: [SignerKey]
    ) throws(ProofError) -> SignedNote {
        let text = (["daybook: \(title)"] + lines).map { $0 + "\n" }.joined()
        return try SignedNote(signing: text, with: keys)
    }
}

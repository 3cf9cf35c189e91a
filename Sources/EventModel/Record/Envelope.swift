/// The rules for the texts round an event's data.
public enum Envelope {
    /// Checks the texts of an event that somebody proposes.
    ///
    /// - Throws: ``EventRecordError`` that names the field and the rule.
    public static func check(_ event: ProposedEvent) throws(EventRecordError) {
        try check(
            type: event.type,
            schema: event.schema,
            entity: event.entity,
            actor: event.actor
        )
    }

    /// Checks the texts of an envelope.
    ///
    /// - Parameters:
    ///   - type: UpperCamelCase in ASCII letters and digits, up to ``Limits/eventTypeBytesMax``.
    ///   - schema: 1 or more.
    ///   - entity: lower-case ASCII letters, digits and underscores, beginning with a letter, or nil.
    ///   - actor: a lower-case kind, alone (`system`) or with a colon and who it is (`user:ana`),
    ///     without control characters.
    /// - Throws: ``EventRecordError`` that names the field and the rule.
    public static func check(
        type: String,
        schema: UInt32,
        entity: String?,
        actor: String
    ) throws(EventRecordError) {
        guard isEventType(type) else {
            let rule =
                "must be UpperCamelCase letters and digits, at most \(Limits.eventTypeBytesMax) bytes"
            throw EventRecordError(.envelope, "the event type '\(type.prefix(120))' \(rule)")
        }
        guard schema >= 1 else {
            throw EventRecordError(.envelope, "the schema version must be 1 or more")
        }
        if let entity, !isEntity(entity) {
            let rule = "must be lower-case letters, digits and underscores"
            throw EventRecordError(.envelope, "the entity '\(entity.prefix(300))' \(rule)")
        }
        guard isActor(actor) else {
            let rule = "must be 'system' or a kind, a colon and a name, as in user:ana"
            throw EventRecordError(.envelope, "the actor '\(actor.prefix(300))' \(rule)")
        }
    }

    private static func isEventType(_ text: String) -> Bool {
        withBytes(of: text) { bytes in
            guard let first = bytes.first, isUpper(first) else { return false }
            guard bytes.count <= Limits.eventTypeBytesMax else { return false }
            for byte in bytes where !(isUpper(byte) || isLower(byte) || isDigit(byte)) {
                return false
            }
            return true
        }
    }

    private static func isEntity(_ text: String) -> Bool {
        withBytes(of: text) { bytes in
            guard let first = bytes.first, isLower(first) else { return false }
            guard bytes.count <= Limits.actorBytesMax else { return false }
            for byte in bytes where !isWordByte(byte) { return false }
            return true
        }
    }

    private static func isActor(_ text: String) -> Bool {
        withBytes(of: text) { bytes in
            guard bytes.count <= Limits.actorBytesMax else { return false }
            guard let first = bytes.first, isLower(first) else { return false }
            var next = 0
            while next < bytes.count, bytes[next] != UInt8(ascii: ":") {
                guard isWordByte(bytes[next]) else { return false }
                next += 1
            }
            guard next < bytes.count else { return true }
            let who = bytes[(next + 1)...]
            for byte in who where byte < 0x20 || byte == 0x7F { return false }
            return !who.isEmpty
        }
    }

    /// Hands over a text's UTF-8; every event that is appended comes through here three times.
    private static func withBytes(
        of text: String,
        _ body: (UnsafeBufferPointer<UInt8>) -> Bool
    ) -> Bool {
        text.utf8.withContiguousStorageIfAvailable(body)
            ?? Array(text.utf8).withUnsafeBufferPointer(body)
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        isLower(byte) || isDigit(byte) || byte == UInt8(ascii: "_")
    }

    private static func isLower(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
    }

    private static func isUpper(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }
}

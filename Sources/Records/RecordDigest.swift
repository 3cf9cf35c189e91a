public import EventModel

/// A hash of a record's content: equal for states between which ``RecordDiff`` finds no difference.
public enum RecordDigest {
    /// SHA-256 over the deterministic CBOR (RFC 8949 section 4.2.1) of the canonical fields.
    public static func digest(of fields: ValueMap, in schema: DatabaseSchema) -> Digest {
        Value.map(CanonicalRecord.fields(fields, of: schema)).digest
    }
}

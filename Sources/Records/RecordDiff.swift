public import EventModel

/// What one field was and what it is now; `.null` where it is empty.
public struct FieldChange: Sendable, Hashable {
    public var before: Value
    public var after: Value

    public init(before: Value, after: Value) {
        self.before = before
        self.after = after
    }
}

/// The difference between two states of a record.
public enum RecordDiff {
    /// The fields that differ, by key.
    ///
    /// Values are compared in canonical form (``CanonicalRecord``), but reported as they are. Computed
    /// and bookkeeping fields are never a difference, and neither are members that the schema does
    /// not know.
    public static func changes(
        from before: ValueMap,
        to after: ValueMap,
        in schema: DatabaseSchema
    ) -> [String: FieldChange] {
        var changes: [String: FieldChange] = [:]
        for field in CanonicalRecord.comparedFields(of: schema) {
            let old = before[field.key] ?? .null
            let new = after[field.key] ?? .null
            guard
                CanonicalRecord.value(old, of: field) != CanonicalRecord.value(new, of: field)
            else { continue }
            changes[field.key] = FieldChange(before: old, after: new)
        }
        return changes
    }
}

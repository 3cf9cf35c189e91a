public import EventModel

/// The form in which field values are compared and digested, so that what Notion rounds, reorders or
/// leaves out is no difference.
public enum CanonicalRecord {
    /// The fields whose change is a change of the record: what somebody wrote, not what Notion or the
    /// synchronisation derived.
    public static func comparedFields(of schema: DatabaseSchema) -> [FieldSchema] {
        schema.fields.filter { field in
            !field.isComputed && !field.isReadOnlyInNotion
                && !DatabaseCatalogue.bookkeepingFields.contains(field.key)
        }
    }

    /// The compared fields in canonical form; empty ones are left out.
    public static func fields(_ fields: ValueMap, of schema: DatabaseSchema) -> ValueMap {
        var result = ValueMap()
        for field in comparedFields(of: schema) {
            let value = value(fields[field.key] ?? .null, of: field)
            if !value.isNull { result[field.key] = value }
        }
        return result
    }

    /// One value in canonical form; `.null` stands for every kind of emptiness.
    ///
    /// Whole doubles become integers; dates lose their seconds, as Notion keeps minutes; members of
    /// multi-selects, relations and people are sorted and taken once; fields that hold JSON know no
    /// instants or durations, only their texts.
    public static func value(_ value: Value, of field: FieldSchema) -> Value {
        switch field.type {
        case .multiSelect, .relation, .people:
            guard let members = value.listValue else { return plain(value) }
            return plain(.list(unordered(members.map(plain))))
        case .date:
            return plain(minutes(value))
        case .checkbox:
            // An unticked box and an absent one look the same to staff.
            return value == .bool(true) ? .bool(true) : .null
        case .richText where field.isJSON:
            return plain(asJSON(value))
        case .title, .richText, .number, .select, .status, .files, .url, .email, .phoneNumber,
            .rollup, .formula, .uniqueID, .createdTime, .lastEditedTime, .createdBy, .lastEditedBy:
            return plain(value)
        }
    }

    /// What is left of a value that went out as JSON text and came back.
    private static func asJSON(_ value: Value) -> Value {
        switch value {
        case .timestamp(let time): return .string(time.rfc3339)
        case .duration(let duration): return .string(DurationText.iso8601(duration))
        case .bytes(let bytes): return .string(Base64URL.encode(bytes))
        case .list(let members): return .list(members.map(asJSON))
        case .map(let map):
            var result = map
            for entry in map.entries { result[entry.key] = asJSON(entry.value) }
            return .map(result)
        case .null, .bool, .int, .uint, .double, .string: return value
        }
    }

    private static func plain(_ value: Value) -> Value {
        switch value {
        case .double(let number):
            guard let whole = Int64(exactly: number) else { return value }
            return .int(whole)
        case .uint(let number):
            guard let whole = Int64(exactly: number) else { return value }
            return .int(whole)
        case .string(let text):
            return text.isEmpty ? .null : value
        case .list(let members):
            return members.isEmpty ? .null : .list(members.map(plain))
        case .map(let map):
            var result = ValueMap()
            for entry in map.entries {
                let member = plain(entry.value)
                if !member.isNull { result[entry.key] = member }
            }
            return result.isEmpty ? .null : .map(result)
        case .null, .bool, .int, .bytes, .timestamp, .duration:
            return value
        }
    }

    private static func minutes(_ value: Value) -> Value {
        switch value {
        case .timestamp(let time):
            return .timestamp(floorToMinute(time))
        case .map(let range):
            // A range without an end says the same as its start alone.
            if range["end"]?.isNull != false, let start = range["start"] { return minutes(start) }
            var result = range
            for entry in range.entries { result[entry.key] = minutes(entry.value) }
            return .map(result)
        case .null, .bool, .int, .uint, .double, .string, .bytes, .duration, .list:
            return value
        }
    }

    private static func floorToMinute(_ time: Timestamp) -> Timestamp {
        let remainder = time.seconds % 60
        return Timestamp(seconds: time.seconds - (remainder < 0 ? remainder + 60 : remainder))
    }

    private static func unordered(_ members: [Value]) -> [Value] {
        var seen: Set<Value> = []
        return members.filter { seen.insert($0).inserted }.sorted { left, right in
            (left.stringValue ?? "").utf8.lexicographicallyPrecedes((right.stringValue ?? "").utf8)
        }
    }
}

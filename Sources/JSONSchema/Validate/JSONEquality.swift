import EventModel

/// Equality as JSON sees it: `1` equals `1.0`, texts are compared as code points, a timestamp, a
/// duration and bytes are the texts that JSON writes for them.
enum JSONEquality {
    /// The value in the one form that all equal values share.
    ///
    /// - Parameter parts: how many values have been looked at, those inside counted.
    static func canonical(_ value: Value, parts: inout Int) -> Value {
        parts += 1
        switch value {
        case .null, .bool, .int, .string:
            return value
        case .uint(let number):
            return Int64(exactly: number).map { .int($0) } ?? value
        case .double(let number):
            if let whole = Int64(exactly: number) { return .int(whole) }
            return UInt64(exactly: number).map { .uint($0) } ?? value
        case .bytes, .timestamp, .duration:
            return text(value).map { .string($0) } ?? value
        case .list(let elements):
            return .list(elements.map { canonical($0, parts: &parts) })
        case .map(let map):
            var result = ValueMap()
            for entry in map.entries { result[entry.key] = canonical(entry.value, parts: &parts) }
            return .map(result)
        }
    }

    /// Whether a value equals one that is canonical; looks at no more of it than that one has.
    static func isSame(_ value: Value, _ canonical: Value, parts: inout Int) -> Bool {
        parts += 1
        switch (value, canonical) {
        case (.list(let left), .list(let right)):
            guard left.count == right.count else { return false }
            for (left, right) in zip(left, right) {
                guard isSame(left, right, parts: &parts) else { return false }
            }
            return true
        case (.map(let left), .map(let right)):
            guard left.count == right.count else { return false }
            for (left, right) in zip(left.entries, right.entries) {
                guard left.key == right.key, isSame(left.value, right.value, parts: &parts)
                else { return false }
            }
            return true
        case (.list, _), (.map, _), (_, .list), (_, .map):
            return false
        case (.null, _), (.bool, _), (.int, _), (.uint, _), (.double, _), (.string, _),
            (.bytes, _), (.timestamp, _), (.duration, _):
            return self.canonical(value, parts: &parts) == canonical
        }
    }

    /// The text of a value that JSON writes as a string; nil for all others.
    static func text(_ value: Value) -> String? {
        switch value {
        case .string(let text): text
        case .timestamp(let timestamp): timestamp.rfc3339
        case .duration(let duration): DurationText.iso8601(duration)
        case .bytes(let bytes): Base64URL.encode(bytes)
        case .null, .bool, .int, .uint, .double, .list, .map: nil
        }
    }

    /// The type of a value in the words of JSON Schema.
    static func typeName(_ value: Value) -> String {
        switch value {
        case .null: "null"
        case .bool: "boolean"
        case .int, .uint: "integer"
        case .double(let number): JSONNumber(number).isWhole ? "integer" : "number"
        case .string, .bytes, .timestamp, .duration: "string"
        case .list: "array"
        case .map: "object"
        }
    }
}

import EventModel

/// Why data cannot be read back.
public struct EventDataError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The event type, or `InstanceState`.
    public var type: String
    /// The member at fault; empty if it is the whole.
    public var field: String
    public var message: String

    public var description: String {
        field.isEmpty ? "\(type): \(message)" : "\(type), member '\(field)': \(message)"
    }
}

/// Reads the members of a map and insists that each is what it must be and that none is unknown.
struct FieldReader {
    let type: String
    private let path: String
    private let map: ValueMap
    private var known: Set<String> = []

    init(_ value: Value, type: String, path: String = "") throws(EventDataError) {
        guard let map = value.mapValue else {
            throw EventDataError(
                type: type,
                field: path,
                message: "must be a map, not \(value.typeName)"
            )
        }
        self.type = type
        self.path = path
        self.map = map
    }

    /// A member, whatever it is; one that is missing is null.
    mutating func value(_ key: String) -> Value {
        known.insert(key)
        return map[key] ?? .null
    }

    /// Whether there is such a member.
    func has(_ key: String) -> Bool { map[key] != nil }

    mutating func optionalWord<Word: RawRepresentable & CaseIterable>(
        _ key: String,
        of type: Word.Type
    ) throws(EventDataError) -> Word? where Word.RawValue == String {
        guard has(key) else {
            known.insert(key)
            return nil
        }
        return try word(key, of: type)
    }

    mutating func optional<Result>(
        _ key: String,
        _ wanted: String,
        _ read: (Value) -> Result?
    ) throws(EventDataError) -> Result? {
        known.insert(key)
        guard let value = map[key] else { return nil }
        guard let result = read(value) else {
            throw fault(key, "must be \(wanted), not \(value.typeName)")
        }
        return result
    }

    mutating func required<Result>(
        _ key: String,
        _ wanted: String,
        _ read: (Value) -> Result?
    ) throws(EventDataError) -> Result {
        guard let result = try optional(key, wanted, read) else {
            throw fault(key, "is missing; it must be \(wanted)")
        }
        return result
    }

    mutating func text(_ key: String) throws(EventDataError) -> String {
        try required(key, "a text", \.stringValue)
    }

    mutating func truth(_ key: String) throws(EventDataError) -> Bool {
        try required(key, "true or false", \.boolValue)
    }

    mutating func instant(_ key: String) throws(EventDataError) -> Timestamp {
        try required(key, "a timestamp", \.timestampValue)
    }

    /// A number from 0.
    mutating func count(_ key: String) throws(EventDataError) -> Int {
        try required(key, "a whole number from 0", FieldReader.count)
    }

    mutating func digest(_ key: String) throws(EventDataError) -> Digest {
        try required(key, "64 hexadecimal digits", FieldReader.digest)
    }

    mutating func word<Word: RawRepresentable & CaseIterable>(
        _ key: String,
        of type: Word.Type
    ) throws(EventDataError) -> Word where Word.RawValue == String {
        let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
        return try required(key, "one of \(words)") { $0.stringValue.flatMap(Word.init(rawValue:)) }
    }

    /// A reader for the map behind a key; nil if there is none.
    mutating func inner(_ key: String) throws(EventDataError) -> FieldReader? {
        known.insert(key)
        guard let value = map[key] else { return nil }
        return try FieldReader(value, type: type, path: full(key))
    }

    /// A reader for each member of the map behind a key.
    mutating func innerMembers(
        _ key: String
    ) throws(EventDataError) -> [(key: String, reader: FieldReader)] {
        let map = try required(key, "a map", \.mapValue)
        var members: [(key: String, reader: FieldReader)] = []
        for entry in map.entries {
            guard case .string(let name) = entry.key else {
                throw fault(key, "must have texts as keys")
            }
            let path = "\(full(key)).\(name)"
            members.append((name, try FieldReader(entry.value, type: type, path: path)))
        }
        return members
    }

    /// A reader for each map of the list behind a key; none if there is no list.
    mutating func innerList(_ key: String) throws(EventDataError) -> [FieldReader] {
        let list = try optional(key, "a list of maps", \.listValue) ?? []
        var readers: [FieldReader] = []
        for (index, value) in list.enumerated() {
            readers.append(try FieldReader(value, type: type, path: "\(full(key))[\(index)]"))
        }
        return readers
    }

    /// The texts of a list; none if there is no list.
    mutating func texts(_ key: String) throws(EventDataError) -> [String] {
        let texts = try optional(key, "a list of texts") { value -> [String]? in
            guard let list = value.listValue else { return nil }
            let texts = list.compactMap(\.stringValue)
            return texts.count == list.count ? texts : nil
        }
        return texts ?? []
    }

    /// Refuses members that nobody asked for: they would be lost.
    func finish() throws(EventDataError) {
        for entry in map.entries {
            guard case .string(let key) = entry.key else {
                throw EventDataError(type: type, field: path, message: "has a key that is no text")
            }
            guard known.contains(key) else { throw fault(key, "is unknown") }
        }
    }

    func fault(_ key: String, _ message: String) -> EventDataError {
        EventDataError(type: type, field: full(key), message: message)
    }

    private func full(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    static func count(_ value: Value) -> Int? {
        value.intValue.flatMap { $0 >= 0 ? Int(exactly: $0) : nil }
    }

    static func identifier(_ value: Value) -> EventID? {
        value.stringValue.flatMap { EventID($0) }
    }

    static func digest(_ value: Value) -> Digest? {
        guard let text = value.stringValue, text.utf8.count == 64 else { return nil }
        var bytes: [UInt8] = []
        var high: UInt8?
        for byte in text.utf8 {
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x61...0x66: digit = byte - 0x61 + 10
            case _: return nil
            }
            if let first = high {
                bytes.append(first << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        return Digest(bytes: bytes)
    }
}

extension ActionFailure {
    var value: Value {
        var map: ValueMap = [
            "code": .string(code), "message": .string(message), "retryable": .bool(isRetryable),
        ]
        if let retryAfter { map["retry_after"] = .duration(retryAfter) }
        if !details.isNull { map["details"] = details }
        return .map(map)
    }

    init(_ reader: inout FieldReader) throws(EventDataError) {
        self.init(
            code: try reader.text("code"),
            message: try reader.text("message"),
            isRetryable: try reader.truth("retryable"),
            retryAfter: try reader.optional("retry_after", "a duration", \.durationValue),
            details: reader.value("details")
        )
        try reader.finish()
    }
}

extension FieldReader {
    mutating func failure(_ key: String) throws(EventDataError) -> ActionFailure {
        guard let failure = try optionalFailure(key) else {
            throw fault(key, "is missing; it must be a failure")
        }
        return failure
    }

    mutating func optionalFailure(_ key: String) throws(EventDataError) -> ActionFailure? {
        guard var inner = try inner(key) else { return nil }
        return try ActionFailure(&inner)
    }
}

/// The one value of Daybook: payloads, expressions, CBOR and JSON all speak it.
///
/// Two values are equal if they have the same case and the same content. Text is compared by its
/// UTF-8 bytes, never by canonical equivalence, so that equal values have equal encodings; doubles
/// are compared by bit pattern, so that a NaN equals itself and 0.0 differs from -0.0. The looser
/// numeric equality of expressions (`1 == 1.0`) is the expression language's affair.
public enum Value: Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case uint(UInt64)
    case double(Double)
    case string(String)
    case bytes([UInt8])
    case timestamp(Timestamp)
    case duration(Duration)
    case list([Value])
    case map(ValueMap)
}

extension Value: Hashable {
    public static func == (left: Value, right: Value) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.int(let left), .int(let right)): left == right
        case (.uint(let left), .uint(let right)): left == right
        case (.double(let left), .double(let right)): left.bitPattern == right.bitPattern
        case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
        case (.bytes(let left), .bytes(let right)): left == right
        case (.timestamp(let left), .timestamp(let right)): left == right
        case (.duration(let left), .duration(let right)): left == right
        case (.list(let left), .list(let right)): left == right
        case (.map(let left), .map(let right)): left == right
        case (.null, _), (.bool, _), (.int, _), (.uint, _), (.double, _), (.string, _),
            (.bytes, _), (.timestamp, _), (.duration, _), (.list, _), (.map, _):
            false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0 as UInt8)
        case .bool(let value): hasher.combine(value)
        case .int(let value): hasher.combine(value)
        case .uint(let value): hasher.combine(value)
        case .double(let value): hasher.combine(value.bitPattern)
        case .string(let value): for byte in value.utf8 { hasher.combine(byte) }
        case .bytes(let value): hasher.combine(value)
        case .timestamp(let value): hasher.combine(value)
        case .duration(let value): hasher.combine(value)
        case .list(let value): hasher.combine(value)
        case .map(let value): hasher.combine(value)
        }
    }
}

extension Value: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
    ExpressibleByStringInterpolation, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(nilLiteral: ()) { self = .null }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int64) { self = .int(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(stringLiteral value: String) { self = .string(value) }
    public init(arrayLiteral elements: Value...) { self = .list(elements) }
    public init(dictionaryLiteral elements: (String, EventModel.Value)...) {
        var map = ValueMap()
        for (key, value) in elements { map[key] = value }
        self = .map(map)
    }
}

extension Value {
    /// What every reader sees in the place of a personal value that was erased.
    public static let erased = Value.string("‹erased›")

    /// A word for the value's type, as it appears in messages.
    public var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "bool"
        case .int: "int"
        case .uint: "uint"
        case .double: "double"
        case .string: "string"
        case .bytes: "bytes"
        case .timestamp: "timestamp"
        case .duration: "duration"
        case .list: "list"
        case .map: "map"
        }
    }

    public var isNull: Bool { self == .null }

    public var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }

    /// The value as a signed integer, from an int or from a uint that fits.
    public var intValue: Int64? {
        switch self {
        case .int(let value): value
        case .uint(let value): Int64(exactly: value)
        case .null, .bool, .double, .string, .bytes, .timestamp, .duration, .list, .map: nil
        }
    }

    /// The value as a double, from any number.
    public var doubleValue: Double? {
        switch self {
        case .int(let value): Double(value)
        case .uint(let value): Double(value)
        case .double(let value): value
        case .null, .bool, .string, .bytes, .timestamp, .duration, .list, .map: nil
        }
    }

    public var stringValue: String? { if case .string(let value) = self { value } else { nil } }
    public var bytesValue: [UInt8]? { if case .bytes(let value) = self { value } else { nil } }
    public var listValue: [Value]? { if case .list(let value) = self { value } else { nil } }
    public var mapValue: ValueMap? { if case .map(let value) = self { value } else { nil } }

    public var timestampValue: Timestamp? {
        if case .timestamp(let value) = self { value } else { nil }
    }

    public var durationValue: Duration? {
        if case .duration(let value) = self { value } else { nil }
    }

    /// The member of a map by its text key; nil if this is no map or has no such key.
    public subscript(key: String) -> Value? { mapValue?[key] }

    /// The member that a path of text keys leads to; nil as soon as one is missing.
    public subscript(path first: String, rest: String...) -> Value? {
        var current = self[first]
        for key in rest { current = current?[key] }
        return current
    }
}

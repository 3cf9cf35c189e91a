import EventModel

/// A value inside an evaluation: what the outside knows, and also types and optionals.
///
/// A list or map whose elements are all plain is always `.plain`, so that nearly every operation
/// sees one representation; `.list` and `.map` hold at least one type or optional.
enum Operand: Sendable {
    case plain(Value)
    case type(String)
    case optional(OptionalBox)
    case list([Operand])
    case map([MapEntry])
    /// An address of the internet protocol, or a range of them.
    case network(NetworkAddress)

    struct MapEntry: Sendable {
        var key: MapKey
        var value: Operand
    }
}

/// The content of an optional, behind a reference so that operands stay small.
final class OptionalBox: Sendable {
    let content: Operand?

    init(_ content: Operand?) { self.content = content }

    static let none = OptionalBox(nil)
}

extension Operand {
    static let null = Operand.plain(.null)
    static let none = Operand.optional(.none)

    static func bool(_ value: Bool) -> Operand { .plain(.bool(value)) }
    static func int(_ value: Int64) -> Operand { .plain(.int(value)) }
    static func int(_ value: Int) -> Operand { .plain(.int(Int64(value))) }
    static func uint(_ value: UInt64) -> Operand { .plain(.uint(value)) }
    static func double(_ value: Double) -> Operand { .plain(.double(value)) }
    static func string(_ value: String) -> Operand { .plain(.string(value)) }
    static func bytes(_ value: [UInt8]) -> Operand { .plain(.bytes(value)) }
    static func some(_ value: Operand) -> Operand { .optional(OptionalBox(value)) }

    var isBool: Bool? {
        if case .plain(.bool(let value)) = self { value } else { nil }
    }

    /// The name of the type, as `type()` gives it.
    var typeName: String {
        switch self {
        case .plain(let value): value.expressionTypeName
        case .type: "type"
        case .optional: "optional_type"
        case .list: "list"
        case .map: "map"
        case .network(let address): address.typeName
        }
    }

    /// This as a value for the outside: a type is its name, an optional its content or null,
    /// an address its text.
    ///
    /// Operands share their parts, so a small one can be huge when every part is counted wherever
    /// it stands; `left` is how many elements and bytes the value may still have.
    ///
    /// - Throws: `costLimit`.
    func value(_ left: inout Int, depth: Int = 0) throws(Fault) -> Value {
        switch self {
        case .plain(let value):
            try value.count(&left, depth: depth)
            return value
        case .type(let name): return .string(name)
        case .network(let address): return .string(address.text)
        case .optional(let box): return try box.content?.value(&left, depth: depth) ?? .null
        case .list(let elements):
            try Value.spend(1, &left, depth: depth)
            var values: [Value] = []
            for element in elements { values.append(try element.value(&left, depth: depth + 1)) }
            return .list(values)
        case .map(let entries):
            try Value.spend(1, &left, depth: depth)
            var map = ValueMap()
            for entry in entries { map[entry.key] = try entry.value.value(&left, depth: depth + 1) }
            return .map(map)
        }
    }
}

extension Value {
    /// Counts the value's elements, all levels and the bytes of its texts included.
    ///
    /// - Throws: `costLimit` if there are more than are left, or levels than values may have.
    fileprivate func count(_ left: inout Int, depth: Int) throws(Fault) {
        try Self.spend(1, &left, depth: depth)
        switch self {
        case .null, .bool, .int, .uint, .double, .timestamp, .duration: break
        case .string(let text): left -= text.utf8.count
        case .bytes(let bytes): left -= bytes.count
        case .list(let elements):
            for element in elements { try element.count(&left, depth: depth + 1) }
        case .map(let map):
            for entry in map.entries {
                if case .string(let key) = entry.key { left -= key.utf8.count }
                try entry.value.count(&left, depth: depth + 1)
            }
        }
        try Self.spend(0, &left, depth: depth)
    }

    fileprivate static func spend(_ count: Int, _ left: inout Int, depth: Int) throws(Fault) {
        left -= count
        guard left >= 0 else {
            throw Fault(.costLimit, "the value has too many elements and bytes")
        }
        guard depth <= Limits.nestingDepthMax else {
            throw Fault(
                .costLimit,
                "the value is nested deeper than \(Limits.nestingDepthMax) levels"
            )
        }
    }
}

extension Value {
    /// The name of the type in the expression language.
    var expressionTypeName: String {
        switch self {
        case .null: "null_type"
        case .bool: "bool"
        case .int: "int"
        case .uint: "uint"
        case .double: "double"
        case .string: "string"
        case .bytes: "bytes"
        case .timestamp: "google.protobuf.Timestamp"
        case .duration: "google.protobuf.Duration"
        case .list: "list"
        case .map: "map"
        }
    }
}

/// The elements of a list of either representation.
enum Elements {
    case plain([Value])
    case mixed([Operand])

    init?(_ operand: Operand) {
        switch operand {
        case .plain(.list(let values)): self = .plain(values)
        case .list(let operands): self = .mixed(operands)
        case .plain, .type, .optional, .map, .network: return nil
        }
    }

    var count: Int {
        switch self {
        case .plain(let values): values.count
        case .mixed(let operands): operands.count
        }
    }

    subscript(index: Int) -> Operand {
        switch self {
        case .plain(let values): .plain(values[index])
        case .mixed(let operands): operands[index]
        }
    }
}

/// The entries of a map of either representation.
enum Entries {
    case plain(ValueMap)
    case mixed([Operand.MapEntry])

    init?(_ operand: Operand) {
        switch operand {
        case .plain(.map(let map)): self = .plain(map)
        case .map(let entries): self = .mixed(entries)
        case .plain, .type, .optional, .list, .network: return nil
        }
    }

    var count: Int {
        switch self {
        case .plain(let map): map.count
        case .mixed(let entries): entries.count
        }
    }

    func key(_ index: Int) -> MapKey {
        switch self {
        case .plain(let map): map.entries[index].key
        case .mixed(let entries): entries[index].key
        }
    }

    func value(_ index: Int) -> Operand {
        switch self {
        case .plain(let map): .plain(map.entries[index].value)
        case .mixed(let entries): entries[index].value
        }
    }

    /// The value of exactly this key.
    private func exact(_ key: MapKey) -> Operand? {
        switch self {
        case .plain(let map): map[key].map { .plain($0) }
        case .mixed(let entries): entries.first { $0.key == key }?.value
        }
    }

    /// The value of a key that is equal as a number, whatever its type.
    subscript(key: MapKey) -> Operand? {
        if let value = exact(key) { return value }
        switch key {
        case .int(let number):
            guard let other = UInt64(exactly: number) else { return nil }
            return exact(.uint(other))
        case .uint(let number):
            guard let other = Int64(exactly: number) else { return nil }
            return exact(.int(other))
        case .string, .bool: return nil
        }
    }
}

extension MapKey {
    /// The key that finds an operand in a map; nil if no map can hold it.
    init?(looking operand: Operand) {
        switch operand {
        case .plain(.string(let text)): self = .string(text)
        case .plain(.int(let number)): self = .int(number)
        case .plain(.uint(let number)): self = .uint(number)
        case .plain(.bool(let bool)): self = .bool(bool)
        case .plain(.double(let number)):
            if let int = Int64(exactly: number) {
                self = .int(int)
            } else if let uint = UInt64(exactly: number) {
                self = .uint(uint)
            } else {
                return nil
            }
        case .plain, .type, .optional, .list, .map, .network: return nil
        }
    }

    var operand: Operand {
        switch self {
        case .int(let number): .int(number)
        case .uint(let number): .uint(number)
        case .string(let text): .string(text)
        case .bool(let bool): .bool(bool)
        }
    }
}

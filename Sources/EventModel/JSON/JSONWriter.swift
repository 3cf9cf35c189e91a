/// Writes values as JSON to the end of a buffer.
struct JSONWriter {
    let layout: JSON.Layout
    var bytes: [UInt8] = []

    init(layout: JSON.Layout) { self.layout = layout }

    mutating func value(_ value: Value, depth: Int) throws(JSONError) {
        switch value {
        case .null: raw("null")
        case .bool(let value): raw(value ? "true" : "false")
        case .int(let value): raw(value.description)
        case .uint(let value): raw(value.description)
        case .double(let value):
            guard value.isFinite else {
                throw JSONError("\(value) has no JSON form; only finite numbers have one")
            }
            raw(value.description)
        case .string(let value): string(value)
        case .bytes(let value): string(Base64URL.encode(value))
        case .timestamp(let value): string(value.rfc3339)
        case .duration(let value): string(DurationText.iso8601(value))
        case .list(let values): try list(values, depth: depth)
        case .map(let map): try self.map(map, depth: depth)
        }
    }

    private mutating func list(_ values: [Value], depth: Int) throws(JSONError) {
        bytes.append(UInt8(ascii: "["))
        for (index, element) in values.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            newLine(depth + 1)
            try value(element, depth: depth + 1)
        }
        if !values.isEmpty { newLine(depth) }
        bytes.append(UInt8(ascii: "]"))
    }

    private mutating func map(_ map: ValueMap, depth: Int) throws(JSONError) {
        try checkKeys(map)
        bytes.append(UInt8(ascii: "{"))
        for (index, entry) in map.entries.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            newLine(depth + 1)
            string(entry.key.text)
            bytes.append(UInt8(ascii: ":"))
            if layout == .pretty { bytes.append(UInt8(ascii: " ")) }
            try value(entry.value, depth: depth + 1)
        }
        if !map.isEmpty { newLine(depth) }
        bytes.append(UInt8(ascii: "}"))
    }

    private func checkKeys(_ map: ValueMap) throws(JSONError) {
        guard map.stringKeys.count < map.count else { return }
        var seen = Set<[UInt8]>()
        for entry in map.entries where !seen.insert(Array(entry.key.text.utf8)).inserted {
            throw JSONError("two keys become the text '\(entry.key.text)'")
        }
    }

    private mutating func newLine(_ depth: Int) {
        guard layout == .pretty else { return }
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: depth * 2))
    }

    private mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func string(_ text: String) {
        var text = text
        bytes.append(UInt8(ascii: "\""))
        text.withUTF8 { utf8 in
            // Whole stretches that need no escape are copied at once.
            var start = 0
            for index in 0..<utf8.count where JSONWriter.needsEscape(utf8[index]) {
                bytes.append(contentsOf: utf8[start..<index])
                escape(utf8[index])
                start = index + 1
            }
            bytes.append(contentsOf: utf8[start...])
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func escape(_ byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        default:
            raw("u00")
            Hexadecimal.append(byte, to: &bytes)
        }
    }
}

extension MapKey {
    /// The key as text: what JSON and messages show.
    public var text: String {
        switch self {
        case .int(let value): value.description
        case .uint(let value): value.description
        case .string(let value): value
        case .bool(let value): value.description
        }
    }
}

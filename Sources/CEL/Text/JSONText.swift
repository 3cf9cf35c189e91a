import EventModel

/// Values as JSON text, for lists and maps inside a text.
///
/// What JSON has no type for is written as the text that `string()` makes of it; bytes are Base64.
struct JSONText {
    private(set) var text = ""

    static func format(_ value: Value, _ context: inout Context) throws(Fault) -> String {
        var writer = JSONText()
        try writer.write(value, &context)
        try context.text(writer.text.utf8.count)
        return writer.text
    }

    private mutating func write(_ value: Value, _ context: inout Context) throws(Fault) {
        try context.step()
        guard text.utf8.count <= context.sizeMax else {
            throw Fault(
                .costLimit,
                "the expression builds a text of more than \(context.sizeMax) bytes"
            )
        }
        switch value {
        case .null: text += "null"
        case .bool(let bool): text += bool ? "true" : "false"
        case .int(let number): text += String(number)
        case .uint(let number): text += String(number)
        case .double(let number):
            // JSON has no infinities, so they are texts.
            if number.isFinite {
                text += NumberText.format(number)
            } else {
                write(NumberText.format(number))
            }
        case .string(let string):
            try context.bytes(string.utf8.count)
            write(string)
        case .bytes(let bytes):
            try context.bytes(bytes.count)
            write(Base64.encode(bytes))
        case .timestamp(let timestamp): write(TimestampText.format(timestamp))
        case .duration(let duration): write(DurationText.format(duration))
        case .list(let elements):
            text += "["
            for (index, element) in elements.enumerated() {
                if index > 0 { text += "," }
                try write(element, &context)
            }
            text += "]"
        case .map(let map):
            text += "{"
            for (index, entry) in map.entries.enumerated() {
                if index > 0 { text += "," }
                write(name(entry.key))
                text += ":"
                try write(entry.value, &context)
            }
            text += "}"
        }
    }

    private func name(_ key: MapKey) -> String {
        switch key {
        case .int(let number): String(number)
        case .uint(let number): String(number)
        case .string(let text): text
        case .bool(let bool): bool ? "true" : "false"
        }
    }

    private mutating func write(_ string: String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{0}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}

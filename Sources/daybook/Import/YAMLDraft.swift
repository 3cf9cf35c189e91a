import EventModel

/// A YAML document that is being written, with its keys in the order in which people read them.
indirect enum YAMLDraft {
    case scalar(Value)
    case list([YAMLDraft])
    case map([(key: String, value: YAMLDraft)])

    static func text(_ text: String) -> YAMLDraft { .scalar(.string(text)) }

    /// A value in the map's own order.
    init(_ value: Value) {
        switch value {
        case .list(let elements): self = .list(elements.map(YAMLDraft.init))
        case .map(let map):
            self = .map(map.stringKeys.map { ($0, YAMLDraft(map[$0] ?? .null)) })
        case .null, .bool, .int, .uint, .double, .string, .bytes, .timestamp, .duration:
            self = .scalar(value)
        }
    }

    /// The document, each member and element on a line of its own.
    var document: String {
        var writer = YAMLDraftWriter()
        writer.write(self, indentation: 0)
        return writer.output
    }

    /// The document's value, as it reads back.
    var value: Value {
        switch self {
        case .scalar(let value): value
        case .list(let elements): .list(elements.map(\.value))
        case .map(let members): .map(ValueMap(members.map { ($0.key, $0.value.value) }))
        }
    }
}

/// Writes block YAML of two spaces; texts that could be read as something else stand in quotes.
private struct YAMLDraftWriter {
    var output = ""

    mutating func write(_ draft: YAMLDraft, indentation: Int) {
        switch draft {
        case .scalar(let value): output += Self.scalar(value) + "\n"
        case .list(let elements): list(elements, indentation)
        case .map(let members): map(members, indentation, isFirstInPlace: false)
        }
    }

    private mutating func list(_ elements: [YAMLDraft], _ indentation: Int) {
        for element in elements {
            output += Self.space(indentation) + "- "
            if case .map(let members) = element, !members.isEmpty {
                map(members, indentation + 2, isFirstInPlace: true)
            } else {
                inline(element, indentation + 2)
            }
        }
    }

    private mutating func map(
        _ members: [(key: String, value: YAMLDraft)],
        _ indentation: Int,
        isFirstInPlace: Bool
    ) {
        for (index, member) in members.enumerated() {
            if index > 0 || !isFirstInPlace { output += Self.space(indentation) }
            output += Self.text(member.key) + ":"
            switch member.value {
            case .list(let elements) where !elements.isEmpty && !Self.isShort(elements):
                output += "\n"
                list(elements, indentation + 2)
            case .map(let inner) where !inner.isEmpty:
                output += "\n"
                map(inner, indentation + 2, isFirstInPlace: false)
            case .scalar, .list, .map:
                output += " "
                inline(member.value, indentation)
            }
        }
    }

    private mutating func inline(_ draft: YAMLDraft, _ indentation: Int) {
        switch draft {
        case .scalar(let value): output += Self.scalar(value) + "\n"
        case .map: output += "{}\n"
        case .list(let elements):
            let texts = elements.map { element in
                if case .scalar(let value) = element { Self.scalar(value) } else { "{}" }
            }
            output += "[\(texts.joined(separator: ", "))]\n"
        }
    }

    /// Whether a list stands in one line: a few scalars.
    private static func isShort(_ elements: [YAMLDraft]) -> Bool {
        var length = 0
        for element in elements {
            guard case .scalar(let value) = element else { return false }
            length += scalar(value).count + 2
        }
        return length < 70
    }

    private static func space(_ count: Int) -> String { String(repeating: " ", count: count) }

    private static func scalar(_ value: Value) -> String {
        switch value {
        case .string(let string): text(string)
        case .null: "null"
        case .bool, .int, .uint, .double, .bytes, .timestamp, .duration, .list, .map:
            (try? JSON.text(value)) ?? "null"
        }
    }

    /// A text, quoted unless it is plainly one.
    private static func text(_ text: String) -> String {
        isPlain(text) ? text : (try? JSON.text(.string(text))) ?? "\"\""
    }

    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, first.isASCII, first.properties.isAlphabetic,
            text.unicodeScalars.count <= 200
        else { return false }
        let words = ["true", "false", "null", "yes", "no", "y", "n", "off"]
        guard !words.contains(text.lowercased()), text.last != " ", text.last != ":" else {
            return false
        }
        return !text.contains(": ") && !text.contains(" #")
            && text.unicodeScalars.allSatisfy { scalar in
                scalar == " " || scalar == "_" || scalar.properties.isAlphabetic
                    || "0123456789.,-/'()<>=!&|+".unicodeScalars.contains(scalar)
                    || (scalar == ":" && !text.contains(" "))
            }
    }
}

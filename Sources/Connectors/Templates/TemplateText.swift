import EventModel

/// How values are written as text in templates.
enum TemplateText {
    /// A value as it is printed.
    ///
    /// Texts as they are, numbers as in Python, true and false in lower case, nothing for null,
    /// instants as RFC 3339, lists and maps as JSON.
    static func text(_ value: Value) -> String {
        switch value {
        case .null: ""
        case .string(let text): text
        case .bool(let truth): truth ? "true" : "false"
        case .int(let number): "\(number)"
        case .uint(let number): "\(number)"
        case .double(let number): "\(number)"
        case .timestamp(let instant): instant.rfc3339
        case .duration(let duration): DurationText.iso8601(duration)
        case .bytes(let bytes): Base64URL.encode(bytes)
        case .list, .map: json(value)
        }
    }

    /// A value as JSON; what JSON cannot say, such as an infinity, in a text.
    static func json(_ value: Value) -> String {
        (try? JSON.text(value)) ?? "\"\(value.typeName)\""
    }

    /// The text with the five characters that HTML gives a meaning replaced.
    static func escaped(_ value: TemplateValue) -> String {
        value.isSafe ? value.text : escaped(value.text)
    }

    static func escaped(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result.append(contentsOf: "&amp;".unicodeScalars)
            case "<": result.append(contentsOf: "&lt;".unicodeScalars)
            case ">": result.append(contentsOf: "&gt;".unicodeScalars)
            case "\"": result.append(contentsOf: "&#34;".unicodeScalars)
            case "'": result.append(contentsOf: "&#39;".unicodeScalars)
            default: result.append(scalar)
            }
        }
        return String(result)
    }

    /// A value as the key of a map; nil if it cannot be one.
    static func key(_ value: Value) -> MapKey? {
        switch value {
        case .string(let text): .string(text)
        case .int(let number): .int(number)
        case .uint(let number): .uint(number)
        case .bool(let truth): .bool(truth)
        case .null, .double, .bytes, .timestamp, .duration, .list, .map: nil
        }
    }

    static func value(_ key: MapKey) -> Value {
        switch key {
        case .string(let text): .string(text)
        case .int(let number): .int(number)
        case .uint(let number): .uint(number)
        case .bool(let truth): .bool(truth)
        }
    }

    /// Whether a text holds another, by code points as in Python.
    static func contains(_ text: String, _ part: String) -> Bool {
        part.isEmpty || parts(of: text, separator: part, max: 1).count > 1
    }

    /// The text cut at each place where the separator stands, at most `max` times.
    static func parts(of text: String, separator: String, max: Int = .max) -> [String] {
        let (text, separator) = (Array(text.utf8), Array(separator.utf8))
        guard let first = separator.first else { return [String(decoding: text, as: UTF8.self)] }
        var parts: [String] = []
        var start = 0
        var index = 0
        while index + separator.count <= text.count, parts.count < max {
            if text[index] == first,
                text[index..<(index + separator.count)].elementsEqual(separator)
            {
                parts.append(String(decoding: text[start..<index], as: UTF8.self))
                index += separator.count
                start = index
            } else {
                index += 1
            }
        }
        parts.append(String(decoding: text[start...], as: UTF8.self))
        return parts
    }

    /// Without white space at both ends.
    static func trimmed(_ text: String) -> String {
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(scalars[first...last])
    }
}

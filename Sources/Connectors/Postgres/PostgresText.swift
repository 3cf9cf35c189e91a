import EventModel

/// Values in PostgreSQL's text format, both ways.
enum PostgresText {
    /// A parameter's text; nil stands for NULL.
    ///
    /// - Throws: for a text with a NUL character, which PostgreSQL cannot hold.
    static func parameter(_ value: Value) throws(PostgresError) -> String? {
        switch value {
        case .null: return nil
        case .bool(let truth): return truth ? "true" : "false"
        case .int(let number): return "\(number)"
        case .uint(let number): return "\(number)"
        case .double(let number): return double(number)
        case .string(let text): return try checked(text)
        case .bytes(let bytes): return "\\x" + hexadecimal(bytes)
        case .timestamp(let instant): return instant.rfc3339
        case .duration(let duration): return DurationText.iso8601(duration)
        case .list, .map: return try checked(try json(value))
        }
    }

    static func json(_ value: Value) throws(PostgresError) -> String {
        do throws(JSONError) {
            return try JSON.text(value)
        } catch {
            throw PostgresError(.invalidValue, "a value cannot be written as JSON: \(error)")
        }
    }

    static func double(_ number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
        return "\(number)"
    }

    static func checked(_ text: String) throws(PostgresError) -> String {
        guard !text.utf8.contains(0) else {
            throw PostgresError(.invalidValue, "a text holds the character NUL; remove it")
        }
        return text
    }

    /// What a column of a type gave.
    ///
    /// Integers, floats, booleans, bytea, JSON and instants with time zone have their own values;
    /// an interval of days or less is a duration; all other types are texts, numeric too, so that
    /// no digit is lost.
    static func value(_ text: String, type: UInt32) -> Value {
        switch type {
        case 16: .bool(text == "t")
        case 20, 21, 23, 26: Int64(text).map { .int($0) } ?? .string(text)
        case 700, 701: double(text).map { .double($0) } ?? .string(text)
        case 17: bytes(text).map { .bytes($0) } ?? .string(text)
        case 114, 3802: (try? JSON.parse(text)) ?? .string(text)
        case 1184: instant(text).map { .timestamp($0) } ?? .string(text)
        case 1186: (try? DurationText.parse(text)).map { .duration($0) } ?? .string(text)
        default: .string(text)
        }
    }

    private static func double(_ text: String) -> Double? {
        switch text {
        case "NaN": .nan
        case "Infinity": .infinity
        case "-Infinity": -.infinity
        default: Double(text)
        }
    }

    private static func bytes(_ text: String) -> [UInt8]? {
        guard text.hasPrefix("\\x"), text.utf8.count.isMultiple(of: 2) else { return nil }
        let digits = text.utf8.dropFirst(2).map { Character(Unicode.Scalar($0)).hexDigitValue }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[index], let low = digits[index + 1] else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        return bytes
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let text = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0xF)]] }
        return String(decoding: text, as: UTF8.self)
    }

    /// `2026-12-01 10:00:00.5+00`, which the session's settings make the only form.
    private static func instant(_ text: String) -> Timestamp? {
        guard text.hasSuffix("+00") else { return nil }
        let body = text.dropLast(3).replacing(" ", with: "T", maxReplacements: 1)
        return try? Timestamp(rfc3339: body + "Z")
    }

    /// A name as SQL takes it.
    ///
    /// - Throws: if PostgreSQL would cut or refuse it.
    static func identifier(_ name: String) throws(PostgresError) -> String {
        guard !name.isEmpty, name.utf8.count <= 63, !name.utf8.contains(0) else {
            let message = "'\(name.prefix(80))' is no name of a table or column; use 1 to 63 bytes"
            throw PostgresError(.invalidValue, message)
        }
        return "\"\(name.replacing("\"", with: "\"\""))\""
    }

    /// An array as a parameter: `{"a","b",NULL}`.
    static func array(_ elements: [String?]) -> String {
        var bytes: [UInt8] = [UInt8(ascii: "{")]
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            guard let element else {
                bytes += "NULL".utf8
                continue
            }
            bytes.append(UInt8(ascii: "\""))
            for byte in element.utf8 {
                if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                    bytes.append(UInt8(ascii: "\\"))
                }
                bytes.append(byte)
            }
            bytes.append(UInt8(ascii: "\""))
        }
        bytes.append(UInt8(ascii: "}"))
        return String(decoding: bytes, as: UTF8.self)
    }
}

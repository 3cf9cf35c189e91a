/// Reads JSON from UTF-8 bytes; every byte is checked to be there before it is touched.
struct JSONReader {
    private let bytes: UnsafeRawBufferPointer
    private var index = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    mutating func document() throws(JSONError) -> Value {
        let value = try value(depth: 0)
        skipSpace()
        guard index == bytes.count else { throw error("something follows the value") }
        return value
    }

    private mutating func value(depth: Int) throws(JSONError) -> Value {
        skipSpace()
        guard index < bytes.count else { throw error("a value is missing: the text ends") }
        guard depth <= Limits.nestingDepthMax else {
            throw error("nested deeper than \(Limits.nestingDepthMax) levels")
        }
        switch bytes[index] {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw error("a value cannot begin with \(character())")
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> Value {
        let start = index
        index += 1
        var entries: [ValueMap.Entry] = []
        skipSpace()
        guard !take("}") else { return .map(ValueMap()) }
        while true {
            skipSpace()
            guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else {
                throw error("a key in double quotes is missing")
            }
            let key = MapKey.string(try string())
            skipSpace()
            guard take(":") else { throw error("a colon must follow the key") }
            entries.append(ValueMap.Entry(key: key, value: try value(depth: depth + 1)))
            skipSpace()
            if take(",") { continue }
            guard take("}") else { throw error("a comma or } is missing") }
            guard let map = ValueMap(unordered: entries) else {
                throw error("the key '\(twin(entries))' comes twice in this object", at: start)
            }
            return .map(map)
        }
    }

    private func twin(_ entries: [ValueMap.Entry]) -> String {
        var seen = Set<MapKey>()
        return entries.first { !seen.insert($0.key).inserted }?.key.text ?? ""
    }

    private mutating func array(depth: Int) throws(JSONError) -> Value {
        index += 1
        var values: [Value] = []
        skipSpace()
        guard !take("]") else { return .list([]) }
        while true {
            values.append(try value(depth: depth + 1))
            skipSpace()
            if take(",") { continue }
            guard take("]") else { throw error("a comma or ] is missing") }
            return .list(values)
        }
    }

    private mutating func word(_ word: StaticString, _ value: Value) throws(JSONError) -> Value {
        let count = word.utf8CodeUnitCount
        guard bytes.count - index >= count,
            (0..<count).allSatisfy({ bytes[index + $0] == word.utf8Start[$0] })
        else { throw error("expected \(word)") }
        index += count
        return value
    }

    private mutating func number() throws(JSONError) -> Value {
        let start = index
        let isNegative = take("-")
        var magnitude: UInt64 = 0
        var isExact = true
        let integerStart = index
        while let digit = digit() {
            let product = magnitude.multipliedReportingOverflow(by: 10)
            let sum = product.partialValue.addingReportingOverflow(UInt64(digit))
            isExact = isExact && !product.overflow && !sum.overflow
            magnitude = sum.partialValue
            index += 1
        }
        guard index > integerStart else { throw error("a digit must follow the minus") }
        guard index == integerStart + 1 || bytes[integerStart] != UInt8(ascii: "0") else {
            throw error("a number must not begin with a zero", at: start)
        }
        let isWhole = try !fractionAndExponent()
        if isWhole, isExact {
            if !isNegative { return Int64(exactly: magnitude).map { .int($0) } ?? .uint(magnitude) }
            if magnitude <= 1 << 63 { return .int(Int64(truncatingIfNeeded: 0 &- magnitude)) }
        }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        guard let value = Double(text), value.isFinite else {
            throw error("the number is too large", at: start)
        }
        return .double(value)
    }

    private mutating func fractionAndExponent() throws(JSONError) -> Bool {
        var isThere = false
        if take(".") {
            isThere = true
            try digits("the point")
        }
        if take("e") || take("E") {
            isThere = true
            if !take("+") { _ = take("-") }
            try digits("the exponent's sign")
        }
        return isThere
    }

    private mutating func digits(_ what: String) throws(JSONError) {
        guard digit() != nil else { throw error("a digit must follow \(what)") }
        while digit() != nil { index += 1 }
    }

    private func digit() -> UInt8? {
        guard index < bytes.count else { return nil }
        let digit = bytes[index] &- UInt8(ascii: "0")
        return digit < 10 ? digit : nil
    }

    private mutating func skipSpace() {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x09, 0x0A, 0x0D: index &+= 1
            default: return
            }
        }
    }

    private mutating func take(_ wanted: Unicode.Scalar) -> Bool {
        guard index < bytes.count, bytes[index] == UInt8(ascii: wanted) else { return false }
        index += 1
        return true
    }

    private func error(_ message: String) -> JSONError { error(message, at: index) }

    private func error(_ message: String, at place: Int) -> JSONError {
        var line = 1
        var lineStart = 0
        for index in 0..<min(place, bytes.count) where bytes[index] == 0x0A {
            line += 1
            lineStart = index + 1
        }
        return JSONError(message, line: line, column: place - lineStart + 1)
    }

    private func character() -> String {
        let byte = bytes[index]
        return byte > 0x20 && byte < 0x7F
            ? "'\(Character(UnicodeScalar(byte)))'" : "byte \(byte)"
    }
}

// Strings.
extension JSONReader {
    private mutating func string() throws(JSONError) -> String {
        let start = index
        index += 1
        let contentStart = index
        // Most strings have no escape and are taken in one piece.
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                let content = UnsafeRawBufferPointer(rebasing: bytes[contentStart..<index])
                index += 1
                return try text(content, at: start)
            case UInt8(ascii: "\\"):
                return try escapedString(from: contentStart, start: start)
            case 0..<0x20:
                throw error("a control character must be escaped in a string")
            default:
                index &+= 1
            }
        }
        throw error("the string is not closed", at: start)
    }

    private mutating func escapedString(
        from contentStart: Int,
        start: Int
    ) throws(JSONError) -> String {
        var content = Array(bytes[contentStart..<index])
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "\""):
                index += 1
                let result = content.withUnsafeBytes { buffer in
                    String(strictUTF8: buffer)
                }
                guard let result else { throw error("the string is not UTF-8", at: start) }
                return result
            case UInt8(ascii: "\\"):
                index += 1
                try escape(into: &content)
            case 0..<0x20:
                throw error("a control character must be escaped in a string")
            default:
                content.append(byte)
                index += 1
            }
        }
        throw error("the string is not closed", at: start)
    }

    private func text(_ content: UnsafeRawBufferPointer, at place: Int) throws(JSONError) -> String
    {
        guard let text = String(strictUTF8: content) else {
            throw error("the string is not UTF-8", at: place)
        }
        return text
    }

    private mutating func escape(into content: inout [UInt8]) throws(JSONError) {
        guard index < bytes.count else { throw error("the string is not closed") }
        let letter = bytes[index]
        index += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(letter)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0C)
        case UInt8(ascii: "n"): content.append(0x0A)
        case UInt8(ascii: "r"): content.append(0x0D)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "u"):
            let scalar = try unicodeEscape()
            content.append(contentsOf: String(Character(scalar)).utf8)
        default: throw error("unknown escape in a string", at: index - 2)
        }
    }

    /// The scalar of one `\u` escape, or of two that are a surrogate pair (RFC 8259 section 7).
    private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
        let start = index - 2
        let first = try fourDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, take("\\"), take("u") else {
            throw error("half a surrogate pair", at: start)
        }
        let second = try fourDigits()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw error("half a surrogate pair", at: start) }
        return scalar
    }

    private mutating func fourDigits() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard index < bytes.count, let digit = Hexadecimal.digit(bytes[index]) else {
                throw error("four hexadecimal digits must follow \\u")
            }
            value = value << 4 | UInt32(digit)
            index += 1
        }
        return value
    }
}

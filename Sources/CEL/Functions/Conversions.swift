import EventModel

extension FunctionLibrary {
    mutating func addConversions() {
        global("int") { (_, value) throws(Fault) in .int(try Conversion.int(value)) }
        global("uint") { (_, value) throws(Fault) in .uint(try Conversion.uint(value)) }
        global("double") { (_, value) throws(Fault) in .double(try Conversion.double(value)) }
        global("bool") { (_, value) throws(Fault) in .bool(try Conversion.bool(value)) }
        global("bytes") { (context, value) throws(Fault) in
            switch value {
            case .plain(.bytes): return value
            case .plain(.string(let text)):
                try context.text(text.utf8.count)
                return .bytes(Array(text.utf8))
            case .plain, .type, .optional, .list, .map, .network: throw .overload
            }
        }
        global("string") { (context, value) throws(Fault) in
            .string(try Conversion.string(value, &context))
        }
    }
}

/// The conversions between types that have functions of the types' names.
enum Conversion {
    static func int(_ operand: Operand) throws(Fault) -> Int64 {
        switch operand {
        case .plain(.int(let number)): return number
        case .plain(.uint(let number)):
            guard let result = Int64(exactly: number) else { throw range("\(number)u", "an int") }
            return result
        case .plain(.double(let number)):
            // The smallest int is excluded too: a double there may stand for what lies outside.
            guard number > -0x1p63, number < 0x1p63 else {
                throw range(NumberText.format(number), "an int")
            }
            return Int64(number)
        case .plain(.string(let text)):
            guard let result = Int64(text) else { throw malformed(text, "an int") }
            return result
        case .plain(.timestamp(let timestamp)): return timestamp.seconds
        case .plain, .type, .optional, .list, .map, .network: throw .overload
        }
    }

    static func uint(_ operand: Operand) throws(Fault) -> UInt64 {
        switch operand {
        case .plain(.uint(let number)): return number
        case .plain(.int(let number)):
            guard let result = UInt64(exactly: number) else { throw range("\(number)", "a uint") }
            return result
        case .plain(.double(let number)):
            guard number >= 0, number < 0x1p64 else {
                throw range(NumberText.format(number), "a uint")
            }
            return UInt64(number)
        case .plain(.string(let text)):
            guard let result = UInt64(text) else { throw malformed(text, "a uint") }
            return result
        case .plain, .type, .optional, .list, .map, .network: throw .overload
        }
    }

    static func double(_ operand: Operand) throws(Fault) -> Double {
        switch operand {
        case .plain(.double(let number)): return number
        case .plain(.int(let number)): return Double(number)
        case .plain(.uint(let number)): return Double(number)
        case .plain(.string(let text)):
            guard let result = Double(text) else { throw malformed(text, "a double") }
            return result
        case .plain, .type, .optional, .list, .map, .network: throw .overload
        }
    }

    static func bool(_ operand: Operand) throws(Fault) -> Bool {
        switch operand {
        case .plain(.bool(let bool)): return bool
        case .plain(.string(let text)):
            switch text {
            case "1", "t", "T", "true", "TRUE", "True": return true
            case "0", "f", "F", "false", "FALSE", "False": return false
            default: throw malformed(text, "a bool")
            }
        case .plain, .type, .optional, .list, .map, .network: throw .overload
        }
    }

    static func string(_ operand: Operand, _ context: inout Context) throws(Fault) -> String {
        if case .network(let address) = operand { return address.text }
        guard case .plain(let value) = operand else { throw .overload }
        switch value {
        case .string(let text): return text
        case .bool(let bool): return bool ? "true" : "false"
        case .int(let number): return String(number)
        case .uint(let number): return String(number)
        case .double(let number): return NumberText.format(number)
        case .bytes(let bytes):
            try context.text(bytes.count)
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw Fault(.conversion, "the bytes are no valid UTF-8")
            }
            return text
        case .timestamp(let timestamp): return try TimeArithmetic.checked(timestamp).rfc3339
        case .duration(let duration):
            return DurationSyntax.format(try TimeArithmetic.checked(duration))
        case .null, .list, .map: throw .overload
        }
    }

    private static func range(_ number: String, _ type: String) -> Fault {
        Fault(.overflow, "\(number) is outside the range of \(type)")
    }

    static func malformed(_ text: String, _ type: String) -> Fault {
        Fault(.conversion, "'\(text.prefix(100))' is not \(type)")
    }
}

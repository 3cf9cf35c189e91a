import EventModel

/// Writes `format`: `%s`, `%d`, `%f`, `%e`, `%b`, `%o`, `%x`, `%X` and `%%`.
struct FormatWriter {
    let arguments: Elements
    private var next = 0
    private var result = ""

    init(arguments: Elements) { self.arguments = arguments }

    mutating func write(_ text: String, _ context: inout Context) throws(Fault) -> String {
        var scalars = text.unicodeScalars.makeIterator()
        while let scalar = scalars.next() {
            guard scalar == "%" else {
                result.unicodeScalars.append(scalar)
                continue
            }
            var precision: Int?
            var letter = scalars.next()
            if letter == "." {
                var digits = 0
                precision = 0
                letter = scalars.next()
                while let digit = letter, digit.isDigit {
                    digits = min(digits * 10 + Int(digit.value) - 48, 1_000_000)
                    letter = scalars.next()
                }
                precision = digits
            }
            guard let letter else {
                throw Fault(.invalidArgument, "the format ends within a clause")
            }
            if letter == "%" {
                result += "%"
                continue
            }
            try write(letter, precision, &context)
            try context.checkText(result.utf8.count)
        }
        try context.text(result.utf8.count)
        return result
    }

    private mutating func write(
        _ letter: Unicode.Scalar,
        _ precision: Int?,
        _ context: inout Context
    ) throws(Fault) {
        guard "sdfeboxX".unicodeScalars.contains(letter) else {
            throw Fault(.invalidArgument, "'%\(letter)' is no clause of a format")
        }
        let precision = precision ?? 6
        guard precision <= LanguageLimits.formatPrecisionMax else {
            throw Fault(.invalidArgument, "a format cannot have \(precision) decimals")
        }
        guard next < arguments.count else {
            throw Fault(
                .indexOutOfBounds,
                "the format has more clauses than the \(arguments.count) arguments"
            )
        }
        let argument = arguments[next]
        next += 1
        try context.step()
        switch letter {
        case "s": try writeText(argument, &context)
        case "d": result += try decimal(argument)
        case "f", "e":
            // Exact decimals are long multiplications.
            try context.steps(20)
            result += try floating(argument, precision, hasExponent: letter == "e")
        case "b": result += try binary(argument)
        case "o": result += try digits(argument, radix: 8, clause: "%o")
        case "x": result += try hexadecimal(argument, isUppercase: false)
        default: result += try hexadecimal(argument, isUppercase: true)
        }
    }

    private func unfit(_ clause: String, _ wanted: String, _ operand: Operand) -> Fault {
        Fault(
            .noSuchOverload,
            "no such overload: \(clause) takes \(wanted), not a \(operand.typeName)"
        )
    }

    private func decimal(_ operand: Operand) throws(Fault) -> String {
        switch operand {
        case .plain(.int(let number)): return String(number)
        case .plain(.uint(let number)): return String(number)
        case .plain(.double(let number)): return NumberText.format(number)
        case .plain, .type, .optional, .list, .map, .network: throw unfit("%d", "numbers", operand)
        }
    }

    private func floating(
        _ operand: Operand,
        _ precision: Int,
        hasExponent: Bool
    ) throws(Fault) -> String {
        guard let number = Number(operand)?.double else {
            throw unfit(hasExponent ? "%e" : "%f", "numbers", operand)
        }
        guard number.isFinite else { return NumberText.format(number) }
        return hasExponent
            ? ExactDecimal.exponential(number, decimals: precision)
            : ExactDecimal.fixed(number, decimals: precision)
    }

    private func binary(_ operand: Operand) throws(Fault) -> String {
        if let bool = operand.isBool { return bool ? "1" : "0" }
        return try digits(operand, radix: 2, clause: "%b")
    }

    private func digits(
        _ operand: Operand,
        radix: Int,
        clause: String,
        isUppercase: Bool = false
    ) throws(Fault) -> String {
        switch operand {
        case .plain(.int(let number)): return String(number, radix: radix, uppercase: isUppercase)
        case .plain(.uint(let number)): return String(number, radix: radix, uppercase: isUppercase)
        case .plain, .type, .optional, .list, .map, .network:
            throw unfit(clause, "whole numbers", operand)
        }
    }

    private func hexadecimal(_ operand: Operand, isUppercase: Bool) throws(Fault) -> String {
        let bytes: [UInt8]
        switch operand {
        case .plain(.string(let text)): bytes = Array(text.utf8)
        case .plain(.bytes(let content)): bytes = content
        case .plain, .type, .optional, .list, .map, .network:
            return try digits(operand, radix: 16, clause: "%x", isUppercase: isUppercase)
        }
        var text = ""
        for byte in bytes {
            if byte < 16 { text += "0" }
            text += String(byte, radix: 16, uppercase: isUppercase)
        }
        return text
    }

    /// `%s` writes anything, lists and maps too; the keys of a map are sorted as text.
    private mutating func writeText(
        _ operand: Operand,
        _ context: inout Context
    ) throws(Fault) {
        try context.step()
        try context.checkText(result.utf8.count)
        if let elements = Elements(operand) {
            result += "["
            for index in 0..<elements.count {
                if index > 0 { result += ", " }
                try writeText(elements[index], &context)
            }
            result += "]"
            return
        }
        if let entries = Entries(operand) {
            try writeMap(entries, &context)
            return
        }
        switch operand {
        case .plain(.null): result += "null"
        case .plain(let value):
            if case .bytes(let bytes) = value {
                try context.bytes(bytes.count)
                result += String(decoding: bytes, as: UTF8.self)
            } else {
                let text = try Conversion.string(operand, &context)
                try context.bytes(text.utf8.count)
                result += text
            }
        case .type(let name): result += name
        case .network(let address): result += address.text
        case .optional, .list, .map: throw unfit("%s", "values", operand)
        }
    }

    private mutating func writeMap(_ entries: Entries, _ context: inout Context) throws(Fault) {
        var keys: [(text: String, index: Int)] = []
        for index in 0..<entries.count {
            try context.step()
            keys.append((try Conversion.string(entries.key(index).operand, &context), index))
        }
        keys.sort { $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) }
        result += "{"
        for (place, key) in keys.enumerated() {
            if place > 0 { result += ", " }
            result += "\(key.text): "
            try writeText(entries.value(key.index), &context)
        }
        result += "}"
    }
}

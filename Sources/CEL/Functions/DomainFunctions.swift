import EventModel

extension FunctionLibrary {
    /// What workflows need beyond the standard.
    mutating func addDomain(_ timeZones: any TimeZoneProvider) {
        add(
            "coalesce",
            .global,
            -1,
            .lazy { (context, nodes) throws(Fault) in
                try DomainFunctions.coalesce(&context, nodes)
            }
        )
        global("normalize_phone") { (context, value) throws(Fault) in
            try DomainFunctions.normalizePhone(&context, value, country: "")
        }
        global("normalize_phone") { (context, value, country) throws(Fault) in
            try DomainFunctions.normalizePhone(&context, value, country: try Cast.string(country))
        }
        global("normalize_email") { (context, value) throws(Fault) in
            try DomainFunctions.normalizeEmail(&context, value)
        }
        global("matches_phone") { (context, left, right) throws(Fault) in
            .bool(DomainFunctions.matchesPhone(&context, left, right, country: ""))
        }
        global("matches_phone", 3...3) { (context, operands) throws(Fault) in
            let country = try Cast.string(operands[2])
            return .bool(
                DomainFunctions.matchesPhone(&context, operands[0], operands[1], country: country)
            )
        }
        addChanges()
        addCalendar(timeZones)
        global("slug") { (context, value) throws(Fault) in
            let text = try Cast.string(value)
            try context.text(text.utf8.count)
            return .string(DomainFunctions.slug(text))
        }
        global("json") { (context, value) throws(Fault) in
            .string(try JSONText.format(value, &context))
        }
        global("merge") { (context, left, right) throws(Fault) in
            try DomainFunctions.merge(&context, try Cast.entries(left), try Cast.entries(right))
        }
        global("sum") { (context, list) throws(Fault) in
            let elements = try Cast.elements(list)
            guard elements.count > 0 else { return .int(Int64(0)) }
            var total = elements[0]
            guard Number(total) != nil || total.isDuration else { throw .overload }
            for index in 1..<elements.count {
                try context.step()
                total = try context.arithmetic(.add, total, elements[index])
            }
            return total
        }
        // Days, weeks and ISO 8601 are not in the standard, but in workflows.
        global("duration") { (_, value) throws(Fault) in
            .plain(.duration(try TimeFunctions.duration(value, isExtended: true)))
        }
        global("format_time") { (context, time, format) throws(Fault) in
            let local = LocalTime(try TimeFunctions.timestamp(time), secondsAhead: 0)
            return .string(try TimeFormat.write(local, try Cast.string(format), &context))
        }
        global("format_time", 3...3) { (context, operands) throws(Fault) in
            let local = try LocalTime(
                try TimeFunctions.timestamp(operands[0]),
                zone: try Cast.string(operands[2]),
                timeZones
            )
            return .string(try TimeFormat.write(local, try Cast.string(operands[1]), &context))
        }
    }
}

extension Operand {
    fileprivate var isDuration: Bool {
        if case .plain(.duration) = self { true } else { false }
    }
}

enum DomainFunctions {
    /// The first argument that is there and not null; a missing member counts as not there.
    static func coalesce(_ context: inout Context, _ nodes: [any Node]) throws(Fault) -> Operand {
        for node in nodes {
            do throws(Fault) {
                var operand = try node.evaluate(&context)
                if case .optional(let box) = operand { operand = box.content ?? .null }
                if case .plain(.null) = operand { continue }
                return operand
            } catch {
                switch error.code {
                case .noSuchKey, .indexOutOfBounds, .undeclaredReference: continue
                case .syntax, .noSuchOverload, .divisionByZero, .overflow, .conversion,
                    .duplicateKey, .costLimit, .invalidArgument:
                    throw error
                }
            }
        }
        return .null
    }

    /// A phone number as E.164 writes it: a plus and 7 to 15 digits.
    ///
    /// Spaces, dots, dashes, slashes and brackets are taken out, `00` at the beginning is a plus. A
    /// number without either is national: the calling code of the country takes the place of its
    /// leading zero.
    static func normalizePhone(
        _ context: inout Context,
        _ operand: Operand,
        country: String
    ) throws(Fault) -> Operand {
        let text = try Cast.string(operand)
        try context.bytes(text.utf8.count)
        var digits = ""
        var isInternational = false
        for scalar in text.unicodeScalars {
            switch scalar {
            case "0"..."9": digits.unicodeScalars.append(scalar)
            case "+" where digits.isEmpty && !isInternational: isInternational = true
            case " ", "\u{A0}", "\t", ".", "-", "–", "/", "(", ")": break
            default: throw Conversion.malformed(text, "a phone number")
            }
        }
        // "+44 (0)20 …" has a zero that is dialled only inside the country.
        if isInternational, let range = text.utf8.firstZeroInBrackets(), range > 0 {
            digits.remove(at: digits.index(digits.startIndex, offsetBy: range))
        }
        if !isInternational, digits.hasPrefix("00") {
            digits.removeFirst(2)
            isInternational = true
        }
        if !isInternational {
            let code = country.hasPrefix("+") ? country.dropFirst() : country[...]
            guard !code.isEmpty, code.allSatisfy({ $0.isASCII && $0.isNumber }) else {
                throw Fault(
                    .conversion,
                    "'\(text.prefix(100))' is a national phone number; name its country's calling"
                        + " code, as in normalize_phone(phone, '+386')"
                )
            }
            if digits.hasPrefix("0") { digits.removeFirst() }
            digits = code + digits
        }
        guard (7...15).contains(digits.utf8.count), !digits.hasPrefix("0") else {
            throw Conversion.malformed(text, "a phone number of 7 to 15 digits")
        }
        return .string("+" + digits)
    }

    /// Whether both are the same phone number, however they are written; what is none, or null, is
    /// the same as nothing.
    static func matchesPhone(
        _ context: inout Context,
        _ left: Operand,
        _ right: Operand,
        country: String
    ) -> Bool {
        guard let left = try? normalizePhone(&context, left, country: country),
            let right = try? normalizePhone(&context, right, country: country),
            case .plain(.string(let first)) = left, case .plain(.string(let second)) = right
        else { return false }
        return first == second
    }

    /// An e-mail address without white space around it and in small ASCII letters.
    static func normalizeEmail(
        _ context: inout Context,
        _ operand: Operand
    ) throws(Fault) -> Operand {
        let text = try Cast.string(operand)
        try context.text(text.utf8.count)
        var scalars = text.unicodeScalars[...]
        while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        let parts = scalars.split(separator: "@", omittingEmptySubsequences: false)
        let hasSpace = scalars.contains { $0.properties.isWhitespace }
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, !hasSpace else {
            throw Conversion.malformed(text, "an e-mail address")
        }
        return .string(String(String.UnicodeScalarView(scalars.map(\.asciiLowercased))))
    }

    /// A text as it can stand in an address: small letters and digits, single dashes between.
    static func slug(_ text: String) -> String {
        var result = ""
        var needsDash = false
        for scalar in text.unicodeScalars {
            guard let part = Transliteration.ascii(scalar) else {
                needsDash = !result.isEmpty
                continue
            }
            if part.isEmpty { continue }
            if needsDash { result += "-" }
            needsDash = false
            result += part
        }
        return result
    }

    /// Both maps in one; where both have a key, the second one's value holds.
    static func merge(
        _ context: inout Context,
        _ left: Entries,
        _ right: Entries
    ) throws(Fault) -> Operand {
        try context.elements(left.count + right.count)
        var builder = MapBuilder()
        for index in 0..<left.count where right[left.key(index)] == nil {
            builder.append(left.key(index), left.value(index))
        }
        for index in 0..<right.count { builder.append(right.key(index), right.value(index)) }
        return try builder.operand()
    }
}

extension String.UTF8View {
    /// How many digits stand before a `(0)`; nil if there is none.
    fileprivate func firstZeroInBrackets() -> Int? {
        let bytes = Array(self)
        guard let range = bytes.firstRange(of: Array("(0)".utf8), from: 0) else { return nil }
        return bytes[..<range.lowerBound].count { (48...57).contains($0) }
    }
}

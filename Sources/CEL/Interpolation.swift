public import EventModel

/// A text with `{{ expression }}` in it.
///
/// A text that is one `{{ }}` and nothing else keeps the expression's type. Otherwise the parts are
/// joined as text: numbers and bools as `string()` makes them, null as nothing, lists and maps as
/// JSON.
public struct Interpolation: Sendable, Hashable {
    private enum Part: Sendable, Hashable {
        case text(String)
        /// An expression, and where its source begins in the whole text.
        case expression(Expression, offset: Int)
    }

    /// The text that was read.
    public let source: String
    private let parts: [Part]
    /// Whether the text is one `{{ }}` and nothing else.
    public let keepsType: Bool

    /// Reads a text.
    ///
    /// - Throws: what is wrong with an expression in it, with the place in the whole text.
    public static func compile(
        _ text: String,
        functions: FunctionLibrary = .daybook
    ) throws(CELError) -> Interpolation {
        try compile(text, environment: ExpressionEnvironment(functions: functions))
    }

    /// Reads a text in an environment.
    ///
    /// - Throws: what is wrong with an expression in it, with the place in the whole text.
    public static func compile(
        _ text: String,
        environment: ExpressionEnvironment
    ) throws(CELError) -> Interpolation {
        try Interpolation(text, environment: environment)
    }

    private init(_ text: String, environment: ExpressionEnvironment) throws(CELError) {
        source = text
        let scalars = Array(text.unicodeScalars)
        var parts: [Part] = []
        var literal = String.UnicodeScalarView()
        var index = 0
        while index < scalars.count {
            guard scalars[index] == "{", index + 1 < scalars.count, scalars[index + 1] == "{" else {
                literal.append(scalars[index])
                index += 1
                continue
            }
            guard let end = Self.end(of: scalars, from: index + 2) else {
                throw CELError(.syntax, "'{{' has no '}}'", source: text, offset: index)
            }
            if !literal.isEmpty { parts.append(.text(String(literal))) }
            literal = String.UnicodeScalarView()
            let inner = String(String.UnicodeScalarView(scalars[index + 2..<end]))
            do throws(CELError) {
                let expression = try Expression.compile(inner, environment: environment)
                parts.append(.expression(expression, offset: index + 2))
            } catch {
                throw error.moved(into: text, by: index + 2)
            }
            index = end + 2
        }
        if !literal.isEmpty || parts.isEmpty { parts.append(.text(String(literal))) }
        self.parts = parts
        if parts.count == 1, case .expression = parts[0] {
            keepsType = true
        } else {
            keepsType = false
        }
    }

    /// Where the `}}` stands that ends an expression; those in texts and of maps do not count.
    private static func end(of scalars: [Unicode.Scalar], from start: Int) -> Int? {
        var lexer = Lexer(scalars: scalars, position: start)
        var depth = 0
        while true {
            // An unreadable expression ends at the first '}}', so that its own mistake is shown.
            guard let token = try? lexer.next() else {
                return firstEnd(of: scalars, from: start)
            }
            switch token.kind {
            case .end: return firstEnd(of: scalars, from: start)
            case .symbol(.leftBrace): depth += 1
            case .symbol(.rightBrace):
                guard depth > 0 else {
                    let isPair =
                        token.offset + 1 < scalars.count && scalars[token.offset + 1] == "}"
                    return isPair ? token.offset : firstEnd(of: scalars, from: start)
                }
                depth -= 1
            case .identifier, .quotedIdentifier, .int, .uint, .double, .string, .bytes, .symbol:
                break
            }
        }
    }

    private static func firstEnd(of scalars: [Unicode.Scalar], from start: Int) -> Int? {
        guard start + 1 < scalars.count else { return nil }
        for index in start..<scalars.count - 1 where scalars[index] == "}" {
            if scalars[index + 1] == "}" { return index }
        }
        return nil
    }

    /// Whether there is no expression in the text.
    public var isLiteral: Bool { expressions.isEmpty }

    /// The expressions in the text, in order.
    public var expressions: [Expression] {
        parts.compactMap { part in
            switch part {
            case .text: nil
            case .expression(let expression, _): expression
            }
        }
    }

    /// The text with its expressions' values in their places.
    ///
    /// - Throws: why an expression has no value, with the place in the whole text.
    public func evaluate(
        _ variables: ValueMap,
        limits: EvaluationLimits = EvaluationLimits()
    ) throws(CELError) -> Value {
        var result = ""
        var context = Context(variables: variables, limits: limits, slots: 0)
        for part in parts {
            switch part {
            case .text(let text): result += text
            case .expression(let expression, let offset):
                do throws(CELError) {
                    let value = try expression.evaluate(variables, limits: limits)
                    if keepsType { return value }
                    result += try Self.text(value, expression.source, &context)
                    guard result.utf8.count <= limits.sizeMax else {
                        throw CELError(
                            .costLimit,
                            "the text is longer than \(limits.sizeMax) bytes",
                            source: expression.source,
                            offset: 0
                        )
                    }
                } catch {
                    throw error.moved(into: source, by: offset)
                }
            }
        }
        return .string(result)
    }

    private static func text(
        _ value: Value,
        _ source: String,
        _ context: inout Context
    ) throws(CELError) -> String {
        do throws(Fault) {
            switch value {
            case .null: return ""
            case .list, .map: return try JSONText.format(.plain(value), &context)
            case .bytes(let bytes):
                try context.text(bytes.count)
                return String(validating: bytes, as: UTF8.self) ?? Base64.encode(bytes)
            case .bool, .int, .uint, .double, .string, .timestamp, .duration:
                return try Conversion.string(.plain(value), &context)
            }
        } catch {
            throw error.error(in: source)
        }
    }
}

extension CELError {
    /// This error with its place in a longer text that the expression is a part of.
    fileprivate func moved(into text: String, by distance: Int) -> CELError {
        var error = self
        error.source = text
        error.offset += distance
        return error
    }
}

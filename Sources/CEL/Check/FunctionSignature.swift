/// What types a function takes and gives, one of possibly several versions.
///
/// It is written as `slug(string) -> string`, with the receiver before a dot that stands alone as
/// `string . trim() -> string`. A single capital letter is any type, the same wherever it
/// stands in the signature: `list<T> . first() -> optional<T>`. Dots behind the last type mean that it
/// may come any number of times: `math.greatest(int...) -> int`.
public struct FunctionSignature: Sendable, Hashable {
    /// The function's name.
    public var name: String
    /// How it is called.
    public var style: ExpressionFunction.Style
    /// The types of its arguments, a receiver first.
    public var parameters: [ExpressionType]
    /// Whether the last argument may come any number of times, at least once.
    public var isVariadic: Bool
    /// The type of what it gives.
    public var result: ExpressionType

    /// Makes a signature of its parts.
    public init(
        _ name: String,
        style: ExpressionFunction.Style = .global,
        parameters: [ExpressionType],
        isVariadic: Bool = false,
        result: ExpressionType
    ) {
        self.name = name
        self.style = style
        self.parameters = parameters
        self.isVariadic = isVariadic
        self.result = result
    }

    /// Reads a signature as it is written.
    ///
    /// - Throws: `syntax`, with the place in the text.
    public init(_ text: String) throws(CELError) {
        var reader = TypeReader(text, allowsParameters: true)
        parameters = []
        style = .global
        if text.contains(" . ") {
            style = .receiver
            parameters.append(try reader.type())
            _ = reader.take(".")
        }
        name = reader.word()
        guard !name.isEmpty, reader.take("(") else {
            throw reader.mistake("expected the name of a function and '('")
        }
        isVariadic = false
        if !reader.take(")") {
            repeat { parameters.append(try reader.type()) } while reader.take(",")
            isVariadic = reader.take("...")
            guard reader.take(")") else { throw reader.mistake("expected ',' or ')'") }
        }
        guard reader.take("->") else { throw reader.mistake("expected '->'") }
        result = try reader.type()
        try reader.expectEnd()
    }

    /// The types for a call with so many arguments; nil if it takes no such number.
    func parameters(for count: Int) -> [ExpressionType]? {
        if count == parameters.count { return parameters }
        guard isVariadic, count > parameters.count, let last = parameters.last else { return nil }
        return parameters + Array(repeating: last, count: count - parameters.count)
    }
}

extension FunctionSignature: CustomStringConvertible {
    /// The signature as it is written.
    public var description: String {
        var arguments = parameters.map(\.description)
        var lead = ""
        if style == .receiver, !arguments.isEmpty { lead = arguments.removeFirst() + " . " }
        let dots = isVariadic ? "..." : ""
        return "\(lead)\(name)(\(arguments.joined(separator: ", "))\(dots)) -> \(result)"
    }
}

public import EventModel

extension ExpressionType {
    /// Reads a type as declarations write it: `int`, `list<string>`, `map<string, dyn>`,
    /// `optional<int>`, and with a question mark what may be null: `string?`.
    ///
    /// - Throws: `syntax`, with the place in the text.
    public init(_ text: String) throws(CELError) {
        var reader = TypeReader(text, allowsParameters: false)
        self = try reader.whole()
    }

    /// Reads a declaration as data: a text is a type; a list with one element is a list of that
    /// type; a map is an object with its members, and its member `*` is the type of all others.
    ///
    /// - Throws: `syntax` or `invalidArgument`, with the path of the member in the message.
    public init(declaration: Value, named name: String = "") throws(CELError) {
        self = try Self.read(declaration, name, depth: 0)
    }

    private static func read(
        _ declaration: Value,
        _ path: String,
        depth: Int
    ) throws(CELError) -> ExpressionType {
        func mistake(_ message: String) -> CELError {
            let place = path.isEmpty ? "the declaration" : "the declaration of \(path)"
            return CELError(.invalidArgument, "\(place) \(message)", source: path, offset: 0)
        }
        guard depth <= Limits.nestingDepthMax else { throw mistake("is nested too deep") }
        switch declaration {
        case .string(let text):
            return try ExpressionType(text)
        case .list(let elements):
            guard elements.count == 1 else {
                throw mistake("must have one element, the type of the list's elements")
            }
            return .list(try read(elements[0], path + "[]", depth: depth + 1))
        case .map(let map):
            var object = ObjectType(path, members: [:])
            for entry in map.entries {
                guard case .string(let member) = entry.key else {
                    throw mistake("has a member whose name is no text")
                }
                let inner = path.isEmpty ? member : "\(path).\(member)"
                let type = try read(entry.value, inner, depth: depth + 1)
                if member == "*" { object.rest = type } else { object.members[member] = type }
            }
            return .object(object)
        case .null, .bool, .int, .uint, .double, .bytes, .timestamp, .duration:
            throw mistake("must be the name of a type, a list or a map; 'dyn' is any type")
        }
    }

    /// The type that a value has: a map with text keys is an object of just these members.
    public init(of value: Value, named name: String = "") {
        self = Self.type(of: value, name, depth: 0)
    }

    private static func type(of value: Value, _ path: String, depth: Int) -> ExpressionType {
        guard depth <= Limits.nestingDepthMax else { return .dyn }
        switch value {
        case .null: return .dyn
        case .bool: return .bool
        case .int: return .int
        case .uint: return .uint
        case .double: return .double
        case .string: return .string
        case .bytes: return .bytes
        case .timestamp: return .timestamp
        case .duration: return .duration
        case .list(let elements):
            var unifier = TypeUnifier()
            var joined: ExpressionType?
            for element in elements {
                let next = type(of: element, path + "[]", depth: depth + 1)
                joined = joined.map { unifier.joined($0, next) } ?? next
            }
            return .list(joined ?? .dyn)
        case .map(let map):
            var object = ObjectType(path, members: [:])
            for entry in map.entries {
                guard case .string(let member) = entry.key else { return .map(.dyn, .dyn) }
                let inner = path.isEmpty ? member : "\(path).\(member)"
                object.members[member] = type(of: entry.value, inner, depth: depth + 1)
            }
            return .object(object)
        }
    }
}

/// Reads the notation of types and signatures.
struct TypeReader {
    private let source: String
    private let scalars: [Unicode.Scalar]
    private(set) var position = 0
    /// Whether a single capital letter is a type that a signature leaves open.
    private let allowsParameters: Bool
    private var depth = 0

    init(_ source: String, allowsParameters: Bool) {
        self.source = source
        self.allowsParameters = allowsParameters
        scalars = Array(source.unicodeScalars)
    }

    static let names: [String: ExpressionType] = [
        "dyn": .dyn, "any": .dyn, "null": .null, "null_type": .null, "bool": .bool, "int": .int,
        "uint": .uint, "double": .double, "string": .string, "bytes": .bytes,
        "timestamp": .timestamp, "google.protobuf.Timestamp": .timestamp, "duration": .duration,
        "google.protobuf.Duration": .duration, "type": .type, "list": .list(.dyn),
        "map": .map(.dyn, .dyn), "object": .object(ObjectType(members: [:], rest: .dyn)),
    ]

    func mistake(_ message: String, at offset: Int? = nil) -> CELError {
        CELError(.syntax, message, source: source, offset: offset ?? position)
    }

    private mutating func skipSpace() {
        while position < scalars.count, scalars[position] == " " { position += 1 }
    }

    mutating func take(_ text: String) -> Bool {
        skipSpace()
        let wanted = Array(text.unicodeScalars)
        guard scalars[position...].starts(with: wanted) else { return false }
        position += wanted.count
        return true
    }

    mutating func word() -> String {
        skipSpace()
        let start = position
        while position < scalars.count,
            scalars[position].isIdentifierStart || scalars[position].isDigit
                || (scalars[position] == "." && position + 1 < scalars.count
                    && scalars[position + 1].isIdentifierStart)
        {
            position += 1
        }
        return String(String.UnicodeScalarView(scalars[start..<position]))
    }

    mutating func expectEnd() throws(CELError) {
        skipSpace()
        guard position == scalars.count else { throw mistake("the type should end here") }
    }

    mutating func whole() throws(CELError) -> ExpressionType {
        let type = try type()
        try expectEnd()
        return type
    }

    mutating func type() throws(CELError) -> ExpressionType {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Limits.nestingDepthMax else { throw mistake("the type is nested too deep") }
        skipSpace()
        let start = position
        let name = word()
        guard !name.isEmpty else { throw mistake("expected the name of a type") }
        var parameters: [ExpressionType] = []
        if take("<") {
            repeat { parameters.append(try type()) } while take(",")
            guard take(">") else { throw mistake("expected ',' or '>'") }
        }
        let found = try named(name, parameters, start)
        return take("?") ? .nullable(found) : found
    }

    private func named(
        _ name: String,
        _ parameters: [ExpressionType],
        _ start: Int
    ) throws(CELError) -> ExpressionType {
        switch (name, parameters.count) {
        case ("list", 1): return .list(parameters[0])
        case ("map", 2): return .map(parameters[0], parameters[1])
        case ("optional", 1), ("optional_type", 1): return .optional(parameters[0])
        case ("optional", 0), ("optional_type", 0): return .optional(.dyn)
        case ("type", 1): return .type
        default: break
        }
        if parameters.isEmpty, let type = Self.names[name] { return type }
        let isLetter = name.utf8.count == 1 && name.utf8.allSatisfy { (65...90).contains($0) }
        if allowsParameters, isLetter, parameters.isEmpty { return .parameter(name) }
        // What only functions know has a dot in its name, so that a misspelt type stands out.
        if name.utf8.contains(46) { return .opaque(name, parameters) }
        var message = "there is no type '\(name)'"
        if Self.names[name] != nil { message = "'\(name)' does not take \(parameters.count) types" }
        let candidates = Self.names.keys.sorted() + ["optional"]
        if Self.names[name] == nil, let near = Suggestion.nearest(name, among: candidates) {
            message += "; did you mean '\(near)'?"
        }
        throw mistake(message, at: start)
    }
}

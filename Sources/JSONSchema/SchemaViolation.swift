import EventModel

/// One step from a value to a value inside it.
public enum InstanceStep: Sendable, Hashable {
    case member(String)
    case element(Int)
}

/// One way in which a value does not fit a schema.
public struct SchemaViolation: Error, Sendable, Hashable, CustomStringConvertible {
    /// Where in the value, from its root.
    public var steps: [InstanceStep]
    /// The keyword in the schema that failed, as a JSON pointer that goes through references:
    /// `/properties/address/$ref/required`.
    public var schemaPath: String
    /// What is wrong, a sentence without the place.
    public var message: String
    /// What would be right; empty if the message says it all.
    public var remedy: String

    /// Where in the value, as a JSON pointer (RFC 6901); empty for the value itself.
    public var instancePath: String {
        steps.map { step in
            switch step {
            case .member(let key): "/" + JSONPointer.escaped(key)
            case .element(let index): "/\(index)"
            }
        }.joined()
    }

    /// Where in the value, as people write it: `client.addresses[2].city`; empty for the value
    /// itself.
    public var shownPath: String {
        var text = ""
        for step in steps {
            switch step {
            case .member(let key): text += text.isEmpty ? key : "." + key
            case .element(let index): text += "[\(index)]"
            }
        }
        return text
    }

    /// The sentence with its place and remedy.
    public var description: String {
        let place = steps.isEmpty ? "the value" : "'\(shownPath)'"
        return remedy.isEmpty ? "\(place) \(message)" : "\(place) \(message); \(remedy)"
    }
}

/// One mistake in a schema itself.
public struct SchemaMistake: Sendable, Hashable, CustomStringConvertible {
    /// Where in the schema, as a JSON pointer (RFC 6901); empty for the schema itself.
    public var path: String
    /// What is wrong.
    public var message: String
    /// What to do about it; empty if the message says it all.
    public var remedy: String

    /// The sentence with its place and remedy.
    public var description: String {
        let text = remedy.isEmpty ? message : "\(message); \(remedy)"
        return path.isEmpty ? "the schema: \(text)" : "the schema at \(path): \(text)"
    }
}

extension SchemaMistake {
    /// The tokens of a JSON pointer, escapes read.
    public static func tokens(of pointer: String) -> [String] { JSONPointer.tokens(pointer) }
}

/// All mistakes of a schema at once.
public struct SchemaMistakes: Error, Sendable, Hashable, CustomStringConvertible {
    public var list: [SchemaMistake]

    /// One mistake a line.
    public var description: String { list.map(\.description).joined(separator: "\n") }
}

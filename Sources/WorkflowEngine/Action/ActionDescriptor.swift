/// What an action is called, does, takes and gives.
public struct ActionDescriptor: Sendable, Hashable {
    /// How often the outside world may see one call.
    public enum Effect: String, Sendable, Hashable {
        /// It only reads.
        case none
        /// A repeated call has no further effect, because the other side knows the key.
        case once
        /// A repeated call after a crash may be seen twice, with the same idempotency key.
        case atLeastOnce = "at least once"
    }

    /// `notion.create`: family, dot, verb.
    public var name: String
    /// Other names, kept for older definitions: `find_or_create_contact`.
    public var aliases: [String]
    /// One sentence.
    public var summary: String
    /// How it works, for `daybook actions show`.
    public var discussion: String
    public var inputs: [ActionField]
    public var outputs: [ActionField]
    public var effect: Effect

    public init(
        name: String,
        aliases: [String] = [],
        summary: String,
        discussion: String = "",
        inputs: [ActionField],
        outputs: [ActionField],
        effect: Effect
    ) {
        self.name = name
        self.aliases = aliases
        self.summary = summary
        self.discussion = discussion
        self.inputs = inputs
        self.outputs = outputs
        self.effect = effect
    }
}

/// One member of an action's input or output.
public struct ActionField: Sendable, Hashable {
    /// The types that a member can have.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case any, string, integer, number, boolean, timestamp, duration, list, map
    }

    public var name: String
    public var kind: Kind
    public var isRequired: Bool
    public var summary: String
    /// The only texts allowed; empty if any is.
    public var choices: [String]

    public init(
        _ name: String,
        _ kind: Kind,
        required: Bool = false,
        choices: [String] = [],
        _ summary: String
    ) {
        self.name = name
        self.kind = kind
        isRequired = required
        self.choices = choices
        self.summary = summary
    }
}

/// The actions that an engine knows, by name.
public struct ActionCatalogue: Sendable {
    public let handlers: [any ActionHandler]
    private let byName: [String: Int]

    /// Takes handlers; a later one with the name of an earlier one replaces it.
    public init(_ handlers: [any ActionHandler]) {
        self.handlers = handlers
        var byName: [String: Int] = [:]
        for (index, handler) in handlers.enumerated() {
            for alias in handler.descriptor.aliases { byName[alias] = index }
        }
        for (index, handler) in handlers.enumerated() { byName[handler.descriptor.name] = index }
        self.byName = byName
    }

    /// The handler of a name or an alias.
    public subscript(name: String) -> (any ActionHandler)? { byName[name].map { handlers[$0] } }

    /// All names and aliases, for suggestions.
    public var names: [String] { byName.keys.sorted() }
}

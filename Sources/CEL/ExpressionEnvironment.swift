/// What an expression may rely on when it is compiled.
public struct ExpressionEnvironment: Sendable {
    /// The functions that it can call.
    public var functions: FunctionLibrary
    /// The namespace in which names are looked up first, such as `com.example`; usually empty.
    public var container: String
    /// Variables whose names have dots in them; without them, a dot is always a member.
    public var qualifiedNames: Set<String>
    /// Whether a call of an unknown function fails only when it is reached.
    ///
    /// The specification has it so for expressions that nobody checked.
    public var defersUnknownFunctions: Bool

    /// Makes an environment; the default is that of workflows.
    public init(
        functions: FunctionLibrary = .daybook,
        container: String = "",
        qualifiedNames: Set<String> = [],
        defersUnknownFunctions: Bool = false
    ) {
        self.functions = functions
        self.container = container
        self.qualifiedNames = qualifiedNames
        self.defersUnknownFunctions = defersUnknownFunctions
    }

    /// What may stand before a name, from the innermost namespace to none.
    var containerPrefixes: [String] {
        var parts = container.split(separator: ".")
        var prefixes: [String] = []
        while !parts.isEmpty {
            prefixes.append(parts.joined(separator: ".") + ".")
            parts.removeLast()
        }
        return prefixes + [""]
    }
}

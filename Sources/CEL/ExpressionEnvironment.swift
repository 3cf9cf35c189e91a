/// What an expression may rely on when it is compiled.
public struct ExpressionEnvironment: Sendable {
    /// The functions that it can call.
    public var functions: FunctionLibrary
    /// The namespace in which names are looked up first, such as `com.example`; usually empty.
    public var container: String
    /// Variables whose names have dots in them; without them, a dot is always a member.
    public var qualifiedNames: Set<String>
    /// The types of all variables; nil if nothing is known of them.
    ///
    /// With declarations, `Expression.compile` refuses what cannot be right: names that are not
    /// declared, members that an object does not have, operators and functions that do not take these
    /// types. What is declared `dyn` is left to the evaluation.
    public var variables: [String: ExpressionType]?
    /// Whether a call of an unknown function fails only when it is reached.
    ///
    /// The specification has it so for expressions that nobody checked.
    public var defersUnknownFunctions: Bool

    /// Makes an environment; the default is that of workflows.
    public init(
        functions: FunctionLibrary = .daybook,
        container: String = "",
        qualifiedNames: Set<String> = [],
        variables: [String: ExpressionType]? = nil,
        defersUnknownFunctions: Bool = false
    ) {
        self.functions = functions
        self.container = container
        self.qualifiedNames = qualifiedNames
        self.variables = variables
        self.defersUnknownFunctions = defersUnknownFunctions
    }

    /// Variables that are looked for by more than the first part of a dotted name: those with dots in
    /// their names, and in a container all.
    var dottedNames: Set<String> {
        guard let variables else { return qualifiedNames }
        let declared =
            container.isEmpty ? variables.keys.filter { $0.contains(".") } : Array(variables.keys)
        return qualifiedNames.union(declared)
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

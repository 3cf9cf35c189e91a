/// What is known of an expression without evaluating it: its type, and every mistake at once.
public struct ExpressionCheck: Sendable {
    /// The type of the expression's value; `dyn` if nothing is known.
    public let type: ExpressionType
    /// All mistakes, in the order of their places; empty if it is in order.
    public let mistakes: [CELError]

    /// Checks an expression in an environment.
    ///
    /// If the environment declares no variables, every name is a variable of unknown type.
    ///
    /// - Parameter wanted: the type that the value must have, such as `bool` for a condition.
    public init(
        _ source: String,
        environment: ExpressionEnvironment,
        wanted: ExpressionType = .dyn
    ) {
        var type = ExpressionType.dyn
        var faults: [Fault] = []
        do throws(Fault) {
            let syntax = try Parser.parse(source)
            let found = Self.check(syntax, environment, wanted)
            type = found.type
            faults = found.faults
            if faults.isEmpty {
                // What only compiling finds, such as a mistake in a regular expression.
                var resolver = Resolver(environment: environment)
                _ = try resolver.node(syntax)
            }
        } catch {
            faults.append(error)
        }
        self.type = type
        mistakes = faults.sorted { $0.offset < $1.offset }.map { $0.error(in: source) }
    }

    static func check(
        _ syntax: Syntax,
        _ environment: ExpressionEnvironment,
        _ wanted: ExpressionType = .dyn
    ) -> (type: ExpressionType, faults: [Fault]) {
        var checker = Checker(environment: environment)
        let found = checker.type(of: syntax)
        if checker.faults.isEmpty, !checker.unifier.isAssignable(found, to: wanted) {
            checker.report(
                .noSuchOverload,
                "the expression gives a \(found), but a \(wanted) is wanted here",
                syntax.offset
            )
        }
        return (checker.unifier.resolved(found, openBecomes: .dyn), checker.faults)
    }
}

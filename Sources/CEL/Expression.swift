public import EventModel

/// An expression of the Common Expression Language, read once and evaluated often.
///
/// Two expressions are equal if their sources are.
public struct Expression: Sendable {
    /// The text that was read.
    public let source: String
    /// Every free name with the constant member path behind it, each once, in order of appearance:
    /// `[["steps", "client", "id"]]` for `steps.client.id`.
    ///
    /// What `has()` or an optional member asks for is left out, because it may be missing.
    public let references: [[String]]
    /// The type of the value, as far as the environment's declarations tell.
    public let type: ExpressionType
    private let root: any Node
    private let slots: Int
    private let buildsValues: Bool

    /// Reads an expression.
    ///
    /// - Throws: `syntax`, or `undeclaredReference` and `noSuchOverload` for calls of functions that
    ///   do not exist.
    public static func compile(
        _ source: String,
        functions: FunctionLibrary = .daybook
    ) throws(CELError) -> Expression {
        try compile(source, environment: ExpressionEnvironment(functions: functions))
    }

    /// Reads an expression in an environment.
    ///
    /// - Throws: `syntax`, or `undeclaredReference` and `noSuchOverload` for calls of functions that
    ///   do not exist.
    public static func compile(
        _ source: String,
        environment: ExpressionEnvironment
    ) throws(CELError) -> Expression {
        try Expression(source, environment: environment, expandsMacros: true)
    }

    init(
        _ source: String,
        environment: ExpressionEnvironment,
        expandsMacros: Bool
    ) throws(CELError) {
        do throws(Fault) {
            let syntax = try Parser.parse(source, expandsMacros: expandsMacros)
            if environment.variables != nil {
                let check = ExpressionCheck.check(syntax, environment)
                if let first = check.faults.min(by: { $0.offset < $1.offset }) { throw first }
                type = check.type
            } else {
                type = .dyn
            }
            var collector = ReferenceCollector(environment: environment)
            collector.collect(syntax)
            var resolver = Resolver(environment: environment)
            root = try resolver.node(syntax)
            references = collector.references
            slots = resolver.slots
            buildsValues = resolver.buildsValues
            self.source = source
        } catch {
            throw error.error(in: source)
        }
    }

    /// The expression's value; a type is given as its name, an optional as its content or null.
    ///
    /// - Throws: why there is no value. With `costLimit` it would have needed more than the limits.
    public func evaluate(
        _ variables: ValueMap,
        limits: EvaluationLimits = EvaluationLimits()
    ) throws(CELError) -> Value {
        let operand = try operand(variables, limits: limits)
        // What comes out as it went in need not be counted.
        if !buildsValues, case .plain(let value) = operand { return value }
        do throws(Fault) {
            var left = limits.sizeMax
            return try operand.value(&left)
        } catch {
            throw error.error(in: source)
        }
    }

    func operand(_ variables: ValueMap, limits: EvaluationLimits) throws(CELError) -> Operand {
        var context = Context(variables: variables, limits: limits, slots: slots)
        do throws(Fault) {
            return try root.evaluate(&context)
        } catch {
            throw error.error(in: source)
        }
    }
}

extension Expression: Hashable {
    /// Whether both were read from the same text.
    public static func == (left: Expression, right: Expression) -> Bool {
        left.source.utf8.elementsEqual(right.source.utf8)
    }

    /// Hashes the text.
    public func hash(into hasher: inout Hasher) {
        for byte in source.utf8 { hasher.combine(byte) }
    }
}

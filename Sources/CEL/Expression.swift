public import EventModel

/// An expression of the Common Expression Language, read once and evaluated often.
///
/// Two expressions are equal if their sources are.
public struct Expression: Sendable {
    public let source: String
    /// Every free name with the constant member path behind it, each once, in order of appearance:
    /// `[["steps", "client", "id"]]` for `steps.client.id`.
    ///
    /// What `has()` or an optional member asks for is left out, because it may be missing.
    public let references: [[String]]
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
        let value = try operand(variables, limits: limits).value
        // Values share their parts, so a small expression can build what is huge when written out.
        guard !buildsValues || value.elementCount(max: limits.sizeMax) != nil else {
            throw CELError(
                .costLimit,
                "the result has more than \(limits.sizeMax) elements and bytes",
                source: source,
                offset: 0
            )
        }
        return value
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
    public static func == (left: Expression, right: Expression) -> Bool {
        left.source.utf8.elementsEqual(right.source.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        for byte in source.utf8 { hasher.combine(byte) }
    }
}

extension Value {
    /// How many elements the value has, all levels and the bytes of its texts counted; nil if there
    /// are more than the maximum.
    func elementCount(max: Int) -> Int? {
        var left = max
        count(&left)
        return left < 0 ? nil : max - left
    }

    private func count(_ left: inout Int) {
        guard left >= 0 else { return }
        left -= 1
        switch self {
        case .null, .bool, .int, .uint, .double, .timestamp, .duration: break
        case .string(let text): left -= text.utf8.count
        case .bytes(let bytes): left -= bytes.count
        case .list(let elements):
            for element in elements where left >= 0 { element.count(&left) }
        case .map(let map):
            for entry in map.entries where left >= 0 {
                if case .string(let key) = entry.key { left -= key.utf8.count }
                entry.value.count(&left)
            }
        }
    }
}

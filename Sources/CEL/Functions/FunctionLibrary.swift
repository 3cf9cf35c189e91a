public import EventModel

/// A function that expressions can call, given by whoever embeds the language.
public struct ExpressionFunction: Sendable {
    /// How a function is called.
    public enum Style: Sendable, Hashable {
        /// `slug(title)`; a dotted name such as `math.abs` is global too.
        case global
        /// `title.slug()`: the receiver is the first argument.
        case receiver
    }

    /// Why a function has no result.
    public struct Failure: Error, Sendable {
        /// What kind of mistake it is.
        public var code: CELError.Code
        /// What is wrong, and what would be right.
        public var message: String

        /// Makes a failure.
        public init(_ code: CELError.Code, _ message: String) {
            self.code = code
            self.message = message
        }
    }

    /// The name, which may have dots: `crm.score`.
    public var name: String
    /// How it is called.
    public var style: Style
    /// How many arguments it takes, a receiver included.
    public var argumentCount: ClosedRange<Int>
    /// What it does.
    ///
    /// It must be pure: the same arguments always give the same result.
    public var body: @Sendable ([Value]) throws(Failure) -> Value
    /// Its types, for the checker; without any, it takes and gives anything.
    public var signatures: [FunctionSignature]

    /// Makes a function.
    public init(
        _ name: String,
        style: Style = .global,
        argumentCount: ClosedRange<Int>,
        signatures: [FunctionSignature] = [],
        body: @escaping @Sendable ([Value]) throws(Failure) -> Value
    ) {
        self.name = name
        self.style = style
        self.argumentCount = argumentCount
        self.signatures = signatures
        self.body = body
    }
}

/// The functions that an expression can call.
public struct FunctionLibrary: Sendable {
    struct Key: Hashable, Sendable {
        var name: String
        var style: ExpressionFunction.Style
        /// The number of arguments, or -1 for any number.
        var count: Int
    }

    private(set) var bodies: [Key: Builtin] = [:]
    private(set) var names: Set<String> = []
    /// The types of the functions, by name; those of a function without signatures are unknown.
    private(set) var signatures: [String: [FunctionSignature]] = [:]

    init() {}

    /// The functions and extensions of the Common Expression Language, with UTC and fixed offsets
    /// as time zones.
    public static let standard = standard(timeZones: FixedTimeZones())

    /// The standard functions and those of Daybook.
    public static let daybook = daybook(timeZones: FixedTimeZones())

    /// The functions and extensions of the Common Expression Language, with named time zones for
    /// `getHours('Europe/Ljubljana')`.
    public static func standard(timeZones: any TimeZoneProvider) -> FunctionLibrary {
        var library = FunctionLibrary()
        library.addStandard()
        library.addTime(timeZones)
        library.addStrings()
        library.addMath()
        library.addLists()
        library.addOptionals()
        library.addRegularExpressions()
        library.addNetwork()
        for signature in Signatures.standard { library.declare(signature) }
        return library
    }

    /// The standard functions and those of Daybook, with named time zones.
    public static func daybook(timeZones: any TimeZoneProvider) -> FunctionLibrary {
        var library = standard(timeZones: timeZones)
        library.addDomain(timeZones)
        for signature in Signatures.domain { library.declare(signature) }
        return library
    }

    /// Adds a function, which replaces one of the same name, style and number of arguments.
    public mutating func add(_ function: ExpressionFunction) {
        for count in function.argumentCount {
            add(function.name, function.style, count, .variadic(Self.adapted(function.body)))
        }
        let isReplaced: (FunctionSignature) -> Bool = { signature in
            signature.style == function.style
                && function.argumentCount.contains(signature.parameters.count)
        }
        signatures[function.name]?.removeAll(where: isReplaced)
        for signature in function.signatures { declare(signature) }
    }

    mutating func declare(_ signature: FunctionSignature) {
        signatures[signature.name, default: []].append(signature)
    }

    /// This library with more functions.
    public func adding(_ functions: [ExpressionFunction]) -> FunctionLibrary {
        var library = self
        for function in functions { library.add(function) }
        return library
    }

    /// The names of all functions, sorted.
    public var functionNames: [String] { names.sorted() }

    mutating func add(
        _ name: String,
        _ style: ExpressionFunction.Style,
        _ count: Int,
        _ builtin: Builtin
    ) {
        bodies[Key(name: name, style: style, count: count)] = builtin
        names.insert(name)
    }

    func body(_ name: String, _ style: ExpressionFunction.Style, _ count: Int) -> Builtin? {
        bodies[Key(name: name, style: style, count: count)]
            ?? bodies[Key(name: name, style: style, count: -1)]
    }

    /// A function of values as a function of operands; a type or optional reaches it as a value.
    private static func adapted(
        _ body: @escaping @Sendable ([Value]) throws(ExpressionFunction.Failure) -> Value
    ) -> Builtin.Variadic {
        { (context: inout Context, operands: [Operand]) throws(Fault) in
            var arguments: [Value] = []
            for operand in operands { arguments.append(try context.value(operand)) }
            do throws(ExpressionFunction.Failure) {
                let value = try body(arguments)
                return .plain(value)
            } catch {
                throw Fault(error.code, error.message)
            }
        }
    }
}

/// What a function does, by the number of its arguments.
enum Builtin: Sendable {
    typealias Unary = @Sendable (inout Context, Operand) throws(Fault) -> Operand
    typealias Binary = @Sendable (inout Context, Operand, Operand) throws(Fault) -> Operand
    typealias Variadic = @Sendable (inout Context, [Operand]) throws(Fault) -> Operand
    typealias Matching = @Sendable (inout Context, Operand, Pattern) throws(Fault) -> Operand
    typealias Capturing =
        @Sendable (inout Context, [Operand], CapturePattern) throws(Fault) -> Operand
    typealias Lazy = @Sendable (inout Context, [any Node]) throws(Fault) -> Operand

    case unary(Unary)
    case binary(Binary)
    case variadic(Variadic)
    case lazy(Lazy)
    /// Two arguments, the second of which is a regular expression.
    case pattern(Matching)
    /// Any number of arguments, the second of which is a regular expression with groups.
    case captures(Capturing)
}

extension FunctionLibrary {
    mutating func global(_ name: String, _ body: @escaping Builtin.Unary) {
        add(name, .global, 1, .unary(body))
    }

    mutating func global(_ name: String, _ body: @escaping Builtin.Binary) {
        add(name, .global, 2, .binary(body))
    }

    mutating func global(
        _ name: String,
        _ counts: ClosedRange<Int>,
        _ body: @escaping Builtin.Variadic
    ) {
        for count in counts { add(name, .global, count, .variadic(body)) }
    }

    mutating func receiver(_ name: String, _ body: @escaping Builtin.Unary) {
        add(name, .receiver, 1, .unary(body))
    }

    mutating func receiver(_ name: String, _ body: @escaping Builtin.Binary) {
        add(name, .receiver, 2, .binary(body))
    }

    mutating func receiver(
        _ name: String,
        _ counts: ClosedRange<Int>,
        _ body: @escaping Builtin.Variadic
    ) {
        for count in counts { add(name, .receiver, count, .variadic(body)) }
    }
}

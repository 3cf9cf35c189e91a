import EventModel

/// An expression as it was written, after its macros have been expanded.
struct Syntax: Sendable {
    indirect enum Kind: Sendable {
        case literal(Value)
        /// A name; an absolute one was written with a leading dot.
        case name(String, isAbsolute: Bool)
        case member(Syntax, String, isOptional: Bool)
        /// The macro `has`.
        case presence(Syntax, String)
        case index(Syntax, Syntax, isOptional: Bool)
        case call(receiver: Syntax?, name: String, arguments: [Syntax])
        case not(Syntax)
        case negate(Syntax)
        case conditional(Syntax, Syntax, Syntax)
        case logical(LogicalOperator, [Syntax])
        case binary(BinaryOperator, Syntax, Syntax)
        case list([Element])
        case map([Entry])
        case comprehension(Comprehension)
        /// The macro `cel.bind`.
        case bind(name: String, value: Syntax, body: Syntax)
        /// The macros `optMap` and `optFlatMap`.
        case optionalMap(Syntax, name: String, body: Syntax, isFlat: Bool)
        /// The macro `sortBy`.
        case sortBy(Syntax, name: String, key: Syntax)
        /// The macro `cel.block`: parts that the body and later parts speak of by number.
        case block([Syntax], body: Syntax)
    }

    struct Element: Sendable {
        var value: Syntax
        var isOptional: Bool
    }

    struct Entry: Sendable {
        var key: Syntax
        var value: Syntax
        var isOptional: Bool
    }

    var kind: Kind
    var offset: Int
    /// Levels of this tree, so that depth is limited where a loop and not recursion built it.
    var height: Int
}

/// The names behind `cel.index(0)`, `cel.iterVar(0, 1)` and `cel.accuVar(0, 1)`, which nobody can
/// write as names.
enum BlockNames {
    static func index(_ number: Int) -> String { "@index\(number)" }
    static func variable(_ letters: String, _ depth: Int64, _ number: Int64) -> String {
        "@\(letters):\(depth):\(number)"
    }
}

enum LogicalOperator: String, Sendable {
    case and = "&&"
    case or = "||"
}

enum BinaryOperator: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case remainder = "%"
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case isIn = "in"

    /// How tightly the operator binds; all of them group from the left.
    var precedence: Int {
        switch self {
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .isIn: 1
        case .add, .subtract: 2
        case .multiply, .divide, .remainder: 3
        }
    }
}

/// A macro that walks over a list or map.
struct Comprehension: Sendable {
    enum Kind: Sendable {
        case all
        case exists
        case existsOne
        /// `map`, `filter`, `transformList`.
        case list
        case transformMap
        case transformMapEntry
    }

    var kind: Kind
    var range: Syntax
    /// The element of a list or the key of a map; with a second name, the index of a list.
    var name: String
    /// The element of a list or the value of a map.
    var secondName: String?
    var filter: Syntax?
    var body: Syntax
}

import EventModel

/// A parsed expression of a template.
indirect enum TemplateExpression: Sendable {
    case literal(Value)
    case name(String)
    case list([TemplateExpression])
    case map([(key: TemplateExpression, value: TemplateExpression)])
    case member(TemplateExpression, String)
    case item(TemplateExpression, TemplateExpression)
    case slice(TemplateExpression, from: TemplateExpression?, to: TemplateExpression?)
    case call(TemplateExpression, TemplateArguments, TemplatePlace)
    case filter(TemplateExpression, TemplateFilterCall)
    case test(TemplateExpression, TemplateTestCall)
    case not(TemplateExpression)
    case and(TemplateExpression, TemplateExpression)
    case or(TemplateExpression, TemplateExpression)
    case negative(TemplateExpression, TemplatePlace)
    case binary(TemplateOperator, TemplateExpression, TemplateExpression, TemplatePlace)
    /// `a < b <= c` holds if each pair does.
    case comparison(TemplateExpression, [TemplateComparison])
    case condition(TemplateExpression, then: TemplateExpression, otherwise: TemplateExpression?)
}

enum TemplateOperator: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case divideDown = "//"
    case remainder = "%"
    case power = "**"
    case join = "~"
}

struct TemplateComparison: Sendable {
    enum Relation: String, Sendable {
        case equal = "=="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case within = "in"
        case notWithin = "not in"
    }

    var relation: Relation
    var right: TemplateExpression
    var place: TemplatePlace
}

/// What stands between the parentheses of a call.
struct TemplateArguments: Sendable {
    var positional: [TemplateExpression] = []
    var named: [(name: String, value: TemplateExpression)] = []
}

struct TemplateFilterCall: Sendable {
    var filter: TemplateFilter
    var arguments: TemplateArguments
    var place: TemplatePlace
}

struct TemplateTestCall: Sendable {
    var test: TemplateTest
    var arguments: TemplateArguments
    var isNegated: Bool
    var place: TemplatePlace
}

/// A parsed part of a template.
indirect enum TemplateNode: Sendable {
    case text(String)
    case output(TemplateExpression, TemplatePlace)
    case choice([(condition: TemplateExpression, nodes: [TemplateNode])], otherwise: [TemplateNode])
    case loop(TemplateLoop)
    case block(TemplateBlock)
    case extends(TemplateExpression, TemplatePlace)
    case include(TemplateInclude)
    case set([String], TemplateExpression, TemplatePlace)
    case capture(String, [TemplateFilterCall], [TemplateNode])
    case with([(name: String, value: TemplateExpression)], [TemplateNode])
    case filtered([TemplateFilterCall], [TemplateNode])
    case escaping(TemplateExpression, [TemplateNode])
}

struct TemplateLoop: Sendable {
    var targets: [String]
    var source: TemplateExpression
    var condition: TemplateExpression?
    var nodes: [TemplateNode]
    var otherwise: [TemplateNode]
    var place: TemplatePlace
}

struct TemplateBlock: Sendable {
    var name: String
    var nodes: [TemplateNode]
    /// True lets it see the variables of the loop around it.
    var isScoped: Bool
    var place: TemplatePlace
}

struct TemplateInclude: Sendable {
    var template: TemplateExpression
    var ignoresMissing: Bool
    var seesContext: Bool
    var place: TemplatePlace
}

/// A template ready to be rendered.
struct CompiledTemplate: Sendable {
    var name: String
    var nodes: [TemplateNode]
    var blocks: [String: TemplateBlock]
    /// The names that it includes or extends, where they are written out and may not be missing.
    var references: [(name: String, place: TemplatePlace)]
}

import EventModel
import Stencil

/// What a translated template refers to by a number, as `$0`.
enum TemplateConstant: Sendable {
    case value(Value)
    case text(String)
    /// A part of an expression that cannot stand where Stencil wants a name.
    case chain(String)

    /// As Stencil is given it.
    var resolved: Any {
        switch self {
        case .value(let value): TemplateValue(value)
        case .text(let text): text
        case .chain(let chain): Chain(text: chain)
        }
    }

    private struct Chain: Resolvable {
        var text: String

        func resolve(_ context: Context) throws -> Any? {
            try context.environment.compileFilter(text).resolve(context)
        }
    }
}

/// Translates what stands in a tag to chains of filters, which Stencil evaluates reliably.
///
/// Its own operators compare numbers as 32-bit floats, bind `in` looser than `or` and end the
/// process on `list.last` of an empty list. Precedence and call-style arguments are Jinja's;
/// Stencil's colon form, ranges, `forloop` and `block.super` are understood as well.
struct TemplateExpression {
    private(set) var constants: [TemplateConstant]
    private let words: [TemplateWord]
    private let depthMax: Int
    private var depth = 0
    private var position = 0

    init(
        _ text: ArraySlice<Unicode.Scalar>,
        _ constants: [TemplateConstant],
        _ limits: TemplateLimits
    ) throws(TemplateFailure) {
        words = try TemplateWord.words(text)
        self.constants = constants
        depthMax = limits.nestingMax
    }

    private var next: TemplateWord? { words.indices.contains(position) ? words[position] : nil }

    func expectEnd() throws(TemplateFailure) {
        if let next { throw .syntax("\(next) is not expected here") }
    }

    /// Goes over these names or symbols if they come next.
    mutating func take(_ wanted: String...) -> Bool {
        let rest = words.dropFirst(position).prefix(wanted.count)
        guard rest.elementsEqual(wanted, by: { $0.plain == $1 }) else { return false }
        position += wanted.count
        return true
    }

    private mutating func expect(_ wanted: String) throws(TemplateFailure) {
        guard take(wanted) else {
            throw .syntax("'\(wanted)' is wanted, not \(next?.description ?? "the end of the tag")")
        }
    }

    /// - Parameter isTag: true where a word such as `if` is welcome.
    mutating func name(
        _ what: String,
        isTag: Bool = false
    ) throws(TemplateFailure) -> String {
        guard case .name(let name) = next, isTag || !TemplateWord.reserved.contains(name) else {
            throw .syntax("\(what) is wanted, not \(next?.description ?? "the end of the tag")")
        }
        position += 1
        return name
    }

    mutating func text(_ what: String) throws(TemplateFailure) -> String {
        guard case .constant(.string(let text)) = next else { throw .syntax("\(what) is wanted") }
        position += 1
        return text
    }

    /// Makes a name for it.
    mutating func hoist(_ constant: TemplateConstant) -> String {
        constants.append(constant)
        return "$\(constants.count - 1)"
    }

    /// As an argument of a filter, which Stencil takes without filters only.
    private mutating func simple(_ chain: String) -> String {
        chain.contains("|") ? hoist(.chain(chain)) : chain
    }

    /// An expression of any kind but `a if b else c`.
    mutating func any() throws(TemplateFailure) -> String {
        depth += 1
        guard depth <= depthMax else {
            throw TemplateFailure(.limit, "more than \(depthMax) parentheses within each other")
        }
        defer { depth -= 1 }
        var left = try conjunction()
        while take("or") { left += "|$or:\(simple(try conjunction()))" }
        return left
    }

    private mutating func conjunction() throws(TemplateFailure) -> String {
        var left = try negation()
        while take("and") { left += "|$and:\(simple(try negation()))" }
        return left
    }

    private mutating func negation() throws(TemplateFailure) -> String {
        var isNegated = false
        while take("not") { isNegated.toggle() }
        let text = try comparison()
        return isNegated ? text + "|$not" : text
    }

    private mutating func comparison() throws(TemplateFailure) -> String {
        let left = try concatenation()
        for symbol in ["==", "!=", "<=", ">=", "<", ">"] where take(symbol) {
            let symbolName = hoist(.value(.string(symbol)))
            return left + "|$compare:\(symbolName),\(simple(try concatenation()))"
        }
        if take("in") { return left + "|$in:\(simple(try concatenation()))" }
        if take("not", "in") { return left + "|$in:\(simple(try concatenation()))|$not" }
        guard take("is") else { return left }
        let suffix = take("not") ? "|$not" : ""
        var test = try? name("")
        if test == nil, case .constant(let constant) = next {
            test = TemplateValue(constant.isNull ? "none" : constant).text
            position += 1
        }
        guard let test, TemplateFilter.tests[test] != nil else {
            throw .unknown("test", test ?? "", among: TemplateFilter.tests.keys)
        }
        return left + "|$is:\(hoist(.value(.string(test))))\(suffix)"
    }

    private mutating func concatenation() throws(TemplateFailure) -> String {
        var left = try filtered()
        while take("~") { left += "|$concatenate:\(simple(try filtered()))" }
        return left
    }

    private mutating func filtered() throws(TemplateFailure) -> String {
        var text = try operand()
        if take("...") { text += "|$span:\(simple(try operand()))" }
        while take("|") {
            let filterName = try name("the name of a filter")
            guard let filter = TemplateFilter.all[filterName] else {
                let names = TemplateFilter.all.keys.filter { !$0.hasPrefix("$") }
                throw .unknown("filter", filterName, among: names)
            }
            var arguments: [String] = []
            if take("(") {
                arguments = try self.arguments(of: filter)
            } else if take(":") {
                repeat { arguments.append(simple(try operand())) } while take(",")
            }
            guard (filter.requiredCount...filter.parameters.count).contains(arguments.count) else {
                let wanted = filter.parameters.joined(separator: ", ")
                throw .syntax("'\(filterName)' takes \(wanted.isEmpty ? "no argument" : wanted)")
            }
            text += "|\(filterName)"
            if !arguments.isEmpty { text += ":\(arguments.joined(separator: ","))" }
        }
        return text
    }

    /// In the order of the parameters; one that is left out has a name that nothing has.
    private mutating func arguments(
        of filter: TemplateFilter
    ) throws(TemplateFailure) -> [String] {
        var arguments: [String] = []
        while !take(")") {
            if !arguments.isEmpty { try expect(",") }
            var index = arguments.count
            if case .name(let parameter) = next, words.dropFirst(position + 1).first?.plain == "=" {
                position += 2
                guard let found = filter.parameters.firstIndex(of: parameter) else {
                    throw .unknown("argument", parameter, among: filter.parameters)
                }
                index = found
            }
            while arguments.count <= index { arguments.append("$none") }
            arguments[index] = simple(try any())
        }
        return arguments
    }

    private static let loopMembers = [
        "index": "forloop.counter", "index0": "forloop.counter0", "first": "forloop.first",
        "last": "forloop.last", "length": "forloop.length",
        "revindex": "forloop.length|$minus:forloop.counter0",
        "revindex0": "forloop.length|$minus:forloop.counter",
    ]

    /// A literal, a path, or what stands in brackets.
    private mutating func operand() throws(TemplateFailure) -> String {
        var text: String
        if take("(") {
            text = try any()
            try expect(")")
        } else if take("[") {
            text = "$none|$list:" + (try elements(until: "]")).joined(separator: ",")
        } else if take("super", "(", ")") || take("block", ".", "super") {
            return "block.super|safe"
        } else if take("range", "(") {
            text = "$none|$range:" + (try elements(until: ")")).joined(separator: ",")
        } else if case .constant(let constant) = next {
            position += 1
            text = hoist(.value(constant))
        } else if take("loop", ".") {
            let member = try name("a member of 'loop'")
            guard let known = Self.loopMembers[member] else {
                throw .unknown("member of 'loop'", member, among: Self.loopMembers.keys)
            }
            return known
        } else {
            text = try name("a name or a value")
        }
        while true {
            if take(".") {
                guard let member = next?.member else { throw .syntax("a name is wanted after '.'") }
                position += 1
                // The pairs of a map are what a loop with two variables takes anyway.
                if member == "items", take("(", ")") { return text }
                let isPath = !text.contains("|") && !text.hasPrefix("$")
                let key = Int64(member).map { Value.int($0) } ?? .string(member)
                text += isPath ? ".\(member)" : "|$item:\(hoist(.value(key)))"
            } else if take("[") {
                text += "|$item:\(simple(try any()))"
                try expect("]")
            } else if next?.plain == "(" {
                throw .syntax("only filters can be called; write 'name|filter'")
            } else {
                return text
            }
        }
    }

    private mutating func elements(until end: String) throws(TemplateFailure) -> [String] {
        var elements: [String] = []
        while !take(end) {
            if !elements.isEmpty { try expect(",") }
            elements.append(simple(try any()))
        }
        return elements
    }
}

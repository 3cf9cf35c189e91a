import EventModel

/// Parses the words of one output or tag by Jinja's grammar, from loose binding to tight:
/// `a if b else c`, `or`, `and`, `not`, comparisons, `+ -`, `~`, `* / // %`, `**`, sign, then
/// members, calls, filters and tests.
struct TemplateExpressionParser {
    private let tokens: [TemplateToken]
    private let end: TemplatePlace
    private var index = 0
    private var nesting = 0
    private let nestingMax: Int

    /// - Parameters:
    ///   - tokens: the words.
    ///   - place: where the output or tag begins, for what is missing at its end.
    ///   - nestingMax: how deep expressions may lie in each other.
    init(_ tokens: [TemplateToken], at place: TemplatePlace, nestingMax: Int) {
        self.tokens = tokens
        end = tokens.last?.place ?? place
        self.nestingMax = nestingMax
    }

    // MARK: Words

    var isAtEnd: Bool { index >= tokens.count }
    var here: TemplatePlace { isAtEnd ? end : tokens[index].place }

    func peekName() -> String? {
        guard !isAtEnd, case .name(let name) = tokens[index].kind else { return nil }
        return name
    }

    mutating func takeName(_ name: String) -> Bool {
        guard peekName() == name else { return false }
        index += 1
        return true
    }

    mutating func takeSymbol(_ symbol: String) -> Bool {
        guard !isAtEnd, tokens[index].kind == .symbol(symbol) else { return false }
        index += 1
        return true
    }

    mutating func name(_ what: String) throws(TemplateError) -> String {
        guard let name = peekName() else { throw unexpected(wanted: what) }
        index += 1
        return name
    }

    mutating func expectName(_ name: String) throws(TemplateError) {
        guard takeName(name) else { throw unexpected(wanted: "'\(name)'") }
    }

    mutating func expectSymbol(_ symbol: String) throws(TemplateError) {
        guard takeSymbol(symbol) else { throw unexpected(wanted: "'\(symbol)'") }
    }

    func expectEnd() throws(TemplateError) {
        guard isAtEnd else { throw unexpected(wanted: "the end") }
    }

    func unexpected(wanted: String) -> TemplateError {
        guard !isAtEnd else { return end.error(.syntax, "\(wanted) is missing at the end") }
        let word =
            switch tokens[index].kind {
            case .name(let text), .symbol(let text): text
            case .string(let text): "\"\(text)\""
            case .integer(let number): "\(number)"
            case .float(let number): "\(number)"
            }
        return here.error(.syntax, "'\(word)' stands where \(wanted) should")
    }

    // MARK: Expressions

    mutating func expression(allowsCondition: Bool = true) throws(TemplateError)
        -> TemplateExpression
    {
        nesting += 1
        defer { nesting -= 1 }
        guard nesting <= nestingMax else {
            throw here.error(.limit, "nested deeper than \(nestingMax) levels; simplify it")
        }
        var expression = try or()
        while allowsCondition, takeName("if") {
            let condition = try or()
            var otherwise: TemplateExpression?
            if takeName("else") { otherwise = try self.expression() }
            expression = .condition(condition, then: expression, otherwise: otherwise)
        }
        return expression
    }

    /// An expression, or several with commas between as a list.
    mutating func expressionOrList() throws(TemplateError) -> TemplateExpression {
        let first = try expression()
        guard takeSymbol(",") else { return first }
        var elements = [first]
        while !isAtEnd {
            elements.append(try expression())
            guard takeSymbol(",") else { break }
        }
        return .list(elements)
    }

    private mutating func or() throws(TemplateError) -> TemplateExpression {
        var left = try and()
        while takeName("or") { left = .or(left, try and()) }
        return left
    }

    private mutating func and() throws(TemplateError) -> TemplateExpression {
        var left = try not()
        while takeName("and") { left = .and(left, try not()) }
        return left
    }

    private mutating func not() throws(TemplateError) -> TemplateExpression {
        var count = 0
        while takeName("not") { count += 1 }
        let expression = try comparison()
        guard count > 0 else { return expression }
        return count.isMultiple(of: 2) ? .not(.not(expression)) : .not(expression)
    }

    private mutating func comparison() throws(TemplateError) -> TemplateExpression {
        let left = try sum()
        var comparisons: [TemplateComparison] = []
        while let relation = takeRelation() {
            let place = here
            comparisons.append(
                TemplateComparison(relation: relation, right: try sum(), place: place)
            )
        }
        return comparisons.isEmpty ? left : .comparison(left, comparisons)
    }

    private mutating func takeRelation() -> TemplateComparison.Relation? {
        guard !isAtEnd else { return nil }
        switch tokens[index].kind {
        case .symbol(let symbol):
            guard let relation = TemplateComparison.Relation(rawValue: symbol) else { return nil }
            index += 1
            return relation
        case .name("in"):
            index += 1
            return .within
        case .name("not"):
            guard index + 1 < tokens.count, tokens[index + 1].kind == .name("in") else {
                return nil
            }
            index += 2
            return .notWithin
        case .name, .string, .integer, .float:
            return nil
        }
    }

    private mutating func takeOperator(_ operators: [TemplateOperator]) -> TemplateOperator? {
        for candidate in operators where takeSymbol(candidate.rawValue) { return candidate }
        return nil
    }

    private mutating func sum() throws(TemplateError) -> TemplateExpression {
        var left = try joining()
        while true {
            let place = here
            guard let sign = takeOperator([.add, .subtract]) else { return left }
            left = .binary(sign, left, try joining(), place)
        }
    }

    private mutating func joining() throws(TemplateError) -> TemplateExpression {
        var left = try product()
        while true {
            let place = here
            guard takeOperator([.join]) != nil else { return left }
            left = .binary(.join, left, try product(), place)
        }
    }

    private mutating func product() throws(TemplateError) -> TemplateExpression {
        var left = try power()
        while true {
            let place = here
            guard let sign = takeOperator([.multiply, .divide, .divideDown, .remainder]) else {
                return left
            }
            left = .binary(sign, left, try power(), place)
        }
    }

    private mutating func power() throws(TemplateError) -> TemplateExpression {
        var left = try unary(withFilters: true)
        while true {
            let place = here
            guard takeOperator([.power]) != nil else { return left }
            left = .binary(.power, left, try unary(withFilters: true), place)
        }
    }

    private mutating func unary(withFilters: Bool) throws(TemplateError) -> TemplateExpression {
        let place = here
        var expression: TemplateExpression
        var signs: [Bool] = []
        while true {
            if takeSymbol("-") {
                signs.append(true)
            } else if takeSymbol("+") {
                signs.append(false)
            } else {
                break
            }
        }
        expression = try postfix(primary())
        for isNegative in signs.reversed() where isNegative {
            expression = .negative(expression, place)
        }
        return withFilters ? try filtersAndTests(expression) : expression
    }

    private mutating func primary() throws(TemplateError) -> TemplateExpression {
        guard !isAtEnd else { throw unexpected(wanted: "an expression") }
        let token = tokens[index]
        switch token.kind {
        case .string(let text):
            index += 1
            var whole = text
            // Texts that follow each other are one, as in Python.
            while !isAtEnd, case .string(let more) = tokens[index].kind {
                whole += more
                index += 1
            }
            return .literal(.string(whole))
        case .integer(let number):
            index += 1
            return .literal(.int(number))
        case .float(let number):
            index += 1
            return .literal(.double(number))
        case .name(let name):
            guard !Self.reserved.contains(name) else { throw unexpected(wanted: "an expression") }
            index += 1
            switch name {
            case "true", "True": return .literal(true)
            case "false", "False": return .literal(false)
            case "none", "None": return .literal(nil)
            default: return .name(name)
            }
        case .symbol("("):
            index += 1
            return try parenthesised()
        case .symbol("["):
            index += 1
            return .list(try elements(until: "]"))
        case .symbol("{"):
            index += 1
            return try map()
        case .symbol:
            throw unexpected(wanted: "an expression")
        }
    }

    private static let reserved: Set<String> = [
        "and", "or", "not", "if", "else", "elif", "in", "is", "for", "endfor", "endif", "block",
    ]

    private mutating func parenthesised() throws(TemplateError) -> TemplateExpression {
        if takeSymbol(")") { return .list([]) }
        let first = try expression()
        if takeSymbol(")") { return first }
        try expectSymbol(",")
        return .list([first] + (try elements(until: ")")))
    }

    private mutating func elements(
        until end: String
    ) throws(TemplateError) -> [TemplateExpression] {
        var elements: [TemplateExpression] = []
        while !takeSymbol(end) {
            elements.append(try expression())
            if takeSymbol(end) { break }
            try expectSymbol(",")
        }
        return elements
    }

    private mutating func map() throws(TemplateError) -> TemplateExpression {
        var members: [(key: TemplateExpression, value: TemplateExpression)] = []
        while !takeSymbol("}") {
            let key = try expression()
            try expectSymbol(":")
            members.append((key, try expression()))
            if takeSymbol("}") { break }
            try expectSymbol(",")
        }
        return .map(members)
    }

    // MARK: What follows an expression

    private mutating func postfix(
        _ start: TemplateExpression
    ) throws(TemplateError) -> TemplateExpression {
        var expression = start
        while true {
            let place = here
            if takeSymbol(".") {
                if !isAtEnd, case .integer(let number) = tokens[index].kind {
                    index += 1
                    expression = .item(expression, .literal(.int(number)))
                } else {
                    expression = .member(expression, try name("a name"))
                }
            } else if takeSymbol("[") {
                expression = try subscripted(expression)
            } else if takeSymbol("(") {
                expression = .call(expression, try arguments(), place)
            } else {
                return expression
            }
        }
    }

    private mutating func subscripted(
        _ base: TemplateExpression
    ) throws(TemplateError) -> TemplateExpression {
        var from: TemplateExpression?
        if !takeSymbol(":") {
            let index = try expression()
            if takeSymbol("]") { return .item(base, index) }
            try expectSymbol(":")
            from = index
        }
        if takeSymbol("]") { return .slice(base, from: from, to: nil) }
        let to = try expression()
        try expectSymbol("]")
        return .slice(base, from: from, to: to)
    }

    private mutating func arguments() throws(TemplateError) -> TemplateArguments {
        var arguments = TemplateArguments()
        while !takeSymbol(")") {
            if let name = peekName(), index + 1 < tokens.count,
                tokens[index + 1].kind == .symbol("=")
            {
                index += 2
                arguments.named.append((name, try expression()))
            } else {
                guard arguments.named.isEmpty else {
                    throw here.error(.syntax, "an argument without a name follows one with a name")
                }
                arguments.positional.append(try expression())
            }
            if takeSymbol(")") { break }
            try expectSymbol(",")
        }
        return arguments
    }

    private mutating func filtersAndTests(
        _ start: TemplateExpression
    ) throws(TemplateError) -> TemplateExpression {
        var expression = start
        while true {
            if takeSymbol("|") {
                expression = .filter(expression, try filterCall())
            } else if takeName("is") {
                expression = .test(expression, try testCall())
            } else if !isAtEnd, tokens[index].kind == .symbol("(") {
                // A call binds to what a filter gave: `x|f(1)(2)` is no sense here.
                throw unexpected(wanted: "an operator")
            } else {
                return expression
            }
        }
    }

    /// The name and arguments of a filter, its bar already taken.
    mutating func filterCall() throws(TemplateError) -> TemplateFilterCall {
        let place = here
        let name = try name("a filter's name")
        guard let filter = TemplateFilter.all[name] else {
            let remedy = TemplateFilter.remedy(name, among: TemplateFilter.all.keys)
            throw place.error(.syntax, "there is no filter '\(name)'; \(remedy)")
        }
        var given = TemplateArguments()
        if takeSymbol("(") { given = try arguments() }
        try filter.check(given, at: place)
        return TemplateFilterCall(filter: filter, arguments: given, place: place)
    }

    private mutating func testCall() throws(TemplateError) -> TemplateTestCall {
        let isNegated = takeName("not")
        let place = here
        let name = try name("a test's name")
        guard let test = TemplateTest.all[name] else {
            let remedy = TemplateFilter.remedy(name, among: TemplateTest.all.keys)
            throw place.error(.syntax, "there is no test '\(name)'; \(remedy)")
        }
        var given = TemplateArguments()
        if takeSymbol("(") {
            given = try arguments()
        } else if test.takesArgument, canBeArgument {
            given.positional = [try postfix(primary())]
        }
        guard given.named.isEmpty, given.positional.count == (test.takesArgument ? 1 : 0) else {
            let wanted = test.takesArgument ? "one argument" : "no arguments"
            throw place.error(.syntax, "the test '\(name)' takes \(wanted)")
        }
        return TemplateTestCall(test: test, arguments: given, isNegated: isNegated, place: place)
    }

    /// Whether an argument without parentheses begins here: `x is divisibleby 3`.
    private var canBeArgument: Bool {
        guard !isAtEnd else { return false }
        switch tokens[index].kind {
        case .string, .integer, .float: return true
        case .name(let name): return !["else", "or", "and", "is", "if"].contains(name)
        case .symbol(let symbol): return ["(", "[", "{"].contains(symbol)
        }
    }
}

import EventModel

extension TemplateRenderer {
    func evaluate(_ expression: TemplateExpression) throws(TemplateError) -> TemplateValue {
        try step(nil)
        switch expression {
        case .literal(let value): return TemplateValue(value)
        case .name(let name): return scope[name]
        case .list(let elements):
            var values: [Value] = []
            for element in elements { values.append(try evaluate(element).value ?? .null) }
            return try checked(TemplateValue(.list(values)), nil)
        case .map(let members):
            var map = ValueMap()
            for (key, value) in members {
                guard let key = TemplateText.key(try evaluate(key).value ?? .null) else { continue }
                map[key] = try evaluate(value).value ?? .null
            }
            return TemplateValue(.map(map))
        case .member(let base, let name): return try evaluate(base).item(.string(name))
        case .item(let base, let key):
            return try evaluate(base).item(try evaluate(key).value ?? .null)
        case .slice(let base, let from, let to): return try slice(base, from, to)
        case .call(let callee, let arguments, let place):
            return try checked(try call(callee, arguments, place), place)
        case .filter(let subject, let filter): return try apply(filter, to: try evaluate(subject))
        case .test(let subject, let test): return try apply(test, to: try evaluate(subject))
        case .not(let operand): return TemplateValue(.bool(!(try evaluate(operand).isTrue)))
        case .and(let left, let right):
            let left = try evaluate(left)
            return left.isTrue ? try evaluate(right) : left
        case .or(let left, let right):
            let left = try evaluate(left)
            return left.isTrue ? left : try evaluate(right)
        case .negative(let operand, let place):
            let zero = TemplateValue(.int(0))
            return try TemplateArithmetic(place).apply(.subtract, zero, try evaluate(operand))
        case .binary(let sign, let left, let right, let place):
            let (left, right) = (try evaluate(left), try evaluate(right))
            if sign == .join {
                return try checked(
                    joined(left, right, isMarkup: left.isSafe || right.isSafe),
                    place
                )
            }
            if sign == .add, case .string = left.value, case .string = right.value {
                return try checked(
                    joined(left, right, isMarkup: left.isSafe || right.isSafe),
                    place
                )
            }
            return try checked(try TemplateArithmetic(place).apply(sign, left, right), place)
        case .comparison(let left, let comparisons): return try compare(left, comparisons)
        case .condition(let condition, let then, let otherwise):
            if try evaluate(condition).isTrue { return try evaluate(then) }
            return try otherwise.map { expression throws(TemplateError) in try evaluate(expression)
            }
                ?? .undefined
        }
    }

    /// Two texts as one; if one is markup, the other is escaped and the whole is markup.
    private func joined(
        _ left: TemplateValue,
        _ right: TemplateValue,
        isMarkup: Bool
    ) -> TemplateValue {
        guard isMarkup else { return TemplateValue(.string(left.text + right.text)) }
        let text = TemplateText.escaped(left) + TemplateText.escaped(right)
        return TemplateValue(.string(text), isSafe: true)
    }

    private func slice(
        _ base: TemplateExpression,
        _ from: TemplateExpression?,
        _ to: TemplateExpression?
    ) throws(TemplateError) -> TemplateValue {
        let base = try evaluate(base)
        guard let elements = base.elements else { return .undefined }
        func bound(_ expression: TemplateExpression?, _ other: Int) throws(TemplateError) -> Int {
            guard let expression, let number = try evaluate(expression).value?.intValue else {
                return other
            }
            let index = Int(clamping: number)
            return min(max(index < 0 ? index + elements.count : index, 0), elements.count)
        }
        let start = try bound(from, 0)
        let end = try bound(to, elements.count)
        let part = start < end ? Array(elements[start..<end]) : []
        guard case .string = base.value else { return TemplateValue(.list(part)) }
        let text = part.compactMap(\.stringValue).joined()
        return TemplateValue(.string(text), isSafe: base.isSafe)
    }

    private func compare(
        _ left: TemplateExpression,
        _ comparisons: [TemplateComparison]
    ) throws(TemplateError) -> TemplateValue {
        var left = try evaluate(left)
        for comparison in comparisons {
            let right = try evaluate(comparison.right)
            guard try holds(comparison.relation, left, right, comparison.place) else {
                return TemplateValue(false)
            }
            left = right
        }
        return TemplateValue(true)
    }

    func holds(
        _ relation: TemplateComparison.Relation,
        _ left: TemplateValue,
        _ right: TemplateValue,
        _ place: TemplatePlace
    ) throws(TemplateError) -> Bool {
        func isLess(
            _ first: TemplateValue,
            _ second: TemplateValue
        ) throws(TemplateError) -> Bool {
            if let isLess = TemplateValue.isLess(first.value, second.value) { return isLess }
            let kinds = [left, right].map { $0.value?.typeName ?? "nothing" }
            let message = "\(kinds[0]) and \(kinds[1]) cannot be ordered by \(relation.rawValue)"
            throw place.error(.evaluation, "\(message); check that both are there")
        }
        switch relation {
        case .equal: return TemplateValue.areEqual(left.value, right.value)
        case .notEqual: return !TemplateValue.areEqual(left.value, right.value)
        case .less: return try isLess(left, right)
        case .greater: return try isLess(right, left)
        case .lessOrEqual:
            return try isLess(left, right) || TemplateValue.areEqual(left.value, right.value)
        case .greaterOrEqual:
            return try isLess(right, left) || TemplateValue.areEqual(left.value, right.value)
        case .within: return try isWithin(left, right, place)
        case .notWithin: return !(try isWithin(left, right, place))
        }
    }

    private func isWithin(
        _ element: TemplateValue,
        _ whole: TemplateValue,
        _ place: TemplatePlace
    ) throws(TemplateError) -> Bool {
        if case .string(let whole) = whole.value {
            return TemplateText.contains(whole, element.text)
        }
        guard let elements = whole.elements else {
            let kind = whole.value?.typeName ?? "nothing"
            throw place.error(.evaluation, "'in' wants a list, a map or a text, not a \(kind)")
        }
        return elements.contains { TemplateValue.areEqual(element.value, $0) }
    }

    // MARK: Filters, tests, calls

    func apply(
        _ call: TemplateFilterCall,
        to subject: TemplateValue
    ) throws(TemplateError) -> TemplateValue {
        var arguments: [String: TemplateValue] = [:]
        for (name, argument) in zip(call.filter.parameters, call.arguments.positional) {
            arguments[name] = try evaluate(argument)
        }
        for (name, argument) in call.arguments.named { arguments[name] = try evaluate(argument) }
        let input = TemplateFilter.Input(
            subject: subject,
            arguments: arguments,
            renderer: self,
            place: call.place
        )
        return try checked(try call.filter.apply(input), call.place)
    }

    private func apply(
        _ call: TemplateTestCall,
        to subject: TemplateValue
    ) throws(TemplateError) -> TemplateValue {
        let argument = try call.arguments.positional.first.map {
            expression throws(TemplateError) in try evaluate(expression)
        }
        let holds = try call.test.holds(subject, argument ?? .undefined, self, call.place)
        return TemplateValue(.bool(holds != call.isNegated))
    }

    private func call(
        _ callee: TemplateExpression,
        _ arguments: TemplateArguments,
        _ place: TemplatePlace
    ) throws(TemplateError) -> TemplateValue {
        guard arguments.named.isEmpty else {
            throw place.error(.evaluation, "this call takes no named arguments")
        }
        var given: [TemplateValue] = []
        for argument in arguments.positional { given.append(try evaluate(argument)) }
        switch callee {
        case .name("super") where given.isEmpty:
            return try parentBlock(place)
        case .name("range"):
            return try range(given, place)
        case .member(.name("self"), let name):
            return try namedBlock(name, place)
        case .member(.name("loop"), "cycle"):
            let index = scope["loop"].value?["index0"]?.intValue ?? 0
            guard !given.isEmpty else {
                throw place.error(.evaluation, "cycle() wants at least one value")
            }
            return given[Int(index) % given.count]
        case .member(let base, let name):
            let subject = try evaluate(base)
            if let method = TemplateMethod.all[name] {
                return try method(subject, given, self, place)
            }
            let remedy = TemplateFilter.remedy(name, among: TemplateMethod.all.keys)
            throw place.error(.evaluation, "'\(name)' cannot be called; \(remedy)")
        default:
            throw place.error(.evaluation, "this cannot be called; use a filter, as in name|upper")
        }
    }

    private func range(
        _ given: [TemplateValue],
        _ place: TemplatePlace
    ) throws(TemplateError) -> TemplateValue {
        let numbers = given.compactMap { $0.value?.intValue }
        guard (1...3).contains(given.count), numbers.count == given.count else {
            throw place.error(.evaluation, "range() wants one to three whole numbers")
        }
        let start = numbers.count == 1 ? 0 : numbers[0]
        let end = numbers.count == 1 ? numbers[0] : numbers[1]
        let stride = numbers.count == 3 ? numbers[2] : 1
        guard stride != 0 else { throw place.error(.evaluation, "the step of range() is 0") }
        var elements: [Value] = []
        var number = start
        while stride > 0 ? number < end : number > end {
            elements.append(.int(number))
            guard elements.count <= limits.listCountMax else { break }
            let (next, isOver) = number.addingReportingOverflow(stride)
            if isOver { break }
            number = next
        }
        return TemplateValue(.list(elements))
    }
}

/// Calculation with numbers by Python's rules, save that what grows too large is an error.
struct TemplateArithmetic {
    private let place: TemplatePlace

    init(_ place: TemplatePlace) { self.place = place }

    func apply(
        _ sign: TemplateOperator,
        _ left: TemplateValue,
        _ right: TemplateValue
    ) throws(TemplateError) -> TemplateValue {
        if sign == .add, case .list(let left) = left.value, case .list(let right) = right.value {
            return TemplateValue(.list(left + right))
        }
        if let first = left.value?.intValue, let second = right.value?.intValue {
            return TemplateValue(try whole(sign, first, second))
        }
        guard let first = left.value?.doubleValue, let second = right.value?.doubleValue else {
            let kinds = [left, right].map { $0.value?.typeName ?? "nothing" }
            let message = "\(kinds[0]) \(sign.rawValue) \(kinds[1]) is no calculation"
            throw place.error(.evaluation, "\(message); join texts with ~")
        }
        return TemplateValue(.double(try fraction(sign, first, second)))
    }

    private func whole(
        _ sign: TemplateOperator,
        _ left: Int64,
        _ right: Int64
    ) throws(TemplateError) -> Value {
        let (result, isOver): (Int64, Bool)
        switch sign {
        case .add: (result, isOver) = left.addingReportingOverflow(right)
        case .subtract: (result, isOver) = left.subtractingReportingOverflow(right)
        case .multiply: (result, isOver) = left.multipliedReportingOverflow(by: right)
        case .divideDown, .remainder:
            guard right != 0 else { throw place.error(.evaluation, "division by zero") }
            let (quotient, isTooLarge) = left.dividedReportingOverflow(by: right)
            guard !isTooLarge else { throw tooLarge }
            let rest = left - quotient * right
            // Rounded down, where Swift rounds towards zero.
            let isRoundedUp = rest != 0 && (rest < 0) != (right < 0)
            if sign == .remainder { return .int(isRoundedUp ? rest + right : rest) }
            return .int(isRoundedUp ? quotient - 1 : quotient)
        case .power where right >= 0: return .int(try power(left, right))
        case .power, .divide, .join:
            return .double(try fraction(sign, Double(left), Double(right)))
        }
        guard !isOver else { throw tooLarge }
        return .int(result)
    }

    private func power(_ base: Int64, _ exponent: Int64) throws(TemplateError) -> Int64 {
        guard base.magnitude > 1 else {
            return base == -1 && exponent % 2 == 0 || exponent == 0 ? 1 : base
        }
        var result: Int64 = 1
        for _ in 0..<min(exponent, 64) {
            let (next, isOver) = result.multipliedReportingOverflow(by: base)
            guard !isOver else { throw tooLarge }
            result = next
        }
        return result
    }

    private func fraction(
        _ sign: TemplateOperator,
        _ left: Double,
        _ right: Double
    ) throws(TemplateError) -> Double {
        switch sign {
        case .add: return left + right
        case .subtract: return left - right
        case .multiply: return left * right
        case .divide, .divideDown, .remainder:
            guard right != 0 else { throw place.error(.evaluation, "division by zero") }
            if sign == .divide { return left / right }
            let quotient = (left / right).rounded(.down)
            return sign == .divideDown ? quotient : left - quotient * right
        case .power, .join:
            // Whole exponents only: the standard library has no general power.
            guard let exponent = Int(exactly: right), abs(exponent) <= 1024 else { throw tooLarge }
            var result = 1.0
            for _ in 0..<abs(exponent) { result *= left }
            return exponent < 0 ? 1 / result : result
        }
    }

    private var tooLarge: TemplateError {
        place.error(.evaluation, "the number becomes too large")
    }
}

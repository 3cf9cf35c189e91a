import EventModel

extension Checker {
    mutating func comprehension(
        _ comprehension: Comprehension,
        _ offset: Int
    ) -> ExpressionType {
        let range = type(of: comprehension.range)
        let (first, second) = variables(over: range, comprehension, offset)
        var names = [(name: comprehension.name, type: first)]
        if let name = comprehension.secondName { names.append((name, second)) }
        if let filter = comprehension.filter { condition(filter, where: names) }
        switch comprehension.kind {
        case .all, .exists, .existsOne:
            condition(comprehension.body, where: names)
            return .bool
        case .list:
            return .list(type(of: comprehension.body, where: names))
        case .transformMap:
            return .map(first, type(of: comprehension.body, where: names))
        case .transformMapEntry:
            let body = type(of: comprehension.body, where: names)
            switch body.unwrapped {
            case .map: return body
            case .object, .dyn, .parameter: return .map(.dyn, .dyn)
            case .null, .bool, .int, .uint, .double, .string, .bytes, .timestamp, .duration,
                .list, .nullable, .optional, .type, .opaque:
                report(
                    .noSuchOverload,
                    "no such overload: transformMapEntry(\(body)); it takes a map",
                    comprehension.body.offset
                )
                return .map(.dyn, .dyn)
            }
        }
    }

    /// The types of a macro's one or two variables.
    private mutating func variables(
        over range: ExpressionType,
        _ comprehension: Comprehension,
        _ offset: Int
    ) -> (ExpressionType, ExpressionType) {
        let isPair = comprehension.secondName != nil
        switch unifier.resolved(range.unwrapped) {
        case .list(let element): return isPair ? (.int, element) : (element, element)
        case .map(let key, let value): return (key, value)
        case .object(let object): return (.string, object.memberType)
        case .dyn, .parameter: return (.dyn, .dyn)
        case .null, .bool, .int, .uint, .double, .string, .bytes, .timestamp, .duration,
            .nullable, .optional, .type, .opaque:
            report(
                .noSuchOverload,
                "a value of type \(range) cannot be walked over; a list or map can",
                offset
            )
            return (.dyn, .dyn)
        }
    }

    mutating func binding(_ syntax: Syntax) -> ExpressionType {
        switch syntax.kind {
        case .bind(let name, let value, let body):
            let bound = type(of: value)
            return type(of: body, where: [(name, bound)])
        case .optionalMap(let target, let name, let body, let isFlat):
            let macro = isFlat ? "optFlatMap" : "optMap"
            let bound = content(of: type(of: target), macro, syntax.offset)
            let result = type(of: body, where: [(name, bound)])
            guard isFlat else { return .optional(result) }
            return .optional(content(of: result, macro, body.offset))
        case .sortBy(let target, let name, let key):
            let list = type(of: target)
            guard unifier.isAssignable(list, to: .list(.dyn)) else {
                report(.noSuchOverload, "no such overload: sortBy(\(list))", syntax.offset)
                return .list(.dyn)
            }
            var element = ExpressionType.dyn
            if case .list(let known) = list.unwrapped { element = known }
            let keyType = type(of: key, where: [(name, element)])
            if !Self.hasOrder(keyType.unwrapped) {
                report(.noSuchOverload, "a \(keyType) has no order to sort by", key.offset)
            }
            return .list(element)
        case .block(let elements, let body):
            var names: [(name: String, type: ExpressionType)] = []
            for (index, element) in elements.enumerated() {
                names.append((BlockNames.index(index), type(of: element, where: names)))
            }
            return type(of: body, where: names)
        case .literal, .name, .member, .presence, .index, .call, .not, .negate, .conditional,
            .logical, .binary, .list, .map, .comprehension:
            return type(of: syntax)
        }
    }
}

import EventModel

extension Checker {
    mutating func call(
        _ receiver: Syntax?,
        _ name: String,
        _ arguments: [Syntax],
        _ offset: Int
    ) -> ExpressionType {
        guard let receiver else {
            return function(name, .global, arguments, offset)
        }
        if let dotted = dotted(receiver, name) {
            return function(dotted, .global, arguments, offset)
        }
        return function(name, .receiver, [receiver] + arguments, offset)
    }

    /// `math.abs` for the call `math.abs(x)`, if there is a function of that name.
    private func dotted(_ receiver: Syntax, _ name: String) -> String? {
        var names = [name]
        var current = receiver
        while case .member(let operand, let member, isOptional: false) = current.kind {
            names.append(member)
            current = operand
        }
        guard case .name(let root, let isAbsolute) = current.kind,
            isAbsolute || local(root) == nil
        else { return nil }
        names.append(root)
        let dotted = names.reversed().joined(separator: ".")
        return environment.functions.names.contains(dotted) ? dotted : nil
    }

    private mutating func function(
        _ name: String,
        _ style: ExpressionFunction.Style,
        _ arguments: [Syntax],
        _ offset: Int
    ) -> ExpressionType {
        var types: [ExpressionType] = []
        for argument in arguments { types.append(type(of: argument)) }
        let library = environment.functions
        let known = library.signatures[name, default: []].filter { $0.style == style }
        guard library.body(name, style, arguments.count) != nil || !known.isEmpty else {
            if !environment.defersUnknownFunctions {
                let fault = environment.unknown(name, style, arguments.count, offset)
                report(fault.code, fault.message, fault.offset)
            }
            return .dyn
        }
        // A function without a signature takes and gives anything.
        guard !known.isEmpty else { return .dyn }
        if let result = result(of: known, types) { return result }
        let shown = types.map { unifier.resolved($0, openBecomes: .dyn).description }
        var message = "no such overload: \(name)(\(shown.joined(separator: ", ")))"
        let fitting = known.filter { $0.parameters(for: arguments.count) != nil }
        let candidates = (fitting.isEmpty ? known : fitting).prefix(3).map(\.description)
        message += "; there is \(candidates.joined(separator: ", "))"
        report(.noSuchOverload, message, offset)
        return known.count == 1 ? concrete(known[0].result) : .dyn
    }

    private func concrete(_ type: ExpressionType) -> ExpressionType {
        type.isVague ? .dyn : type
    }

    /// What the signatures that fit give: of the first one, or `dyn` if the arguments are too vague to
    /// tell between several.
    private mutating func result(
        of signatures: [FunctionSignature],
        _ types: [ExpressionType]
    ) -> ExpressionType? {
        let isVague = types.contains { unifier.resolved($0).isVague }
        var found: ExpressionType?
        for signature in signatures {
            guard let wanted = signature.parameters(for: types.count) else { continue }
            var names: [String: ExpressionType] = [:]
            let parameters = wanted.map { opened($0, &names) }
            guard unifier.areAssignable(types, to: parameters) else { continue }
            let result = unifier.resolved(opened(signature.result, &names))
            guard isVague else { return result }
            if let known = found {
                found = known == result ? known : .dyn
            } else {
                found = result
            }
        }
        return found
    }

    /// The type with an open type of its own for each letter of a signature.
    private mutating func opened(
        _ type: ExpressionType,
        _ names: inout [String: ExpressionType]
    ) -> ExpressionType {
        switch type {
        case .parameter(let name):
            if let known = names[name] { return known }
            let fresh = unifier.fresh()
            names[name] = fresh
            return fresh
        case .list(let element): return .list(opened(element, &names))
        case .map(let key, let value):
            return .map(opened(key, &names), opened(value, &names))
        case .nullable(let content): return .nullable(opened(content, &names))
        case .optional(let content): return .optional(opened(content, &names))
        case .opaque(let name, let parameters):
            return .opaque(name, parameters.map { opened($0, &names) })
        case .dyn, .null, .bool, .int, .uint, .double, .string, .bytes, .timestamp, .duration,
            .object, .type:
            return type
        }
    }
}

import EventModel

extension Checker {
    /// The type of a name, a member, an element or `has()`.
    mutating func access(_ syntax: Syntax) -> ExpressionType {
        switch syntax.kind {
        case .name(let name, let isAbsolute):
            if !isAbsolute, let type = local(name) { return type }
            return free([name], [syntax.offset], isAbsolute)
        case .member(let operand, let name, let isOptional):
            if !isOptional, let path = path(syntax) {
                return free(path.names, path.offsets, path.isAbsolute)
            }
            return member(type(of: operand), name, isOptional: isOptional, syntax.offset)
        case .presence(let operand, let name):
            _ = member(type(of: operand), name, isOptional: true, syntax.offset)
            return .bool
        case .index(let operand, let key, let isOptional):
            let container = type(of: operand)
            return index(container, key, isOptional: isOptional, syntax.offset)
        case .literal, .call, .not, .negate, .conditional, .logical, .binary, .list, .map,
            .comprehension, .bind, .optionalMap, .sortBy, .block:
            return type(of: syntax)
        }
    }

    private struct Path {
        var names: [String]
        var offsets: [Int]
        var isAbsolute: Bool
    }

    /// A free name with the members behind it, unless it begins with a macro's variable.
    private func path(_ syntax: Syntax) -> Path? {
        var path = Path(names: [], offsets: [], isAbsolute: false)
        var current = syntax
        while case .member(let operand, let name, isOptional: false) = current.kind {
            path.names.append(name)
            path.offsets.append(current.offset)
            current = operand
        }
        guard case .name(let name, let isAbsolute) = current.kind,
            isAbsolute || local(name) == nil
        else { return nil }
        path.names = (path.names + [name]).reversed()
        path.offsets = (path.offsets + [current.offset]).reversed()
        path.isAbsolute = isAbsolute
        return path
    }

    /// The type of a variable with members behind it; the longest name that is declared wins.
    private mutating func free(
        _ names: [String],
        _ offsets: [Int],
        _ isAbsolute: Bool
    ) -> ExpressionType {
        let variables = environment.variables ?? [:]
        for prefix in isAbsolute ? [""] : environment.containerPrefixes {
            for length in stride(from: names.count, through: 1, by: -1) {
                let name = prefix + names[..<length].joined(separator: ".")
                guard let type = variables[name] else { continue }
                return members(of: type, names, offsets, from: length)
            }
        }
        if Resolver.isTypeName(names.joined(separator: ".")) { return .type }
        if environment.variables == nil { return .dyn }
        if Resolver.isTypeName(names[0]) { return members(of: .type, names, offsets, from: 1) }
        var message = "there is no variable '\(names[0])'"
        if let near = Suggestion.nearest(names[0], among: variables.keys.sorted()) {
            message += "; did you mean '\(near)'?"
        }
        report(.undeclaredReference, message, offsets[0])
        return .dyn
    }

    private mutating func members(
        of type: ExpressionType,
        _ names: [String],
        _ offsets: [Int],
        from start: Int
    ) -> ExpressionType {
        var type = type
        for index in start..<names.count {
            type = member(type, names[index], isOptional: false, offsets[index])
        }
        return type
    }

    private mutating func member(
        _ container: ExpressionType,
        _ name: String,
        isOptional: Bool,
        _ offset: Int
    ) -> ExpressionType {
        if case .optional(let content) = container {
            // What is chained to an optional is one too.
            let inner = member(content, name, isOptional: false, offset)
            return .optional(inner)
        }
        let found: ExpressionType
        switch unifier.resolved(container.unwrapped) {
        case .map(let key, let value):
            if !unifier.isAssignable(.string, to: key) {
                report(
                    .noSuchKey,
                    "the keys of this map are \(key)s; it has no member '\(name)'",
                    offset
                )
            }
            found = value
        case .object(let object):
            found = object.member(name) ?? missing(name, in: object, offset)
        case .dyn, .parameter:
            found = .dyn
        case .null, .bool, .int, .uint, .double, .string, .bytes, .timestamp, .duration, .list,
            .nullable, .optional, .type, .opaque:
            report(
                .noSuchOverload,
                "a value of type \(container) has no member '\(name)'",
                offset
            )
            found = .dyn
        }
        return isOptional ? .optional(found) : found
    }

    private mutating func missing(
        _ name: String,
        in object: ObjectType,
        _ offset: Int
    ) -> ExpressionType {
        let place = object.name.isEmpty ? "this map" : "'\(object.name)'"
        var message = "no such key: \(place) has no member '\(name)'"
        if let near = Suggestion.nearest(name, among: object.members.keys.sorted()) {
            message += "; did you mean '\(near)'?"
        }
        report(.noSuchKey, message, offset)
        return .dyn
    }

    private mutating func index(
        _ container: ExpressionType,
        _ key: Syntax,
        isOptional: Bool,
        _ offset: Int
    ) -> ExpressionType {
        if case .optional(let content) = container {
            return .optional(index(content, key, isOptional: false, offset))
        }
        let keyType = type(of: key)
        var found: ExpressionType?
        switch unifier.resolved(container.unwrapped) {
        case .list(let element):
            if keyType.unwrapped.isNumber || unifier.isAssignable(keyType, to: .int) {
                found = element
            }
        case .map(let wanted, let value):
            let isNumeric = wanted.isNumber && keyType.unwrapped.isNumber
            if isNumeric || unifier.isAssignable(keyType, to: wanted) { found = value }
        case .object(let object):
            if case .literal(.string(let name)) = key.kind {
                found = object.member(name) ?? missing(name, in: object, key.offset)
            } else if unifier.isAssignable(keyType, to: .string) {
                found = object.memberType
            }
        case .dyn, .parameter:
            found = .dyn
        case .null, .bool, .int, .uint, .double, .string, .bytes, .timestamp, .duration,
            .nullable, .optional, .type, .opaque:
            break
        }
        if found == nil {
            report(.noSuchOverload, "no such overload: \(container)[\(keyType)]", offset)
        }
        return isOptional ? .optional(found ?? .dyn) : found ?? .dyn
    }
}

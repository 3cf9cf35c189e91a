/// Finds out which types fit each other, and what the open types of signatures stand for.
///
/// After the type checker that cel-spec describes (language definition, "Gradual type checking"): an
/// open type takes the most general of the types that it was matched with, `dyn` fits everything.
struct TypeUnifier {
    private var bindings: [String: ExpressionType] = [:]
    /// What was bound and what stood there before, so that a match that fails can be undone.
    private var trail: [(name: String, before: ExpressionType?)] = []
    private var count = 0

    /// An open type that nothing else has.
    mutating func fresh() -> ExpressionType {
        count += 1
        return .parameter("T\(count)")
    }

    /// Whether a value of a type can stand where another is wanted; open types are bound only then.
    mutating func isAssignable(_ type: ExpressionType, to wanted: ExpressionType) -> Bool {
        let mark = trail.count
        if unify(type, wanted) { return true }
        undo(to: mark)
        return false
    }

    mutating func areAssignable(_ types: [ExpressionType], to wanted: [ExpressionType]) -> Bool {
        let mark = trail.count
        for (type, other) in zip(types, wanted) {
            guard unify(type, other) else {
                undo(to: mark)
                return false
            }
        }
        return true
    }

    private mutating func undo(to mark: Int) {
        while trail.count > mark, let last = trail.popLast() { bindings[last.name] = last.before }
    }

    private mutating func bind(_ name: String, _ type: ExpressionType) {
        trail.append((name, bindings[name]))
        bindings[name] = type
    }

    /// The type with what is known of its open types.
    func resolved(_ type: ExpressionType, openBecomes open: ExpressionType? = nil) -> ExpressionType
    {
        switch type {
        case .parameter(let name):
            if let bound = bindings[name] { return resolved(bound, openBecomes: open) }
            return open ?? type
        case .list(let element): return .list(resolved(element, openBecomes: open))
        case .map(let key, let value):
            return .map(resolved(key, openBecomes: open), resolved(value, openBecomes: open))
        case .nullable(let content):
            let inner = resolved(content, openBecomes: open)
            switch inner {
            case .nullable, .dyn: return inner
            case .null, .bool, .int, .uint, .double, .string, .bytes, .timestamp, .duration,
                .list, .map, .object, .optional, .type, .opaque, .parameter:
                return .nullable(inner)
            }
        case .optional(let content): return .optional(resolved(content, openBecomes: open))
        case .opaque(let name, let parameters):
            return .opaque(name, parameters.map { resolved($0, openBecomes: open) })
        case .dyn, .null, .bool, .int, .uint, .double, .string, .bytes, .timestamp, .duration,
            .object, .type:
            return type
        }
    }

    /// The type that has room for both; `dyn` if they have nothing in common.
    mutating func joined(_ left: ExpressionType, _ right: ExpressionType) -> ExpressionType {
        let (left, right) = (resolved(left), resolved(right))
        if left == right { return left }
        if case .object(let first) = left, case .object(let second) = right {
            return .object(joined(first, second))
        }
        if isAssignable(left, to: right) { return Self.moreGeneral(left, right) }
        if isAssignable(right, to: left) { return Self.moreGeneral(left, right) }
        if left == .null { return .nullable(right) }
        if right == .null { return .nullable(left) }
        return .dyn
    }

    private mutating func joined(_ left: ObjectType, _ right: ObjectType) -> ObjectType {
        var result = ObjectType(
            left.name == right.name ? left.name : "",
            members: left.members,
            rest: left.rest ?? right.rest
        )
        for (name, type) in right.members {
            result.members[name] = left.members[name].map { joined($0, type) } ?? type
        }
        return result
    }
}

// MARK: Matching

extension TypeUnifier {
    private mutating func unify(_ type: ExpressionType, _ wanted: ExpressionType) -> Bool {
        if case .parameter(let name) = wanted {
            if let fits = substitute(name, with: type) { return fits }
        }
        if case .parameter(let name) = type { return substitute(name, with: wanted) ?? false }
        switch (type, wanted) {
        case (.dyn, _), (_, .dyn): return true
        case (.nullable(let type), .nullable(let wanted)): return unify(type, wanted)
        case (.null, .nullable): return true
        case (.nullable(let type), _): return unify(type, wanted)
        case (_, .nullable(let wanted)): return unify(type, wanted)
        case (.list(let type), .list(let wanted)): return unify(type, wanted)
        case (.optional(let type), .optional(let wanted)): return unify(type, wanted)
        case (.map(let key, let value), .map(let wantedKey, let wantedValue)):
            return unify(key, wantedKey) && unify(value, wantedValue)
        case (.object(let object), .map(let key, let value)):
            return unify(.string, key) && unify(object.memberType, value)
        case (.map(let key, _), .object): return unify(key, .string)
        case (.object(let object), .object(let wanted)): return unify(object, wanted)
        case (.opaque(let name, let types), .opaque(let wantedName, let wantedTypes)):
            guard name == wantedName, types.count == wantedTypes.count else { return false }
            for (type, wanted) in zip(types, wantedTypes) {
                guard unify(type, wanted) else { return false }
            }
            return true
        case (.null, _), (.bool, _), (.int, _), (.uint, _), (.double, _), (.string, _),
            (.bytes, _), (.timestamp, _), (.duration, _), (.list, _), (.map, _), (.object, _),
            (.optional, _), (.type, _), (.opaque, _), (.parameter, _):
            return type == wanted
        }
    }

    private mutating func unify(_ object: ObjectType, _ wanted: ObjectType) -> Bool {
        for (name, type) in wanted.members {
            guard let own = object.member(name) else { continue }
            guard unify(own, type) else { return false }
        }
        return true
    }

    /// Lets an open type stand for a type; nil if it stands for nothing yet and cannot for this.
    private mutating func substitute(_ name: String, with type: ExpressionType) -> Bool? {
        if type == .parameter(name) { return true }
        guard let bound = bindings[name] else {
            guard !occurs(name, in: type) else { return nil }
            bind(name, type)
            return true
        }
        if type == bound { return true }
        guard unify(type, bound) else { return false }
        let general = Self.moreGeneral(type, bound)
        if !occurs(name, in: general) { bind(name, general) }
        return true
    }

    private func occurs(_ name: String, in type: ExpressionType) -> Bool {
        switch type {
        case .parameter(let other):
            if other == name { return true }
            guard let bound = bindings[other] else { return false }
            return occurs(name, in: bound)
        case .list(let content), .nullable(let content), .optional(let content):
            return occurs(name, in: content)
        case .map(let key, let value): return occurs(name, in: key) || occurs(name, in: value)
        case .opaque(_, let parameters): return parameters.contains { occurs(name, in: $0) }
        case .dyn, .null, .bool, .int, .uint, .double, .string, .bytes, .timestamp, .duration,
            .object, .type:
            return false
        }
    }

    static func moreGeneral(_ left: ExpressionType, _ right: ExpressionType) -> ExpressionType {
        isLessSpecific(left, right) ? left : right
    }

    private static func isLessSpecific(_ left: ExpressionType, _ right: ExpressionType) -> Bool {
        switch (left, right) {
        case (.dyn, _), (.parameter, _): true
        case (_, .dyn), (_, .parameter): false
        case (.nullable(let left), _): isLessSpecific(left, right.unwrapped)
        case (_, .nullable): false
        case (.list(let left), .list(let right)): isLessSpecific(left, right)
        case (.optional(let left), .optional(let right)): isLessSpecific(left, right)
        case (.map(let leftKey, let left), .map(let rightKey, let right)):
            isLessSpecific(leftKey, rightKey) && isLessSpecific(left, right)
        case (.map, .object): true
        case (.opaque(let leftName, let left), .opaque(let rightName, let right)):
            leftName == rightName && left.count == right.count
                && zip(left, right).allSatisfy { isLessSpecific($0, $1) }
        case (.null, _), (.bool, _), (.int, _), (.uint, _), (.double, _), (.string, _),
            (.bytes, _), (.timestamp, _), (.duration, _), (.list, _), (.map, _), (.object, _),
            (.optional, _), (.type, _), (.opaque, _):
            left == right
        }
    }
}

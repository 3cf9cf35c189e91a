import EventModel

/// Which parts of an event's data are personal.
indirect enum Mask: Sendable, Hashable {
    /// Nothing is.
    case none
    /// The whole value, whatever it is; a null says nothing and stays.
    case whole
    /// Every text and every long number beneath; the shape stays readable.
    case leaves
    /// Members of a map; the others are not personal.
    case members([String: Mask])
    /// Every element of a list and every member of a map.
    case every(Mask)

    /// Numbers from here on may be telephone or account numbers.
    static let longNumber = 1_000_000.0

    /// The mask of a member of a map.
    func member(_ key: MapKey) -> Mask {
        switch self {
        case .none, .whole: return .none
        case .leaves: return .leaves
        case .every(let mask): return mask
        case .members(let members):
            guard case .string(let key) = key else { return .none }
            return members[key] ?? .none
        }
    }

    /// The mask of an element of a list.
    var element: Mask {
        switch self {
        case .none, .whole, .members: .none
        case .leaves: .leaves
        case .every(let mask): mask
        }
    }

    /// Whether a value that is no list and no map is to be sealed.
    func seals(leaf value: Value) -> Bool {
        switch self {
        case .none, .members, .every: return false
        case .whole: return !value.isNull
        case .leaves:
            switch value {
            case .string(let text): return !text.isEmpty
            case .bytes: return true
            case .int, .uint, .double:
                return abs(value.doubleValue ?? 0) >= Mask.longNumber
            case .null, .bool, .timestamp, .duration, .list, .map: return false
            }
        }
    }
}

/// Takes personal values out of an event's data and puts them back.
///
/// In the place of each taken value stands `‹erased›`, a text that every reader understands. The
/// values are kept in the order of a walk over the data, which the deterministic order of maps fixes, so
/// no paths need to be kept. Where the text itself stands in the data of a sealed event it is taken as
/// well, so that the places of a sealed event can never be mistaken.
enum Masking {
    /// What was taken out.
    struct Taken {
        var data: Value
        /// The values in the order of the walk.
        var values: [Value] = []
        /// How many of them the mask wanted; the others only looked like `‹erased›`.
        var personalCount = 0
    }

    /// Takes out what the mask wants.
    static func take(_ data: Value, _ mask: Mask) -> Taken {
        var taken = Taken(data: .null)
        taken.data = take(data, mask, &taken)
        return taken
    }

    private static func take(_ value: Value, _ mask: Mask, _ taken: inout Taken) -> Value {
        if value == .erased {
            taken.values.append(value)
            return value
        }
        if mask == .whole, !value.isNull { return collect(value, &taken) }
        switch value {
        case .list(let elements):
            let mask = mask.element
            return .list(elements.map { take($0, mask, &taken) })
        case .map(let map):
            var result = map
            for entry in map.entries {
                result[entry.key] = take(entry.value, mask.member(entry.key), &taken)
            }
            return .map(result)
        case .null, .bool, .int, .uint, .double, .string, .bytes, .timestamp, .duration:
            return mask.seals(leaf: value) ? collect(value, &taken) : value
        }
    }

    private static func collect(_ value: Value, _ taken: inout Taken) -> Value {
        taken.values.append(value)
        taken.personalCount += 1
        return .erased
    }

    /// Puts values back in the places that they were taken from; nil if there are more or fewer places.
    static func restore(_ values: [Value], in data: Value) -> Value? {
        var left = values[...]
        var isShort = false
        let restored = replace(in: data) {
            guard let value = left.popFirst() else {
                isShort = true
                return .null
            }
            return value
        }
        // Not '? nil : …', which would be a null value.
        guard !isShort, left.isEmpty else { return .none }
        return .some(restored)
    }

    /// Puts a text in every place that something was taken from.
    static func mark(_ data: Value, _ text: String) -> Value {
        replace(in: data) { .string(text) }
    }

    private static func replace(in value: Value, _ next: () -> Value) -> Value {
        if value == .erased { return next() }
        switch value {
        case .list(let elements):
            return .list(elements.map { replace(in: $0, next) })
        case .map(let map):
            var result = map
            for entry in map.entries { result[entry.key] = replace(in: entry.value, next) }
            return .map(result)
        case .null, .bool, .int, .uint, .double, .string, .bytes, .timestamp, .duration:
            return value
        }
    }
}

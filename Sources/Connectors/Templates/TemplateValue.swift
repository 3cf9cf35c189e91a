import EventModel

/// What an expression of a template gives.
struct TemplateValue: Sendable {
    /// Nil if the name or member does not exist.
    var value: Value?
    /// True if the text is markup already and must not be escaped again.
    var isSafe = false

    init(_ value: Value?, isSafe: Bool = false) {
        self.value = value
        self.isSafe = isSafe
    }

    static let undefined = TemplateValue(nil)

    /// Nothing there: neither a missing name nor a null counts as something.
    var isMissing: Bool { value == nil || value == .null }

    /// Python's truth: nothing, zero and what is empty are false.
    var isTrue: Bool {
        switch value {
        case nil, .null: false
        case .bool(let truth): truth
        case .int(let number): number != 0
        case .uint(let number): number != 0
        case .double(let number): number != 0
        case .string(let text): !text.isEmpty
        case .bytes(let bytes): !bytes.isEmpty
        case .timestamp: true
        case .duration(let duration): duration != .zero
        case .list(let elements): !elements.isEmpty
        case .map(let map): !map.isEmpty
        }
    }

    /// As it is printed.
    var text: String { value.map(TemplateText.text) ?? "" }

    /// What a loop runs over: elements, the keys of a map, the characters of a text.
    var elements: [Value]? {
        switch value {
        case nil: []
        case .list(let elements): elements
        case .map(let map): map.entries.map { TemplateText.value($0.key) }
        case .string(let text): text.unicodeScalars.map { .string(String($0)) }
        case .null, .bool, .int, .uint, .double, .bytes, .timestamp, .duration: nil
        }
    }

    /// The member of a map by its key, or the element of a list or text by its number.
    func item(_ key: Value) -> TemplateValue {
        switch value {
        case .map(let map):
            guard let key = TemplateText.key(key) else { return .undefined }
            return TemplateValue(map[key])
        case .list(let elements):
            guard let index = Self.index(key, count: elements.count) else { return .undefined }
            return TemplateValue(elements[index])
        case .string(let text):
            // Numbers count code points, as in Python.
            let scalars = Array(text.unicodeScalars)
            guard let index = Self.index(key, count: scalars.count) else { return .undefined }
            return TemplateValue(.string(String(scalars[index])), isSafe: isSafe)
        case nil, .null, .bool, .int, .uint, .double, .bytes, .timestamp, .duration:
            return .undefined
        }
    }

    /// Counted from the end if negative; nil outside.
    private static func index(_ key: Value, count: Int) -> Int? {
        guard let number = key.intValue, let index = Int(exactly: number) else { return nil }
        let fromStart = index < 0 ? index + count : index
        return (0..<count).contains(fromStart) ? fromStart : nil
    }

    /// Python's equality: numbers by their size whatever their type, everything else by content.
    static func areEqual(_ left: Value?, _ right: Value?) -> Bool {
        guard let left, let right else { return left == nil && right == nil }
        if let left = number(left), let right = number(right) {
            if let left = left.intValue, let right = right.intValue { return left == right }
            return left.doubleValue == right.doubleValue
        }
        switch (left, right) {
        case (.list(let left), .list(let right)):
            return left.count == right.count
                && zip(left, right).allSatisfy { areEqual($0, $1) }
        case (.map(let left), .map(let right)):
            return left.count == right.count
                && left.entries.allSatisfy { entry in
                    right[entry.key].map { areEqual(entry.value, $0) } ?? false
                }
        default:
            return left == right
        }
    }

    /// True if the left comes first; nil if the two cannot be ordered.
    static func isLess(_ left: Value?, _ right: Value?) -> Bool? {
        guard let left, let right else { return nil }
        if let left = number(left), let right = number(right) {
            if let left = left.intValue, let right = right.intValue { return left < right }
            guard let left = left.doubleValue, let right = right.doubleValue else { return nil }
            return left < right
        }
        switch (left, right) {
        case (.string(let left), .string(let right)):
            return left.unicodeScalars.lexicographicallyPrecedes(right.unicodeScalars)
        case (.timestamp(let left), .timestamp(let right)): return left < right
        case (.duration(let left), .duration(let right)): return left < right
        default: return nil
        }
    }

    /// A number, or a boolean as 0 or 1.
    private static func number(_ value: Value) -> Value? {
        switch value {
        case .bool(let truth): .int(truth ? 1 : 0)
        case .int, .uint, .double: value
        case .null, .string, .bytes, .timestamp, .duration, .list, .map: nil
        }
    }
}

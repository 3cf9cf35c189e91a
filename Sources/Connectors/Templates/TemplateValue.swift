import EventModel
import Stencil

/// What an expression gives, and all that Stencil is handed, so that it looks into nothing itself.
struct TemplateValue: Sendable, DynamicMemberLookup {
    /// Nil if the name or member does not exist.
    var value: Value?
    /// True if the text is markup already and must not be escaped again.
    var isSafe = false

    init(_ value: Value?, isSafe: Bool = false) {
        self.value = value
        self.isSafe = isSafe
    }

    /// Takes what Stencil itself makes, such as `forloop.counter`, as well.
    init(any: Any?) {
        switch any {
        case let value as TemplateValue: self = value
        case let text as String: value = .string(text)
        case let truth as Bool: value = .bool(truth)
        case let number as Int: value = .int(Int64(number))
        default: value = nil
        }
    }

    /// Nothing there: neither a missing name nor a null counts as something.
    var isMissing: Bool { value == nil || value == .null }

    /// Nothing, false, zero and what is empty are false.
    var isTrue: Bool {
        switch value {
        case nil, .null: false
        case .bool(let truth): truth
        case .int, .uint, .double: value?.doubleValue != 0
        case .string(let text): !text.isEmpty
        case .bytes(let bytes): !bytes.isEmpty
        case .timestamp: true
        case .duration(let duration): duration != .zero
        case .list(let elements): !elements.isEmpty
        case .map(let map): !map.isEmpty
        }
    }

    /// As it is printed: an instant as RFC 3339, a list or map as JSON, nothing for a null.
    var text: String {
        switch value {
        case nil, .null: ""
        case .string(let text): text
        case .bool(let truth): truth ? "true" : "false"
        case .int(let number): "\(number)"
        case .uint(let number): "\(number)"
        case .double(let number): "\(number)"
        case .timestamp(let instant): instant.rfc3339
        case .duration(let duration): DurationText.iso8601(duration)
        case .bytes(let bytes): Base64URL.encode(bytes)
        case .list, .map: value.flatMap { try? JSON.text($0) } ?? ""
        }
    }

    /// The text with the five characters that HTML gives a meaning replaced.
    var markup: String {
        guard !isSafe else { return text }
        return text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
            .replacing(">", with: "&gt;").replacing("\"", with: "&#34;")
            .replacing("'", with: "&#39;")
    }

    /// What a loop runs over: elements, the keys of a map, the characters of a text.
    var elements: [Value]? {
        switch value {
        case nil, .null: []
        case .list(let elements): elements
        case .map(let map): map.entries.map { TemplateValue(key: $0.key).value ?? .null }
        // Characters are code points, as in Python.
        case .string(let text): text.unicodeScalars.map { .string(String($0)) }
        case .bool, .int, .uint, .double, .bytes, .timestamp, .duration: nil
        }
    }

    private init(key: MapKey) {
        switch key {
        case .string(let text): value = .string(text)
        case .int(let number): value = .int(number)
        case .uint(let number): value = .uint(number)
        case .bool(let truth): value = .bool(truth)
        }
    }

    /// What Stencil gives a loop: for several variables pairs, which it takes apart.
    func loop(variables count: Int) throws(TemplateFailure) -> [Any] {
        guard let elements else {
            throw TemplateFailure(.evaluation, "a loop wants a list, not '\(text)'")
        }
        guard count > 1 else { return elements.map { TemplateValue($0) } }
        if case .map(let map) = value {
            return map.entries.map { (TemplateValue(key: $0.key), TemplateValue($0.value)) }
        }
        var pairs: [Any] = []
        for element in elements {
            guard count == 2, case .list(let pair) = element, pair.count == 2 else {
                throw TemplateFailure(.evaluation, "two variables want a map or a list of pairs")
            }
            pairs.append((TemplateValue(pair[0]), TemplateValue(pair[1])))
        }
        return pairs
    }

    /// The way Stencil follows a path; a list has `first`, `last` and `count`.
    subscript(dynamicMember member: String) -> Any? {
        if case .map(let map) = value, let found = map[member] { return TemplateValue(found) }
        if let number = Int64(member) { return item(.int(number)) }
        guard case .list(let elements) = value else { return nil }
        return switch member {
        case "first": elements.first.map { TemplateValue($0) }
        case "last": elements.last.map { TemplateValue($0) }
        case "count": TemplateValue(.int(Int64(elements.count)))
        default: nil
        }
    }

    /// The member of a map by its key, or the element of a list or text by its number.
    func item(_ key: Value) -> TemplateValue {
        switch (value, key) {
        case (.map(let map), .string(let key)): return TemplateValue(map[key])
        case (.map(let map), .int(let key)): return TemplateValue(map[.int(key)])
        case (.list, .int(let number)), (.string, .int(let number)):
            // A negative number counts from the end.
            let elements = elements ?? []
            let index = number < 0 ? Int(number) + elements.count : Int(number)
            return TemplateValue(elements.indices.contains(index) ? elements[index] : nil)
        default: return TemplateValue(nil)
        }
    }

    /// Numbers by their size whatever their type, everything else by content.
    static func areEqual(_ left: TemplateValue, _ right: TemplateValue) -> Bool {
        if let left = left.value?.intValue, let right = right.value?.intValue {
            return left == right
        }
        if let left = left.value?.doubleValue, let right = right.value?.doubleValue {
            return left == right
        }
        return left.isMissing && right.isMissing || left.value == right.value
    }

    /// True if the left comes first; nil if the two cannot be ordered.
    static func isLess(_ left: TemplateValue, _ right: TemplateValue) -> Bool? {
        switch (left.value, right.value) {
        case (.string(let left), .string(let right)):
            return left.unicodeScalars.lexicographicallyPrecedes(right.unicodeScalars)
        case (.timestamp(let left), .timestamp(let right)): return left < right
        case (.int(let left), .int(let right)): return left < right
        default:
            guard let left = left.value?.doubleValue, let right = right.value?.doubleValue else {
                return nil
            }
            return left < right
        }
    }
}

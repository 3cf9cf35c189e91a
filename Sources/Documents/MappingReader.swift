import EventModel

/// Reads the members of a mapping and collects every mistake instead of stopping at the first.
///
/// Ask for each known key once, then call ``finish()``: what nobody asked for is reported as
/// unknown, with the nearest known key as a suggestion.
public struct MappingReader {
    public let place: Place
    public private(set) var problems: [Problem] = []
    private let members: [Node.Member]
    private var known: [String] = []

    /// Starts reading; a node that is no mapping is itself a problem and reads as an empty one.
    public init(_ node: Node, what: String) {
        place = node.place
        if let members = node.members {
            self.members = members
        } else {
            members = []
            problems.append(
                Problem(at: node.place, "\(what) must be a mapping, not a \(node.kind)")
            )
        }
    }

    /// Adds a mistake that the caller found.
    public mutating func report(_ problem: Problem) { problems.append(problem) }

    /// Adds the mistakes of a part that was read by another reader.
    public mutating func report(_ more: [Problem]) { problems += more }

    /// The node of a key, or nil if it is missing.
    public mutating func node(_ key: String) -> Node? {
        known.append(key)
        return members.first { $0.key == key }?.node
    }

    /// The node of a key that must be there.
    public mutating func required(_ key: String) -> Node? {
        let node = node(key)
        if node == nil { problems.append(Problem(at: place, "the key '\(key)' is missing")) }
        return node
    }

    /// The text of a key, or nil if it is missing; anything but a text is reported.
    public mutating func text(_ key: String) -> String? {
        guard let node = node(key) else { return nil }
        guard let text = node.text else { return wrong(key, node, "a text") }
        return text
    }

    /// The text of a key that must be there.
    public mutating func requiredText(_ key: String) -> String? {
        guard let node = required(key) else { return nil }
        guard let text = node.text else { return wrong(key, node, "a text") }
        return text
    }

    /// The whole number of a key, or nil; anything outside `range` is reported.
    public mutating func integer(_ key: String, in range: ClosedRange<Int64>) -> Int64? {
        guard let node = node(key) else { return nil }
        guard let number = node.scalar?.intValue else { return wrong(key, node, "a whole number") }
        guard range.contains(number) else {
            let bounds = "\(range.lowerBound) to \(range.upperBound)"
            problems.append(Problem(at: node.place, "'\(key)' must be \(bounds), not \(number)"))
            return nil
        }
        return number
    }

    /// The number of a key, whole or not, or nil.
    public mutating func number(_ key: String) -> Double? {
        guard let node = node(key) else { return nil }
        guard let number = node.scalar?.doubleValue else { return wrong(key, node, "a number") }
        return number
    }

    /// The boolean of a key, or nil.
    public mutating func boolean(_ key: String) -> Bool? {
        guard let node = node(key) else { return nil }
        guard let truth = node.scalar?.boolValue else { return wrong(key, node, "true or false") }
        return truth
    }

    /// The list of a key, or nil.
    public mutating func elements(_ key: String) -> [Node]? {
        guard let node = node(key) else { return nil }
        guard let elements = node.elements else { return wrong(key, node, "a list") }
        return elements
    }

    /// The texts of a key that holds a list of texts or one text alone.
    public mutating func texts(_ key: String) -> [String]? {
        guard let node = node(key) else { return nil }
        if let text = node.text { return [text] }
        guard let elements = node.elements else { return wrong(key, node, "a list of texts") }
        return elements.compactMap { element in
            if let text = element.text { return text }
            let message = "'\(key)' must hold texts, not a \(element.kind)"
            problems.append(Problem(at: element.place, message))
            return nil
        }
    }

    /// One of several words, or nil; another word is reported with the nearest as a suggestion.
    public mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String,
        of type: Choice.Type
    ) -> Choice? where Choice.RawValue == String {
        guard let node = node(key) else { return nil }
        guard let text = node.text else { return wrong(key, node, "a word") }
        if let choice = Choice(rawValue: text) { return choice }
        let words = Choice.allCases.map(\.rawValue)
        problems.append(
            Problem(
                at: node.place,
                "'\(text)' is no \(key)",
                remedy: Suggestion.remedy(for: text, among: words)
            )
        )
        return nil
    }

    /// Reports the keys that nobody asked for and gives back all mistakes.
    public mutating func finish() -> [Problem] {
        for member in members where !known.contains(member.key) {
            problems.append(
                Problem(
                    at: member.keyPlace,
                    "unknown key '\(member.key)'",
                    remedy: Suggestion.remedy(for: member.key, among: known)
                )
            )
        }
        return problems
    }

    private mutating func wrong<Result>(_ key: String, _ node: Node, _ wanted: String) -> Result? {
        problems.append(Problem(at: node.place, "'\(key)' must be \(wanted), not a \(node.kind)"))
        return nil
    }
}

import Documents
import EventModel
import WorkflowEngine

/// Reads the members of a step's input; what is wrong is named with the field and a remedy.
struct ActionInput {
    let members: ValueMap

    init(_ request: ActionRequest) { members = request.input.mapValue ?? ValueMap() }

    /// A text that must be there and hold something.
    func text(_ key: String) throws(ActionFailure) -> String {
        guard let text = try optionalText(key) else {
            throw ActionInput.invalid(key, "is missing", remedy: "give a text")
        }
        return text
    }

    /// A text; nil if it is missing, null or empty.
    func optionalText(_ key: String) throws(ActionFailure) -> String? {
        guard let value = present(key) else { return nil }
        guard let text = value.stringValue else {
            throw ActionInput.invalid(key, "is a \(value.typeName)", remedy: "give a text")
        }
        return text.isEmpty ? nil : text
    }

    func timestamp(_ key: String) throws(ActionFailure) -> Timestamp {
        guard let instant = try optionalTimestamp(key) else {
            throw ActionInput.invalid(key, "is missing", remedy: ActionInput.timestampRemedy)
        }
        return instant
    }

    func optionalTimestamp(_ key: String) throws(ActionFailure) -> Timestamp? {
        guard let value = present(key) else { return nil }
        guard let instant = ActionInput.timestamp(value) else {
            throw ActionInput.invalid(key, "is no timestamp", remedy: ActionInput.timestampRemedy)
        }
        return instant
    }

    func map(_ key: String) throws(ActionFailure) -> ValueMap {
        guard let map = try optionalMap(key) else {
            throw ActionInput.invalid(key, "is missing", remedy: "give a mapping")
        }
        return map
    }

    func optionalMap(_ key: String) throws(ActionFailure) -> ValueMap? {
        guard let value = present(key) else { return nil }
        guard let map = value.mapValue else {
            throw ActionInput.invalid(key, "is a \(value.typeName)", remedy: "give a mapping")
        }
        return map
    }

    func optionalList(_ key: String) throws(ActionFailure) -> [Value]? {
        guard let value = present(key) else { return nil }
        guard let list = value.listValue else {
            throw ActionInput.invalid(key, "is a \(value.typeName)", remedy: "give a list")
        }
        return list
    }

    /// Texts of a list, or one text alone.
    func optionalTexts(_ key: String) throws(ActionFailure) -> [String]? {
        guard let value = present(key) else { return nil }
        if let text = value.stringValue { return [text] }
        let texts = (value.listValue ?? []).compactMap(\.stringValue)
        guard let list = value.listValue, texts.count == list.count else {
            throw ActionInput.invalid(key, "holds something else", remedy: "give a list of texts")
        }
        return texts
    }

    func integer(
        _ key: String,
        default missing: Int,
        in range: ClosedRange<Int>
    ) throws(ActionFailure) -> Int {
        guard let value = present(key) else { return missing }
        guard let number = value.intValue.flatMap({ Int(exactly: $0) }), range.contains(number)
        else {
            let remedy = "give a whole number from \(range.lowerBound) to \(range.upperBound)"
            throw ActionInput.invalid(key, "is out of range", remedy: remedy)
        }
        return number
    }

    /// One of several words, whatever its case; nil if it is missing.
    func choice(_ key: String, of words: [String]) throws(ActionFailure) -> String? {
        guard let text = try optionalText(key) else { return nil }
        if let word = words.first(where: { $0.lowercased() == text.lowercased() }) { return word }
        throw ActionInput.invalid(
            key,
            "is '\(text)'",
            remedy: Suggestion.remedy(for: text, among: words)
        )
    }

    /// The interval from `starts_at` to `ends_at`.
    func interval() throws(ActionFailure) -> Interval {
        let interval = Interval(start: try timestamp("starts_at"), end: try timestamp("ends_at"))
        guard interval.start < interval.end else {
            throw ActionInput.invalid(
                "ends_at",
                "is not after starts_at",
                remedy: "give a later instant"
            )
        }
        return interval
    }

    static func timestamp(_ value: Value) -> Timestamp? {
        value.timestampValue ?? value.stringValue.flatMap { try? Timestamp(rfc3339: $0) }
    }

    static func invalid(_ field: String, _ problem: String, remedy: String) -> ActionFailure {
        ActionFailure(
            code: "invalid_input",
            message: "'\(field)' \(problem); \(remedy)",
            isRetryable: false,
            details: ["field": .string(field), "remedy": .string(remedy)]
        )
    }

    private static let timestampRemedy = "give a timestamp such as 2026-12-01T10:00:00Z"

    private func present(_ key: String) -> Value? {
        guard let value = members[key], !value.isNull else { return nil }
        return value
    }
}

import EventModel
import WorkflowEngine

/// Reads the input of the sending actions; a null counts as nothing.
struct MessageInput {
    private let value: Value

    init(_ value: Value) { self.value = value }

    func text(_ name: String) -> String? {
        guard let text = value[name]?.stringValue, !text.isEmpty else { return nil }
        return text
    }

    func required(_ name: String) throws(ActionFailure) -> String {
        guard let text = text(name) else { throw Self.invalid("'\(name)' must be a text") }
        return text
    }

    /// One text, or a list of them.
    func texts(_ name: String) throws(ActionFailure) -> [String] {
        switch value[name] {
        case nil, .null: return []
        case .string(let text): return text.isEmpty ? [] : [text]
        case .list(let elements):
            let texts = elements.compactMap(\.stringValue)
            guard texts.count == elements.count else {
                throw Self.invalid("'\(name)' must hold texts only")
            }
            return texts
        default: throw Self.invalid("'\(name)' must be a text or a list of texts")
        }
    }

    func map(_ name: String) -> ValueMap { value[name]?.mapValue ?? ValueMap() }

    static func invalid(_ message: String) -> ActionFailure {
        ActionFailure(code: "invalid_input", message: message, isRetryable: false)
    }
}

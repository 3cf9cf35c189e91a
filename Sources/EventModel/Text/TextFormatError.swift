/// Why a text is no instant, duration or the like.
public struct TextFormatError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The text, cut if it is long.
    public var text: String
    /// What is wrong and how to write it.
    public var reason: String

    init(_ text: String, _ reason: String) {
        self.text = String(text.prefix(80))
        self.reason = reason
    }

    public var description: String { "'\(text)' \(reason)" }
}

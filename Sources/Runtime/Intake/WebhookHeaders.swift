/// The headers of a delivery; names are compared without regard to case.
struct WebhookHeaders: Sendable {
    private let values: [String: [String]]

    init(_ headers: [(String, String)]) {
        var values: [String: [String]] = [:]
        for (name, value) in headers { values[name.lowercased(), default: []].append(value) }
        self.values = values
    }

    /// The value of a header that came exactly once.
    ///
    /// A header that came twice is taken as missing: two readers of one message could otherwise
    /// trust different values.
    subscript(name: String) -> String? {
        guard let found = values[name.lowercased()], found.count == 1 else { return nil }
        return found.first
    }
}

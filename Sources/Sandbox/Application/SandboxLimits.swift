/// How much the sandbox keeps; beyond it the oldest goes, or the request is refused.
enum SandboxLimits {
    static let pagesMax = 250_000
    /// Mails, text messages and Slack messages each.
    static let messagesKeptMax = 10_000
    static let requestsKeptMax = 10_000
    static let faultsMax = 1000
    static let mailBytesMax = 10 << 20
    static let mailRecipientsMax = 100
    static let mailLineBytesMax = 1 << 20
    static let mailConnectionsMax = 256
    /// Bodies of requests that are not Notion's.
    static let bodyBytesMax = 4 << 20
    static let faultDelayMillisecondsMax = 600_000
    static let calendarEventsMax = 10_000
}

/// Keeps the newest of many things.
struct Ring<Element: Sendable>: Sendable {
    private(set) var elements: [Element] = []
    /// How many there ever were.
    private(set) var total = 0
    private let maximum: Int

    init(maximum: Int) { self.maximum = maximum }

    mutating func append(_ element: Element) {
        total += 1
        elements.append(element)
        // Cut in blocks, so that a full ring does not move everything each time.
        if elements.count > maximum + maximum / 4 { elements.removeFirst(elements.count - maximum) }
    }

    /// The newest, oldest of them first.
    var newest: ArraySlice<Element> { elements.suffix(maximum) }

    mutating func update(where isMeant: (Element) -> Bool, _ change: (inout Element) -> Void) {
        guard let index = elements.lastIndex(where: isMeant) else { return }
        change(&elements[index])
    }

    func last(where isMeant: (Element) -> Bool) -> Element? { elements.last(where: isMeant) }

    mutating func removeAll() {
        elements = []
        total = 0
    }
}

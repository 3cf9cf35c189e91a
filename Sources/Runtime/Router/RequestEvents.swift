import EventModel

/// The events of the `request/` streams: what one business entity asks of others.
enum RequestEvents {
    static let receivedType = "RequestReceived"

    static func stream(_ name: String) -> StreamName { StreamName(category: "request", name) }
}

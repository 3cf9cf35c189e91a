import EventModel

/// The events of the `webhook/` streams.
enum WebhookEvents {
    static let receivedType = "WebhookReceived"
    static let refusedType = "WebhookRefused"
}

/// The parents of identifiers that are derived from names given from outside.
///
/// They hold no time: the same name must give the same identifier whenever it comes.
enum DerivedIdentity {
    private static let root = Identifier.derived(
        from: Identifier(high: 0, low: 0),
        "daybook"
    )

    static func manualStart(workflow: String, key: String) -> EventID {
        .derived(from: root, "start/\(workflow)/\(key)")
    }

    static func request(name: String, key: String) -> EventID {
        .derived(from: root, "request/\(name)/\(key)")
    }

    static func deployment(workflow: String, revision: UInt64, definition: Digest) -> EventID {
        .derived(from: root, "deploy/\(workflow)/\(revision)/\(definition.hexadecimal)")
    }

    static func recordEvent(stream: StreamName, revision: UInt64, data: Digest) -> EventID {
        .derived(from: root, "record/\(stream)/\(revision)/\(data.hexadecimal)")
    }
}

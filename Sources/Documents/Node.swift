public import EventModel

/// A part of a document, with the place where it stands.
public struct Node: Sendable, Hashable {
    /// What the part is.
    public enum Content: Sendable, Hashable {
        case scalar(Value)
        case sequence([Node])
        case mapping([Member])
    }

    /// One key of a mapping with its value.
    public struct Member: Sendable, Hashable {
        public var key: String
        public var keyPlace: Place
        public var node: Node

        public init(key: String, keyPlace: Place, node: Node) {
            self.key = key
            self.keyPlace = keyPlace
            self.node = node
        }
    }

    public var content: Content
    public var place: Place

    public init(_ content: Content, at place: Place) {
        self.content = content
        self.place = place
    }

    /// The part as a plain value, places forgotten.
    public var value: Value {
        switch content {
        case .scalar(let value): value
        case .sequence(let nodes): .list(nodes.map(\.value))
        case .mapping(let members): .map(ValueMap(members.map { ($0.key, $0.node.value) }))
        }
    }

    /// The member of a mapping; nil if this is no mapping or has no such key.
    public subscript(key: String) -> Node? {
        guard case .mapping(let members) = content else { return nil }
        return members.first { $0.key == key }?.node
    }

    public var members: [Member]? {
        if case .mapping(let members) = content { members } else { nil }
    }
    public var elements: [Node]? { if case .sequence(let nodes) = content { nodes } else { nil } }
    public var scalar: Value? { if case .scalar(let value) = content { value } else { nil } }
    public var text: String? { scalar?.stringValue }

    /// A word for what this is, as it appears in messages.
    public var kind: String {
        switch content {
        case .scalar(let value): value.typeName
        case .sequence: "list"
        case .mapping: "mapping"
        }
    }
}

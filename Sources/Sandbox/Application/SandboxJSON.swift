import EventModel

/// JSON as the sandbox reads and writes it.
enum SandboxJSON {
    static func text(_ value: Value) -> String {
        String(decoding: bytes(value), as: UTF8.self)
    }

    /// Values here came from JSON or from literals, so the only thing that cannot be written is a
    /// number that JSON has no word for; it becomes null.
    static func bytes(_ value: Value) -> [UInt8] {
        (try? JSON.bytes(value)) ?? Array("null".utf8)
    }
}

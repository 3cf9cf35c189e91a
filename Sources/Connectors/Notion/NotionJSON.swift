import EventModel

/// JSON as the API speaks it.
enum NotionJSON {
    /// - Throws: for what JSON cannot say, such as an infinity inside a JSON field.
    static func encode(_ value: Value) throws(NotionError) -> [UInt8] {
        do throws(JSONError) {
            return try JSON.bytes(value)
        } catch {
            throw NotionError(
                .invalidValue,
                "cannot be written as JSON: \(error.message)"
            )
        }
    }

    /// Nil for what is no JSON.
    static func decode(_ bytes: [UInt8]) -> Value? { try? JSON.parse(bytes: bytes) }
}

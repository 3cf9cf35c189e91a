import EventModel
import Records

/// What a new record has beside the values that a step gives it.
enum RecordDefaults {
    private static let formatTail = "[0-9A-Za-z]{8}$"

    /// The values with the declared defaults and a readable identifier such as `CTCT-7KQ2M9XA`.
    static func completed(_ values: ValueMap, table: NotionTable, identity: String) -> ValueMap {
        var completed = values
        for field in table.schema.fields {
            guard completed[field.key] == nil, table.properties[field.key] != nil else { continue }
            if let value = field.defaultValue, !field.isReadOnlyInNotion {
                completed[field.key] = value
            } else if field.key == table.schema.identifierField,
                let prefix = prefix(field.identifierFormat)
            {
                completed[field.key] = .string(prefix + code(identity, length: 8))
            }
        }
        return completed
    }

    /// Digits and capitals that follow from a name, always the same ones.
    static func code(_ name: String, length: Int) -> String {
        let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
        let bytes = Digest.sha256(name.utf8).bytes.prefix(length)
        return String(bytes.map { alphabet[Int($0 & 31)] })
    }

    /// `CTCT-` of `^CTCT-[0-9A-Za-z]{8}$`; nil for formats of another kind.
    private static func prefix(_ format: String?) -> String? {
        guard let format, format.hasPrefix("^"), format.hasSuffix(formatTail) else { return nil }
        return String(format.dropFirst().dropLast(formatTail.count))
    }
}

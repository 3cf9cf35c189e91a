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
                completed[field.key] = .string(prefix + code(identity))
            }
        }
        return completed
    }

    /// Eight letters and digits that stand for a text: the `short_code` of projections, so that a
    /// step gives the same number that staff see.
    static func code(_ name: String) -> String {
        let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
        var number = Digest.sha256(name.utf8).bytes.prefix(8).reduce(0 as UInt64) {
            $0 << 8 | UInt64($1)
        }
        var code = ""
        for _ in 0..<8 {
            code.append(alphabet[Int(number % 62)])
            number /= 62
        }
        return code
    }

    /// `CTCT-` of `^CTCT-[0-9A-Za-z]{8}$`; nil for formats of another kind.
    private static func prefix(_ format: String?) -> String? {
        guard let format, format.hasPrefix("^"), format.hasSuffix(formatTail) else { return nil }
        return String(format.dropFirst().dropLast(formatTail.count))
    }
}

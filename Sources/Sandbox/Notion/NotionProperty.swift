import EventModel
import Records

/// One column of a data source.
struct NotionProperty {
    /// What Notion calls a property's type.
    typealias Kind = FieldSchema.PropertyType

    /// Short and stable; percent-encoded in answers.
    var id: String
    var name: String
    var type: Kind
    /// What stands under the type in the schema, except what is derived when answered.
    var config: ValueMap
    /// What a formula yields; Notion's expressions are not evaluated here.
    var formulaResult: FieldSchema.FormulaResult = .text
    /// The property on the other side of a two-way relation, in the target data source.
    var mirrorID: String?

    /// The options of a select, multi-select or status.
    var options: [Value] {
        get { config["options"]?.listValue ?? [] }
        set { config["options"] = .list(newValue) }
    }

    /// The data source that a relation leads to.
    var relationTarget: String? { config["data_source_id"]?.stringValue }

    var encodedID: String { NotionProperty.encoded(id) }

    /// What a page has in this property before anybody writes it.
    var emptyValue: Value {
        switch type {
        case .title, .richText, .multiSelect, .people, .files, .relation: .list([])
        case .checkbox: false
        case .status: options.first.map(NotionProperty.shownOption) ?? .null
        case .number, .select, .date, .url, .email, .phoneNumber, .rollup, .formula, .uniqueID,
            .createdTime, .lastEditedTime, .createdBy, .lastEditedBy:
            .null
        }
    }

    /// An option as a page shows it: without its description.
    static func shownOption(_ option: Value) -> Value {
        [
            "id": option["id"] ?? .null, "name": option["name"] ?? .null,
            "color": option["color"] ?? "default",
        ]
    }

    /// The option that a client means by id or name; names match whatever their case.
    func option(matching value: Value) -> Value? {
        if let id = value["id"]?.stringValue {
            return options.first { $0["id"]?.stringValue == id }
        }
        guard let name = value["name"]?.stringValue else { return nil }
        return options.first { $0["name"]?.stringValue?.lowercased() == name.lowercased() }
    }

    /// A property id as it stands in answers: like JavaScript's `encodeURIComponent`.
    static func encoded(_ id: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in id.utf8 {
            let isPlain =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte) || "-_.!~*'()".utf8.contains(byte)
            if isPlain {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static let colors = [
        "default", "gray", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red",
    ]
}

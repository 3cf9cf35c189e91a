import EventModel
import Records

extension NotionWorkspace {
    /// One property of a page, whole: lists come in pages, everything else as one item.
    func propertyItem(
        _ pageID: String,
        _ propertyKey: String,
        query: Value
    ) throws(NotionError) -> Value {
        let page = try page(pageID)
        let title = NotionProperty(id: "title", name: "title", type: .title, config: [:])
        let source = page.dataSourceID.flatMap { dataSources[$0] }
        let found =
            source.map { $0.property(propertyKey) } ?? (propertyKey == "title" ? title : nil)
        guard let property = found else { throw .notFound("property", propertyKey) }
        let value = shownValue(property, of: page)
        switch property.type {
        case .title, .richText, .people, .relation:
            return try list(property, value.listValue ?? [], value: [:], pageID, query)
        case .rollup:
            let type = value["type"]?.stringValue ?? ""
            let members = type == "array" ? value["array"]?.listValue ?? [] : []
            return try list(property, members, value: value, pageID, query)
        case .number, .select, .multiSelect, .status, .date, .files, .checkbox, .url, .email,
            .phoneNumber, .formula, .uniqueID, .createdTime, .lastEditedTime, .createdBy,
            .lastEditedBy:
            return [
                "object": "property_item", "type": .string(property.type.rawValue),
                "id": .string(property.encodedID), property.type.rawValue: value,
            ]
        }
    }

    private func list(
        _ property: NotionProperty,
        _ members: [Value],
        value: Value,
        _ pageID: String,
        _ query: Value
    ) throws(NotionError) -> Value {
        let window = try ListWindow.read(query, ids: members.indices.map { "item\($0)" })
        let name = property.type.rawValue
        let id = Value.string(property.encodedID)
        let results: [Value] = members[window.range].map { member in
            if property.type == .rollup, let map = member.mapValue {
                return .map(map.merging(["object": "property_item", "id": id]))
            }
            return ["object": "property_item", "type": .string(name), "id": id, name: member]
        }
        let next: Value =
            window.nextCursor.map { cursor in
                let address = "https://api.notion.com/v1/pages/\(pageID)/properties/"
                return .string("\(address)\(property.encodedID)?start_cursor=\(cursor)")
            } ?? .null
        return [
            "object": "list", "results": .list(results),
            "next_cursor": window.nextCursor.map { .string($0) } ?? .null,
            "has_more": .bool(window.nextCursor != nil), "type": "property_item",
            "property_item": [
                "id": id, "next_url": next, "type": .string(name), name: value,
            ],
        ]
    }
}

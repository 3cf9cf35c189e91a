import EventModel
import Records

/// Reads pages into rows, and completes what a page shows only in part.
struct NotionRowReader: Sendable {
    let client: NotionClient

    /// How many references of a relation or people a page shows.
    private static let referencesShown = 25

    func record(_ page: NotionPage, _ table: NotionTable) async throws(NotionError) -> SourceRecord
    {
        SourceRecord(
            sourceID: page.id,
            fields: try await fields(page, table),
            editedAt: page.editedAt,
            editedBy: "notion:" + page.editedBy,
            isTrashed: page.isTrashed
        )
    }

    /// The declared fields that Notion has, by key; a value that is not set is null.
    func fields(_ page: NotionPage, _ table: NotionTable) async throws(NotionError) -> ValueMap {
        var fields = ValueMap()
        for field in table.schema.fields {
            guard let property = table.properties[field.key],
                let shown = page.properties[property.id]
            else { continue }
            let whole = try await complete(shown, property: property, page: page)
            fields[field.key] = PropertyReader.read(whole, isJSON: field.isJSON)
        }
        return fields
    }

    /// A value as a whole, from the property endpoint if the page shows only a part of it.
    func complete(
        _ shown: Value,
        property: NotionProperty,
        page: NotionPage
    ) async throws(NotionError) -> Value {
        guard isCutShort(shown) else { return shown }
        let items = try await client.propertyItems(page: page.id, property: property.id)
        let type = shown["type"]?.stringValue ?? property.type
        var whole = shown.mapValue ?? ValueMap()
        whole[type] = .list(items.compactMap { $0[type] })
        return .map(whole)
    }

    private func isCutShort(_ shown: Value) -> Bool {
        guard let type = shown["type"]?.stringValue, let items = shown[type]?.listValue else {
            return false
        }
        switch type {
        case "relation":
            return shown["has_more"]?.boolValue ?? (items.count >= NotionRowReader.referencesShown)
        case "people":
            return items.count >= NotionRowReader.referencesShown
        case "title", "rich_text":
            // Only mentions are cut; plain texts come whole whatever their number.
            let mentions = items.count { $0["type"]?.stringValue == "mention" }
            return mentions >= NotionRowReader.referencesShown
        default:
            return false
        }
    }
}

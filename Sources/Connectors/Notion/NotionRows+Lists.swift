import EventModel

extension NotionRows {
    /// Changes in which `{add: …, remove: …}` stands as the whole list that it comes to.
    func resolved(
        _ changes: ValueMap,
        page id: String,
        _ table: NotionTable
    ) async throws(NotionError) -> ValueMap {
        let keys = changes.stringKeys.filter { key in
            guard let names = changes[key]?.mapValue?.stringKeys, !names.isEmpty else {
                return false
            }
            return names.allSatisfy { $0 == "add" || $0 == "remove" }
        }
        guard !keys.isEmpty else { return changes }
        let fields = try await reader.fields(try await client.page(id), table)
        var result = changes
        for key in keys {
            func list(_ name: String) -> [Value] {
                let value = changes[key]?[name] ?? .null
                return value.listValue ?? (value.isNull ? [] : [value])
            }
            var values = (fields[key]?.listValue ?? []).filter { !list("remove").contains($0) }
            for value in list("add") where !values.contains(value) { values.append(value) }
            result[key] = .list(values)
        }
        return result
    }
}

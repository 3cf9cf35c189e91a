import EventModel

extension NotionClient {
    /// Asks who the token belongs to: the cheapest check that it is valid.
    public func me() async throws(NotionError) -> NotionIdentity {
        let value = try await perform(.read("/v1/users/me"))
        return NotionIdentity(
            userID: try value.requiredText("id", of: "user"),
            name: value["name"]?.stringValue ?? "",
            workspaceName: value[path: "bot", "workspace_name"]?.stringValue ?? ""
        )
    }

    func database(_ id: String) async throws(NotionError) -> NotionDatabase {
        try NotionDatabase(await perform(.read("/v1/databases/\(PercentEncoding.encode(id))")))
    }

    func dataSource(_ id: String) async throws(NotionError) -> NotionDataSource {
        try NotionDataSource(await perform(.read("/v1/data_sources/\(PercentEncoding.encode(id))")))
    }

    /// Rows of a data source; a server that is short of breath is asked for fewer at a time.
    func query(
        _ dataSource: String,
        filter: Value? = nil,
        sorts: [Value] = [],
        cursor: String? = nil,
        pageSize: Int = 100
    ) async throws(NotionError) -> NotionPageList {
        var size = pageSize
        while true {
            do throws(NotionError) {
                return try await queryOnce(
                    dataSource,
                    filter: filter,
                    sorts: sorts,
                    cursor: cursor,
                    pageSize: size
                )
            } catch {
                guard error.status == 503, size > 12 else { throw error }
                size /= 2
            }
        }
    }

    private func queryOnce(
        _ dataSource: String,
        filter: Value?,
        sorts: [Value],
        cursor: String?,
        pageSize: Int
    ) async throws(NotionError) -> NotionPageList {
        var body: ValueMap = ["page_size": .int(Int64(pageSize))]
        if let filter { body["filter"] = filter }
        if !sorts.isEmpty { body["sorts"] = .list(sorts) }
        if let cursor { body["start_cursor"] = .string(cursor) }
        let path = "/v1/data_sources/\(PercentEncoding.encode(dataSource))/query"
        let value = try await perform(.ask(path, body: .map(body)))
        var pages: [NotionPage] = []
        for result in value["results"]?.listValue ?? [] where result["properties"] != nil {
            guard result["object"]?.stringValue == "page" else { continue }
            pages.append(try NotionPage(result))
        }
        return NotionPageList(
            pages: pages,
            nextCursor: nextCursor(value),
            isComplete: value[path: "request_status", "type"]?.stringValue != "incomplete"
        )
    }

    func page(_ id: String) async throws(NotionError) -> NotionPage {
        try NotionPage(await perform(.read("/v1/pages/\(PercentEncoding.encode(id))")))
    }

    /// Creates a row.
    ///
    /// - Parameter properties: property id to value in Notion's form.
    func createPage(
        in dataSource: String,
        properties: ValueMap,
        idempotencyKey: String?
    ) async throws(NotionError) -> NotionPage {
        let body: Value = [
            "parent": ["type": "data_source_id", "data_source_id": .string(dataSource)],
            "properties": .map(properties),
        ]
        let call = NotionCall(
            method: "POST",
            path: "/v1/pages",
            body: body,
            isRepeatable: false,
            idempotencyKey: idempotencyKey
        )
        return try NotionPage(await perform(call))
    }

    /// Changes properties of a page; those that are not named stay as they are.
    func updatePage(
        _ id: String,
        properties: ValueMap,
        idempotencyKey: String?
    ) async throws(NotionError) -> NotionPage {
        try await patchPage(id, ["properties": .map(properties)], idempotencyKey)
    }

    /// Puts a page into the trash or takes it out.
    func setTrashed(
        _ isTrashed: Bool,
        page id: String,
        idempotencyKey: String?
    ) async throws(NotionError) -> NotionPage {
        try await patchPage(id, ["in_trash": .bool(isTrashed)], idempotencyKey)
    }

    private func patchPage(
        _ id: String,
        _ body: ValueMap,
        _ idempotencyKey: String?
    ) async throws(NotionError) -> NotionPage {
        let call = NotionCall(
            method: "PATCH",
            path: "/v1/pages/\(PercentEncoding.encode(id))",
            body: .map(body),
            isRepeatable: false,
            pageID: id,
            idempotencyKey: idempotencyKey
        )
        return try NotionPage(await perform(call))
    }

    /// All items of a property whose value in a page is cut short, such as a relation of more than
    /// 25.
    func propertyItems(
        page: String,
        property: String
    ) async throws(NotionError) -> [Value] {
        let path =
            "/v1/pages/\(PercentEncoding.encode(page))/properties/"
            + PercentEncoding.encodeOnce(property)
        return try await all { cursor in
            var query = [(name: "page_size", value: "100")]
            if let cursor { query.append((name: "start_cursor", value: cursor)) }
            return .read(path, query: query)
        }
    }

    /// Data sources that are shared with the connection and whose title resembles a text.
    func searchDataSources(_ text: String) async throws(NotionError) -> [NotionDataSource] {
        let results = try await all { cursor in
            var body: ValueMap = [
                "query": .string(text),
                "filter": ["property": "object", "value": "data_source"],
                "page_size": 100,
            ]
            if let cursor { body["start_cursor"] = .string(cursor) }
            return .ask("/v1/search", body: .map(body))
        }
        var sources: [NotionDataSource] = []
        for result in results where result["properties"] != nil {
            guard result["object"]?.stringValue == "data_source" else { continue }
            sources.append(try NotionDataSource(result))
        }
        return sources
    }

    /// The databases that lie directly on a page: their ids and titles.
    func childDatabases(
        of page: String
    ) async throws(NotionError) -> [(id: String, title: String)] {
        let path = "/v1/blocks/\(PercentEncoding.encode(page))/children"
        let blocks = try await all { cursor in
            var query = [(name: "page_size", value: "100")]
            if let cursor { query.append((name: "start_cursor", value: cursor)) }
            return .read(path, query: query)
        }
        return blocks.compactMap { block in
            guard block["type"]?.stringValue == "child_database",
                block["in_trash"]?.boolValue != true,
                let id = block["id"]?.stringValue
            else { return nil }
            return (id, block[path: "child_database", "title"]?.stringValue ?? "")
        }
    }

    /// Follows `next_cursor` to the end of a list.
    private func all(
        _ call: (String?) -> NotionCall
    ) async throws(NotionError) -> [Value] {
        var items: [Value] = []
        var cursor: String?
        repeat {
            let value = try await perform(call(cursor))
            items += value["results"]?.listValue ?? []
            cursor = nextCursor(value)
        } while cursor != nil
        return items
    }

    private func nextCursor(_ list: Value) -> String? {
        guard list["has_more"]?.boolValue == true else { return nil }
        return list["next_cursor"]?.stringValue
    }
}

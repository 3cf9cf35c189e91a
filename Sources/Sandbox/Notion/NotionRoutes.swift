import EventModel

extension SandboxState {
    /// A request as Notion's routes see it.
    private struct Call {
        var segments: [String]
        var body: Value
        var query: [(name: String, value: String)]
        var act: NotionWorkspace.Act
        var rendering: NotionWorkspace.Rendering
    }

    /// The versions of the API that are spoken here.
    private static let versions = ["2026-03-11", "2025-09-03"]

    /// `/v1/…`: answers as Notion does.
    mutating func notion(_ request: SandboxRequest) -> SandboxReply {
        let requestID = newRequestID()
        do throws(NotionError) {
            let call = try admitted(request)
            guard var body = try answer(request.method, call).mapValue else {
                throw .wrongURL
            }
            body["request_id"] = .string(requestID)
            return .json(200, .map(body), headers: [("x-notion-request-id", requestID)])
        } catch {
            return reply(error, requestID: requestID)
        }
    }

    /// Checks token, budget, version and body.
    private mutating func admitted(_ request: SandboxRequest) throws(NotionError) -> Call {
        let now = configuration.now()
        let header = request.headers["authorization"] ?? ""
        let userID: String
        switch header {
        case "Bearer \(SandboxConfiguration.token)": userID = NotionUser.botID
        case "Bearer \(SandboxConfiguration.staffToken)":
            userID = workspace.users.first { $0.email != nil }?.id ?? NotionUser.botID
        default: throw .unauthorized
        }
        if let wait = rateLimit.take(at: now) {
            throw NotionError(
                status: 429,
                code: "rate_limited",
                message: "You have been rate limited. Please try again in a few minutes.",
                additionalData: [
                    "rate_limit_reason": "public_api_request_rate_limit",
                    "retry_after": .string(String(wait)),
                ],
                headers: [("Retry-After", String(wait))]
            )
        }
        guard let version = request.headers["notion-version"] else {
            throw NotionError(
                status: 400,
                code: "missing_version",
                message: "Notion-Version header failed validation: Notion-Version header should be "
                    + "defined, instead was `undefined`."
            )
        }
        guard SandboxState.versions.contains(version) else {
            let known = SandboxState.versions.map { "`\"\($0)\"`" }.joined(separator: " or ")
            throw .validation(
                "Notion-Version header failed validation: Notion-Version header should be \(known), "
                    + "instead was `\"\(version)\"`."
            )
        }
        let isOld = version == "2025-09-03"
        return Call(
            segments: Array(request.segments.dropFirst()),
            body: try body(of: request, isOld: isOld),
            query: request.query,
            act: NotionWorkspace.Act(userID: userID, now: now),
            rendering: NotionWorkspace.Rendering(saysArchived: isOld)
        )
    }

    private func body(of request: SandboxRequest, isOld: Bool) throws(NotionError) -> Value {
        guard request.method == "POST" || request.method == "PATCH", !request.body.isEmpty else {
            return [:]
        }
        guard request.body.count <= NotionLimits.bodyBytesMax else {
            throw .validation(
                "body failed validation: body.length should be ≤ `\(NotionLimits.bodyBytesMax)`, "
                    + "instead was `\(request.body.count)`."
            )
        }
        guard let value = try? JSON.parse(bytes: request.body) else { throw .wrongJSON }
        guard var map = value.mapValue else {
            throw .validation("body failed validation: body should be an object.")
        }
        if let archived = map["archived"] {
            guard isOld else { throw .body("archived", "not present", archived) }
            map["in_trash"] = map["in_trash"] ?? archived
        }
        return .map(map)
    }

    private mutating func answer(_ method: String, _ call: Call) throws(NotionError) -> Value {
        switch call.segments.first {
        case "users": try users(method, call)
        case "databases": try databases(method, call)
        case "data_sources": try dataSources(method, call)
        case "pages": try pages(method, call)
        case "blocks": try blocks(method, call)
        case "search": try search(method, call)
        default: throw .wrongURL
        }
    }

    private func users(_ method: String, _ call: Call) throws(NotionError) -> Value {
        switch (method, call.segments.count) {
        case ("GET", 1):
            let window = try ListWindow.read(paging(call), ids: workspace.users.map(\.id))
            let users = workspace.users[window.range].map { $0.rendered() }
            return list(users, window.nextCursor, type: "user")
        case ("GET", 2) where call.segments[1] == "me":
            return (workspace.user(call.act.userID) ?? .bot).rendered(isSelf: true)
        case ("GET", 2):
            let id = try identifier(call, "user_id")
            guard let user = workspace.user(id) else { throw .notFound("user", id) }
            return user.rendered()
        default: throw .wrongURL
        }
    }

    private mutating func databases(_ method: String, _ call: Call) throws(NotionError) -> Value {
        let database: NotionDatabase
        switch (method, call.segments.count) {
        case ("POST", 1): database = try workspace.createDatabase(call.body, call.act)
        case ("GET", 2): database = try workspace.database(identifier(call, "database_id"))
        case ("PATCH", 2):
            let id = try identifier(call, "database_id")
            database = try workspace.updateDatabase(id, call.body, call.act)
        default: throw .wrongURL
        }
        return workspace.rendered(database, call.rendering)
    }

    private mutating func dataSources(
        _ method: String,
        _ call: Call
    ) throws(NotionError) -> Value {
        let source: NotionDataSource
        switch (method, call.segments.count, call.segments.last) {
        case ("POST", 1, _): source = try workspace.createDataSource(call.body, call.act)
        case ("GET", 2, _): source = try workspace.dataSource(identifier(call, "data_source_id"))
        case ("PATCH", 2, _):
            let id = try identifier(call, "data_source_id")
            source = try workspace.updateDataSource(id, call.body, call.act)
        case ("POST", 3, "query"):
            let id = try identifier(call, "data_source_id")
            let page = try workspace.query(
                id,
                call.body,
                wanted: filterProperties(call),
                call.act,
                call.rendering
            )
            let answer = list(page.results, page.nextCursor, type: "page_or_data_source")
            guard page.isCapped, var map = answer.mapValue else { return answer }
            map["request_status"] = [
                "type": "incomplete", "incomplete_reason": "query_result_limit_reached",
            ]
            return .map(map)
        case ("GET", 3, "templates"):
            _ = try workspace.dataSource(identifier(call, "data_source_id"))
            return ["templates": [], "has_more": false, "next_cursor": .null]
        default: throw .wrongURL
        }
        return workspace.rendered(source, call.rendering)
    }

    private mutating func pages(_ method: String, _ call: Call) throws(NotionError) -> Value {
        let page: NotionPage
        switch (method, call.segments.count) {
        case ("POST", 1): page = try workspace.createPage(call.body, call.act)
        case ("GET", 2): page = try workspace.page(identifier(call, "page_id"))
        case ("PATCH", 2):
            let id = try identifier(call, "page_id")
            page = try workspace.updatePage(id, call.body, call.act)
        case ("GET", 4) where call.segments[2] == "properties":
            let id = try identifier(call, "page_id")
            return try workspace.propertyItem(id, call.segments[3], query: paging(call))
        default: throw .wrongURL
        }
        return workspace.rendered(page, call.rendering, only: filterProperties(call))
    }

    /// Blocks are not kept here, except that pages and databases are blocks too.
    private mutating func blocks(_ method: String, _ call: Call) throws(NotionError) -> Value {
        let isChildren = call.segments.count == 3 && call.segments[2] == "children"
        guard call.segments.count == 2 || (isChildren && method == "GET") else { throw .wrongURL }
        let id = try identifier(call, "block_id")
        guard workspace.pages[id] != nil || workspace.databases[id] != nil else {
            throw .notFound("block", id)
        }
        if isChildren { return list([], nil, type: "block") }
        switch method {
        case "GET": break
        case "DELETE": try change(id, ["in_trash": true], call)
        case "PATCH": try change(id, call.body, call)
        default: throw .wrongURL
        }
        return workspace.block(id, call.rendering)
    }

    private mutating func change(
        _ id: String,
        _ body: Value,
        _ call: Call
    ) throws(NotionError) {
        if workspace.pages[id] != nil {
            _ = try workspace.updatePage(id, body, call.act)
        } else {
            _ = try workspace.updateDatabase(id, body, call.act)
        }
    }

    private func search(_ method: String, _ call: Call) throws(NotionError) -> Value {
        guard method == "POST", call.segments.count == 1 else { throw .wrongURL }
        let page = try workspace.search(call.body, call.rendering)
        return list(page.results, page.nextCursor, type: "page_or_data_source")
    }

    private func list(_ results: [Value], _ cursor: String?, type: String) -> Value {
        [
            "object": "list", "results": .list(results),
            "next_cursor": cursor.map { .string($0) } ?? .null, "has_more": .bool(cursor != nil),
            "type": .string(type), type: [:],
        ]
    }

    private func identifier(_ call: Call, _ name: String) throws(NotionError) -> String {
        let text = call.segments[1]
        guard let id = SandboxIdentities.parse(text) else { throw .wrongIdentifier(name, text) }
        return id
    }

    /// Both official clients leave the brackets away that the documentation writes.
    private func filterProperties(_ call: Call) -> [String] {
        call.query.filter { $0.name == "filter_properties" || $0.name == "filter_properties[]" }
            .map(\.value)
    }

    private func paging(_ call: Call) -> Value {
        var map = ValueMap()
        for (name, value) in call.query {
            if name == "page_size" { map[name] = Int64(value).map { .int($0) } ?? .string(value) }
            if name == "start_cursor" { map[name] = .string(value) }
        }
        return .map(map)
    }
}

extension NotionWorkspace {
    /// A page or a database as the block that it also is.
    func block(_ id: String, _ rendering: Rendering) -> Value {
        var map: ValueMap = ["object": "block", "id": .string(id), "has_children": false]
        if let page = pages[id] {
            map["parent"] = parent(of: page)
            map["created_time"] = .string(NotionTime.minutes(page.createdAt))
            map["last_edited_time"] = .string(NotionTime.minutes(page.editedAt))
            map["created_by"] = NotionUser.reference(page.createdBy)
            map["last_edited_by"] = NotionUser.reference(page.editedBy)
            map["in_trash"] = .bool(page.isTrashed)
            map["type"] = "child_page"
            map["child_page"] = ["title": .string(title(of: page))]
        } else if let database = databases[id] {
            map["parent"] = database.parent
            map["created_time"] = .string(NotionTime.minutes(database.createdAt))
            map["last_edited_time"] = .string(NotionTime.minutes(database.editedAt))
            map["created_by"] = NotionUser.bot.reference
            map["last_edited_by"] = NotionUser.bot.reference
            map["in_trash"] = .bool(database.isTrashed)
            map["type"] = "child_database"
            map["child_database"] = ["title": .string(NotionText.plainText(shownTitle(database)))]
        }
        if rendering.saysArchived { map["archived"] = map["in_trash"] }
        return .map(map)
    }
}

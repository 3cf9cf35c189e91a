import EventModel
import Records

extension SandboxState {
    /// What those who watch see and do: `/sandbox/…`.
    mutating func watch(_ request: SandboxRequest) -> SandboxReply {
        let segments = request.segments.dropFirst()
        switch (request.method, segments.first, segments.count) {
        case ("GET", "mails", 1): return .json(200, .list(mails.newest.map(\.rendered)))
        case ("GET", "sms", 1): return .json(200, .list(textMessages.newest.map(\.rendered)))
        case ("GET", "slack", 1): return .json(200, .list(slackMessages.newest.map(\.rendered)))
        case ("GET", "requests", 1):
            let prefix = request.queryValue("path_prefix") ?? "/"
            let seen = requests.newest.filter { $0.path.hasPrefix(prefix) }
            return .json(200, .list(seen.map(\.rendered)))
        case ("GET", "databases", 1): return .json(200, .list(databaseList()))
        case ("GET", "calendars", 1):
            return .json(200, .list(calendars.keys.sorted().map { .string($0) }))
        case ("GET", "rows", 2): return rows(request.segments[2])
        case ("POST", "rows", 2), ("PATCH", "rows", 3): return editRow(request)
        case ("POST", "calendar", 2): return addCalendarEvent(request)
        case ("POST", "faults", 1): return addFault(request)
        case ("GET", "faults", 1):
            return .json(200, ["pending": .int(Int64(faults.reduce(0) { $0 + $1.timesLeft }))])
        case ("POST", "reset", 1):
            do throws(SandboxError) {
                try reset()
                return .json(200, ["reset": true])
            } catch {
                return .refusal(500, error.description)
            }
        default:
            return .refusal(404, "no such place; see the documentation of the sandbox")
        }
    }

    private func databaseList() -> [Value] {
        workspace.databaseOrder.compactMap { id in
            guard let database = workspace.databases[id], let key = database.key else {
                return nil
            }
            return [
                "key": .string(key), "title": .string(NotionText.plainText(database.title)),
                "database_id": .string(id),
                "data_source_id": .string(database.dataSourceIDs.first ?? ""),
            ]
        }
    }

    private func rows(_ key: String) -> SandboxReply {
        guard let schema = configuration.catalogue.database(key),
            let source = workspace.dataSource(key: schema.key)
        else { return unknownDatabase(key) }
        let rows = source.pageIDs.compactMap { workspace.pages[$0] }
        let codec = RowCodec(schema: schema)
        return .json(200, .list(rows.map { .map(codec.row($0, source, workspace)) }))
    }

    private func unknownDatabase(_ key: String) -> SandboxReply {
        let keys = configuration.catalogue.databases.map(\.key).joined(separator: ", ")
        return .refusal(404, "there is no database '\(key)'; there are: \(keys)")
    }

    /// A staff member's hand: writes a row in Daybook's field keys.
    private mutating func editRow(_ request: SandboxRequest) -> SandboxReply {
        let key = request.segments[2]
        guard let schema = configuration.catalogue.database(key),
            let source = workspace.dataSource(key: schema.key)
        else { return unknownDatabase(key) }
        guard let body = try? JSON.parse(bytes: request.body), let fields = body.mapValue else {
            return .refusal(400, "the body must be a JSON object of field keys and values")
        }
        let codec = RowCodec(schema: schema)
        let staff = workspace.users.first { $0.email != nil } ?? .bot
        let act = NotionWorkspace.Act(userID: staff.id, now: configuration.now())
        do throws(NotionError) {
            var written: ValueMap = [:]
            if let flag = fields["in_trash"] { written["in_trash"] = flag }
            written["properties"] = .map(try codec.properties(fields))
            let page: NotionPage
            if request.method == "POST" {
                written["parent"] = ["data_source_id": .string(source.id)]
                page = try workspace.createPage(.map(written), act)
            } else {
                page = try workspace.updatePage(request.segments[3], .map(written), act)
            }
            let current = workspace.dataSource(key: schema.key) ?? source
            return .json(200, .map(codec.row(page, current, workspace)))
        } catch {
            return .refusal(error.status, error.message)
        }
    }

    private mutating func addFault(_ request: SandboxRequest) -> SandboxReply {
        guard let order = try? JSON.parse(bytes: request.body) else {
            return .refusal(400, "the body must be JSON")
        }
        guard faults.count < SandboxLimits.faultsMax else {
            return .refusal(400, "\(SandboxLimits.faultsMax) faults wait already; reset first")
        }
        do throws(FaultOrderError) {
            faults.append(try Fault(order))
            return .json(201, ["pending": .int(Int64(faults.count))])
        } catch {
            return .refusal(400, error.message)
        }
    }
}

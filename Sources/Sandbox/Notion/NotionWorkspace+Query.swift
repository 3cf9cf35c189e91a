import EventModel

extension NotionWorkspace {
    /// One page of a list with what leads to the next.
    struct ListPage {
        var results: [Value]
        var nextCursor: String?
        /// True if the list was cut at the most that a query gives.
        var isCapped = false
    }

    /// The rows of a data source that a query asks for.
    func query(
        _ sourceID: String,
        _ body: Value,
        wanted: [String],
        _ act: Act,
        _ rendering: Rendering
    ) throws(NotionError) -> ListPage {
        let source = try dataSource(sourceID)
        var filter: QueryFilter?
        if let written = body["filter"] { filter = try QueryFilter.read(written, source) }
        let sorts = try QuerySort.read(body["sorts"], source)
        let wantsArchived = body["is_archived"]?.boolValue ?? false
        let matcher = QueryMatcher(workspace: self, now: act.now, userID: act.userID)
        // Newest first, as recorded; a sort keeps this order among equals.
        var rows: [NotionPage] = []
        for id in source.pageIDs.reversed() {
            guard let page = pages[id], !page.isTrashed, page.isArchived == wantsArchived else {
                continue
            }
            if let filter, !matcher.matches(page, filter) { continue }
            rows.append(page)
        }
        rows = QuerySort.sorted(rows, by: sorts, in: self)
        let isCapped = rows.count > queryResultsMax
        if isCapped { rows.removeLast(rows.count - queryResultsMax) }
        let window = try ListWindow.read(body, ids: rows.map(\.id))
        let shown = rows[window.range].map { rendered($0, rendering, only: wanted) }
        return ListPage(results: shown, nextCursor: window.nextCursor, isCapped: isCapped)
    }

    /// Pages and data sources whose title holds the words; a basic form of Notion's search.
    func search(
        _ body: Value,
        _ rendering: Rendering
    ) throws(NotionError) -> ListPage {
        let query = (body["query"]?.stringValue ?? "").lowercased()
        let filter = body["filter"]
        let kind = filter?["value"]?.stringValue
        if let kind, kind != "page", kind != "data_source" {
            throw .body("filter.value", "`\"page\"` or `\"data_source\"`", .string(kind))
        }
        let trashed = filter?["in_trash"]?.boolValue
        var found: [(id: String, editedAt: Timestamp)] = []
        if kind != "page" {
            for source in dataSources.values {
                let isTrashed = source.isTrashed || databases[source.databaseID]?.isTrashed == true
                let title = NotionText.plainText(source.title).lowercased()
                guard query.isEmpty || title.contains(query),
                    trashed.map({ $0 == isTrashed }) ?? true
                else { continue }
                found.append((source.id, source.editedAt))
            }
        }
        if kind != "data_source" {
            for page in pages.values {
                // Trashed pages are found only on demand, trashed data sources always.
                guard page.isTrashed == (trashed ?? false),
                    query.isEmpty || title(of: page).lowercased().contains(query)
                else { continue }
                found.append((page.id, page.editedAt))
            }
        }
        let isAscending = body["sort"]?["direction"] == "ascending"
        found.sort { left, right in
            guard left.editedAt == right.editedAt else {
                return (left.editedAt < right.editedAt) == isAscending
            }
            return left.id < right.id
        }
        let window = try ListWindow.read(body, ids: found.map(\.id))
        let results: [Value] = found[window.range].compactMap { item in
            dataSources[item.id].map { rendered($0, rendering) }
                ?? pages[item.id].map { rendered($0, rendering) }
        }
        return ListPage(results: results, nextCursor: window.nextCursor)
    }
}

/// Which part of a list a request asks for.
struct ListWindow {
    var range: Range<Int>
    var nextCursor: String?

    /// Reads `page_size` and `start_cursor` of a body.
    ///
    /// - Parameter ids: the whole list's ids, in order. The cursor names the next row, so that rows that
    ///   were added before it shift nothing; it also counts, for the case that the row is gone.
    static func read(_ body: Value, ids: [String]) throws(NotionError) -> ListWindow {
        let size = body["page_size"] ?? .int(Int64(NotionLimits.pageSizeMax))
        guard let size = size.intValue else { throw .body("page_size", "a number", size) }
        guard size >= 1 else { throw .body("page_size", "≥ `1`", .int(size)) }
        guard size <= NotionLimits.pageSizeMax else {
            throw .body("page_size", "≤ `\(NotionLimits.pageSizeMax)`", .int(size))
        }
        var start = 0
        if let written = body["start_cursor"], !written.isNull {
            guard let cursor = written.stringValue.flatMap(Cursor.init) else {
                throw .validation("The start_cursor provided is invalid: \(shown(written))")
            }
            start = ids.firstIndex(of: cursor.id) ?? min(cursor.offset, ids.count)
        }
        let end = min(start + Int(size), ids.count)
        let next = end < ids.count ? Cursor(offset: end, id: ids[end]).text : nil
        return ListWindow(range: start..<end, nextCursor: next)
    }

    private static func shown(_ value: Value) -> String {
        value.stringValue ?? SandboxJSON.text(value)
    }

    /// `s:<uuid>:<row uuid>`, as recorded; the first holds the offset.
    private struct Cursor {
        var offset: Int
        var id: String

        init(offset: Int, id: String) {
            self.offset = offset
            self.id = id
        }

        init?(_ text: String) {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0] == "s", let first = Identifier(String(parts[1]))
            else { return nil }
            offset = Int(first.low & 0xFFFF_FFFF)
            id = String(parts[2])
        }

        var text: String {
            let first = Identifier(
                high: 0x5A4D_B0C5_0000_4000,
                low: 0x8000_0000_0000_0000 | UInt64(offset)
            )
            return "s:\(first.text):\(id)"
        }
    }
}

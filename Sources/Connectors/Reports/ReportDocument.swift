import EventModel

/// A report before it has a form: headings, paragraphs and tables.
struct ReportDocument: Sendable, Hashable {
    enum Block: Sendable, Hashable {
        case heading(String, level: Int)
        case paragraph(String)
        case table(columns: [String], rows: [[String]])
    }

    var title: String
    var blocks: [Block] = []
    /// The members that come first, in this order; others follow.
    private var order: [String] = []

    /// The layout of data without a template: maps as lists of names and values, lists of maps as
    /// tables.
    init(title: String, data: Value, order: [String] = []) {
        self.title = title
        self.order = order
        add(data, name: nil, level: 2)
    }

    /// Reads a text: `#` headings, tables of lines that begin with `|`, else paragraphs.
    init(title: String, text: String) {
        self.title = title
        var paragraph: [String] = []
        var table: [[String]] = []
        func cells(_ line: String) -> [String] {
            line.split(separator: "|", omittingEmptySubsequences: false).dropFirst()
                .dropLast(line.hasSuffix("|") ? 1 : 0).map { Self.trimmed($0) }
        }
        func end(_ blocks: inout [Block]) {
            if !paragraph.isEmpty {
                blocks.append(.paragraph(paragraph.joined(separator: " ")))
                paragraph = []
            }
            if let columns = table.first {
                // The second line of a table in Markdown holds dashes only.
                let rows = table.dropFirst().filter { row in
                    !row.allSatisfy { cell in
                        !cell.isEmpty && cell.allSatisfy { "-: ".contains($0) }
                    }
                }
                blocks.append(.table(columns: columns, rows: Array(rows)))
                table = []
            }
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let line = Self.trimmed(line)
            if line.isEmpty {
                end(&blocks)
            } else if line.hasPrefix("|") {
                if !paragraph.isEmpty { end(&blocks) }
                table.append(cells(line))
            } else if line.hasPrefix("#") {
                end(&blocks)
                let level = line.prefix { $0 == "#" }.count
                blocks.append(
                    .heading(Self.trimmed(line.dropFirst(level)), level: min(level, 3))
                )
            } else if line.hasPrefix("- ") {
                end(&blocks)
                blocks.append(.paragraph("\u{2022} " + line.dropFirst(2)))
            } else {
                if !table.isEmpty { end(&blocks) }
                paragraph.append(line)
            }
        }
        end(&blocks)
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        var rest = Substring(text)
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }

    // MARK: Layout of data

    private mutating func add(_ value: Value, name: String?, level: Int) {
        if let name { blocks.append(.heading(Self.words(name), level: min(level, 3))) }
        if let list = value.listValue {
            add(list)
        } else if let map = value.mapValue {
            let keys = ordered(map.stringKeys)
            let plain = keys.filter { !Self.isNested(map[$0] ?? .null) }
            if !plain.isEmpty {
                let rows = plain.map { [Self.words($0), Self.text(map[$0] ?? .null)] }
                blocks.append(.table(columns: ["", ""], rows: rows))
            }
            for key in keys where Self.isNested(map[key] ?? .null) {
                add(map[key] ?? .null, name: key, level: level + 1)
            }
        } else if !value.isNull {
            blocks.append(.paragraph(Self.text(value)))
        }
    }

    private mutating func add(_ list: [Value]) {
        guard list.contains(where: { $0.mapValue != nil }) else {
            for item in list { blocks.append(.paragraph("\u{2022} " + Self.text(item))) }
            return
        }
        var columns: [String] = []
        for item in list {
            for key in item.mapValue?.stringKeys ?? [] where !columns.contains(key) {
                columns.append(key)
            }
        }
        columns = ordered(columns)
        let rows = list.map { item in columns.map { Self.text(item[$0] ?? .null) } }
        blocks.append(.table(columns: columns.map(Self.words), rows: rows))
    }

    private func ordered(_ keys: [String]) -> [String] {
        order.filter(keys.contains) + keys.filter { !order.contains($0) }
    }

    private static func isNested(_ value: Value) -> Bool {
        value.mapValue != nil || value.listValue != nil
    }

    /// `total_amount` as `Total amount`.
    static func words(_ key: String) -> String {
        let text = String(key.map { "_.".contains($0) ? " " : $0 })
        return text.prefix(1).uppercased() + text.dropFirst()
    }

    static func text(_ value: Value) -> String {
        if case .double(let number) = value {
            let hundredths = (number * 100).rounded()
            // What has no more than two digits behind the point is shown with two.
            guard abs(hundredths) < 1e15 else { return "\(number)" }
            let whole = Int64(abs(hundredths))
            let digits = whole % 100 < 10 ? "0\(whole % 100)" : "\(whole % 100)"
            return (hundredths < 0 ? "-" : "") + "\(whole / 100).\(digits)"
        }
        return value.plainText ?? (value.isNull ? "" : (try? JSON.text(value)) ?? "")
    }

    // MARK: Forms

    /// A whole page of HTML; every text is escaped.
    var html: String {
        func safe(_ text: String) -> String {
            text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
                .replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
        }
        var lines = [
            "<!DOCTYPE html>", "<html><head><meta charset=\"utf-8\"><title>\(safe(title))</title>",
            "<style>body{font-family:sans-serif;margin:2em;max-width:60em}",
            "table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:.3em .6em;"
                + "text-align:left}</style></head><body>", "<h1>\(safe(title))</h1>",
        ]
        for block in blocks {
            switch block {
            case .heading(let text, let level): lines.append("<h\(level)>\(safe(text))</h\(level)>")
            case .paragraph(let text): lines.append("<p>\(safe(text))</p>")
            case .table(let columns, let rows):
                lines.append("<table>")
                if columns.contains(where: { !$0.isEmpty }) {
                    let cells = columns.map { "<th>\(safe($0))</th>" }.joined()
                    lines.append("<tr>\(cells)</tr>")
                }
                for row in rows {
                    lines.append("<tr>\(row.map { "<td>\(safe($0))</td>" }.joined())</tr>")
                }
                lines.append("</table>")
            }
        }
        return (lines + ["</body></html>", ""]).joined(separator: "\n")
    }

    /// The tables by RFC 4180, an empty line between them; a field that a spreadsheet would take for a
    /// formula begins with an apostrophe.
    var csv: String {
        func field(_ text: String) -> String {
            let isNumber = Double(text) != nil
            var text = text
            if let first = text.first, "=+-@\t\r".contains(first), !isNumber { text = "'" + text }
            guard text.contains(where: { "\",\r\n".contains($0) || $0.isNewline }) else {
                return text
            }
            return "\"" + text.replacing("\"", with: "\"\"") + "\""
        }
        var parts: [String] = []
        for block in blocks {
            guard case .table(let columns, let rows) = block else { continue }
            var lines = rows
            if columns.contains(where: { !$0.isEmpty }) { lines.insert(columns, at: 0) }
            parts.append(lines.map { $0.map(field).joined(separator: ",") + "\r\n" }.joined())
        }
        return parts.joined(separator: "\r\n")
    }
}

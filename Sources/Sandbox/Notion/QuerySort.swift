import EventModel
import Records

/// What rows are ordered by.
struct QuerySort {
    /// What is compared.
    enum Key {
        case property(NotionProperty)
        case createdTime
        case lastEditedTime
    }

    var key: Key
    var isAscending: Bool

    static func read(
        _ written: Value?,
        _ source: NotionDataSource
    ) throws(NotionError) -> [QuerySort] {
        guard let written else { return [] }
        guard let list = written.listValue else { throw .body("sorts", "an array", written) }
        var sorts: [QuerySort] = []
        for (index, item) in list.enumerated() {
            let path = "sorts[\(index)]"
            let direction = item["direction"]?.stringValue ?? "ascending"
            guard direction == "ascending" || direction == "descending" else {
                throw .body(
                    "\(path).direction",
                    "`\"ascending\"` or `\"descending\"`",
                    item["direction"]
                )
            }
            let key: Key
            if let name = item["property"]?.stringValue {
                guard let property = source.property(name) else {
                    throw .validation("Could not find sort property with name or id: \(name)")
                }
                key = .property(property)
            } else {
                switch item["timestamp"]?.stringValue {
                case "created_time": key = .createdTime
                case "last_edited_time": key = .lastEditedTime
                default: throw .body("\(path).property", "defined", item["property"])
                }
            }
            sorts.append(QuerySort(key: key, isAscending: direction == "ascending"))
        }
        return sorts
    }

    /// The rows in order; equal rows keep theirs, and empty values come last either way.
    static func sorted(
        _ rows: [NotionPage],
        by sorts: [QuerySort],
        in workspace: NotionWorkspace
    ) -> [NotionPage] {
        guard !sorts.isEmpty else { return rows }
        let keyed = rows.enumerated().map { index, page in
            (index: index, page: page, keys: sorts.map { $0.value(of: page, in: workspace) })
        }
        return keyed.sorted { left, right in
            for (position, sort) in sorts.enumerated() {
                switch (left.keys[position], right.keys[position]) {
                case (.none, .none): continue
                case (.none, .some): return false
                case (.some, .none): return true
                case (.some(let first), .some(let second)):
                    guard let order = first.order(second), order != 0 else { continue }
                    return (order < 0) == sort.isAscending
                }
            }
            return left.index < right.index
        }.map(\.page)
    }

    /// What one row is compared by: a number, or a text whatever its case.
    private enum Comparable {
        case number(Double)
        case text(String)

        /// Below, above or zero; nil between a number and a text.
        func order(_ other: Comparable) -> Int? {
            switch (self, other) {
            case (.number(let left), .number(let right)):
                left < right ? -1 : left > right ? 1 : 0
            case (.text(let left), .text(let right)): QuerySort.naturalOrder(left, right)
            case (.number, .text), (.text, .number): nil
            }
        }
    }

    private func value(of page: NotionPage, in workspace: NotionWorkspace) -> Comparable? {
        switch key {
        case .createdTime: return .number(Double(page.createdAt.seconds / 60))
        case .lastEditedTime: return .number(Double(page.editedAt.seconds / 60))
        case .property(let property):
            return value(workspace.shownValue(property, of: page), property)
        }
    }

    private func value(_ value: Value, _ property: NotionProperty) -> Comparable? {
        if value.isNull { return nil }
        switch property.type {
        case .number: return value.doubleValue.map { .number($0) }
        case .uniqueID: return value["number"]?.doubleValue.map { .number($0) }
        case .checkbox: return .number(value == true ? 1 : 0)
        case .select, .status:
            // Options stand in the order of the schema, not of the alphabet.
            let index = property.options.firstIndex { $0["id"] == value["id"] }
            return index.map { .number(Double($0)) }
        case .date, .createdTime, .lastEditedTime:
            let text = value.stringValue ?? value["start"]?.stringValue
            return text.flatMap { NotionTime($0) }.map { .number(Double($0.minuteSeconds)) }
        case .formula, .rollup:
            let inner = value[value["type"]?.stringValue ?? ""] ?? .null
            return inner.doubleValue.map { .number($0) } ?? inner.stringValue.map { .text($0) }
        case .multiSelect, .people, .relation, .files:
            let first = value.listValue?.first
            return (first?["name"] ?? first?["id"])?.stringValue.map { .text($0.lowercased()) }
        case .title, .richText, .url, .email, .phoneNumber, .createdBy, .lastEditedBy:
            let text = QueryMatcher.text(value["name"] ?? value)
            return text.isEmpty ? nil : .text(text.lowercased())
        }
    }

    /// Compares texts with their numbers as numbers: `Article 4` comes before `Article 10`.
    static func naturalOrder(_ left: String, _ right: String) -> Int {
        var left = left.utf8[...]
        var right = right.utf8[...]
        while let first = left.first, let second = right.first {
            if isDigit(first), isDigit(second) {
                let one = number(&left)
                let two = number(&right)
                if one.count != two.count { return one.count < two.count ? -1 : 1 }
                if one != two { return one.lexicographicallyPrecedes(two) ? -1 : 1 }
            } else {
                if first != second { return first < second ? -1 : 1 }
                left.removeFirst()
                right.removeFirst()
            }
        }
        return left.isEmpty ? (right.isEmpty ? 0 : -1) : 1
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    /// The digits at the front, without leading zeros.
    private static func number(_ text: inout Substring.UTF8View) -> [UInt8] {
        let digits = text.prefix(while: isDigit)
        text = text[digits.endIndex...]
        return Array(digits.drop { $0 == 0x30 })
    }
}

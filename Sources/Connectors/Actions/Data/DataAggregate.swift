public import EventModel
public import WorkflowEngine

/// `data.aggregate`: sums, counts, averages of a list or of stored records, by group.
public struct DataAggregate: ActionHandler {
    static let functions = ["sum", "count", "average", "min", "max"]
    static let ranges = [
        "today", "yesterday", "this_week", "last_week", "this_month", "last_month", "last_7_days",
        "last_30_days",
    ]

    private let finder: (any RecordFinding)?

    /// - Parameter finder: where `source` is looked up; nil leaves lists only.
    public init(finder: (any RecordFinding)?) { self.finder = finder }

    public let descriptor = ActionDescriptor(
        name: "data.aggregate",
        aliases: ["aggregate_data"],
        summary: "Counts, sums and averages the items of a list, or records, by group.",
        discussion: """
            Give `items`, or `source`, the key of a database, of which the first 1,000 records are \
            taken. `calculations` holds words (sum, count, average, min, max, of `field`) or maps \
            with function, field and name. `group_by` is a list of dotted paths. `date_range` keeps \
            items whose `date_field` lies in it: from and to (RFC 3339), or one of \
            \(ranges.joined(separator: ", ")), in UTC, weeks from Monday. Whole numbers are summed \
            exactly; items without a number are left out of sum, average, min and max.
            """,
        inputs: [
            ActionField("items", .list, "the list, at most 10,000"),
            ActionField("source", .string, "or the key of a database"),
            ActionField("field", .string, "what is summed; amount if not given"),
            ActionField("calculations", .list, "count if not given"),
            ActionField("aggregation_type", .string, choices: functions, "or one calculation"),
            ActionField("group_by", .any, "a dotted path or a list of them"),
            ActionField("date_range", .any, "a word, or from and to"),
            ActionField("date_field", .string, "date if not given"),
        ],
        outputs: [
            ActionField("groups", .list, required: true, "each with its keys and results, by key"),
            ActionField("total", .map, required: true, "the results over all items"),
            ActionField("count", .integer, required: true, "how many items were taken"),
        ],
        effect: .none
    )

    public func perform(
        _ request: ActionRequest,
        services: any ActionServices
    ) async throws(ActionFailure) -> Value {
        let input = ActionInput(request)
        var items = try await items(input)
        if let range = input.members["date_range"], !range.isNull {
            let field = try input.optionalText("date_field") ?? "date"
            let (start, end) = try Self.range(range, now: services.now)
            items = items.filter { item in
                guard let value = item.at(path: field), let instant = Self.instant(value) else {
                    return false
                }
                return start <= instant && instant < end
            }
        }
        let calculations = try Self.calculations(input)
        let paths = try input.optionalTexts("group_by") ?? []
        var groups: [[Value]: [Value]] = [:]
        for item in items {
            groups[paths.map { item.at(path: $0) ?? .null }, default: []].append(item)
        }
        let keys = groups.keys.sorted { left, right in
            for (one, other) in zip(left, right) where one != other {
                return Value.precedes(one, other)
            }
            return false
        }
        let rows = keys.map { key -> Value in
            var row = Self.results(groups[key] ?? [], calculations)
            for (path, value) in zip(paths, key) { row[path] = value }
            return .map(row)
        }
        return [
            "groups": .list(paths.isEmpty ? [] : rows),
            "total": .map(Self.results(items, calculations)), "count": .int(Int64(items.count)),
        ]
    }

    private func items(_ input: ActionInput) async throws(ActionFailure) -> [Value] {
        guard let source = try input.optionalText("source") else {
            return try DataItems.list(input, "items")
        }
        guard let finder else {
            throw ActionFailure(
                code: "invalid_configuration",
                message: "'source' needs Notion; set notion.token, or give 'items'",
                isRetryable: false
            )
        }
        return try await finder.records(in: source, where: ValueMap(), limit: 1_000)
    }

    // MARK: Calculations

    struct Calculation {
        var function: String
        var field: String
        var name: String
    }

    private static func calculations(
        _ input: ActionInput
    ) throws(ActionFailure) -> [Calculation] {
        let field = try input.optionalText("field") ?? "amount"
        var given = try input.optionalList("calculations") ?? []
        if let word = try input.choice("aggregation_type", of: functions) {
            given.append(.string(word))
        }
        if given.isEmpty { given = ["count"] }
        var calculations: [Calculation] = []
        for value in given {
            let function = value.stringValue ?? value["function"]?.stringValue ?? ""
            guard functions.contains(function) else {
                throw ActionInput.invalid(
                    "calculations",
                    "holds '\(function)'",
                    remedy: "use one of \(functions.joined(separator: ", "))"
                )
            }
            calculations.append(
                Calculation(
                    function: function,
                    field: value["field"]?.stringValue ?? field,
                    name: value["name"]?.stringValue ?? function
                )
            )
        }
        return calculations
    }

    private static func results(_ items: [Value], _ calculations: [Calculation]) -> ValueMap {
        var results = ValueMap()
        for calculation in calculations {
            let numbers = items.compactMap { $0.at(path: calculation.field) }
                .filter { $0.doubleValue != nil }
            let value: Value =
                switch calculation.function {
                case "count": .int(Int64(items.count))
                case "sum": sum(numbers)
                case "average":
                    numbers.isEmpty
                        ? .null
                        : .double((sum(numbers).doubleValue ?? 0) / Double(numbers.count))
                case "min": numbers.min(by: Value.precedes) ?? .null
                default: numbers.max(by: Value.precedes) ?? .null
                }
            results[calculation.name] = value
        }
        return results
    }

    private static func sum(_ numbers: [Value]) -> Value {
        var total: Int64? = 0
        for number in numbers {
            let whole = number.intValue
            let (next, isOver) = (total ?? 0).addingReportingOverflow(whole ?? 0)
            total = whole == nil || total == nil || isOver ? nil : next
        }
        if let total { return .int(total) }
        return .double(numbers.compactMap(\.doubleValue).reduce(0, +))
    }

    // MARK: Ranges

    private static func instant(_ value: Value) -> Timestamp? {
        if let instant = ActionInput.timestamp(value) { return instant }
        // A date of Notion: a day alone, or a map with its start.
        if let start = value["start"] { return instant(start) }
        return value.stringValue.flatMap { try? Timestamp(rfc3339: "\($0)T00:00:00Z") }
    }

    static func range(
        _ range: Value,
        now: Timestamp
    ) throws(ActionFailure) -> (start: Timestamp, end: Timestamp) {
        if let from = range["from"].flatMap(instant), let to = range["to"].flatMap(instant) {
            return (from, to)
        }
        let today = CivilTime(now).date.daysSince1970
        func day(_ number: Int) -> Timestamp { Timestamp(seconds: Int64(number) * 86_400) }
        // Day 0 was a Thursday.
        let monday = today - ((today + 3) % 7 + 7) % 7
        let date = CivilDate(daysSince1970: today)
        let first = today - date.day + 1
        let lastMonth = CivilDate(daysSince1970: first - 1)
        switch range.stringValue ?? "" {
        case "today": return (day(today), day(today + 1))
        case "yesterday": return (day(today - 1), day(today))
        case "this_week": return (day(monday), day(monday + 7))
        case "last_week": return (day(monday - 7), day(monday))
        case "this_month":
            let length = CivilDate.dayCount(year: date.year, month: date.month)
            return (day(first), day(first + length))
        case "last_month": return (day(first - lastMonth.day), day(first))
        case "last_7_days": return (day(today - 6), day(today + 1))
        case "last_30_days": return (day(today - 29), day(today + 1))
        default:
            throw ActionInput.invalid(
                "date_range",
                "is no range",
                remedy: "give from and to, or one of \(ranges.joined(separator: ", "))"
            )
        }
    }
}

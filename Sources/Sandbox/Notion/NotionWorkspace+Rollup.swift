import EventModel
import Records

extension NotionWorkspace {
    /// What a roll-up shows: the values of a property of the related pages, taken together.
    func rollup(_ property: NotionProperty, of page: NotionPage) -> Value {
        let function = property.config["function"]?.stringValue ?? "show_original"
        var result = rollupValue(property, function, of: page)
        result["function"] = .string(function)
        return .map(result)
    }

    private func rollupValue(
        _ property: NotionProperty,
        _ function: String,
        of page: NotionPage
    ) -> ValueMap {
        guard let source = page.dataSourceID.flatMap({ dataSources[$0] }),
            let relationID = property.config["relation_property_id"]?.stringValue,
            let relation = source.property(relationID),
            let target = relation.relationTarget.flatMap({ dataSources[$0] }),
            let shown = property.config["rollup_property_id"]?.stringValue
                .flatMap({ target.property($0) }), shown.type != .rollup
        else { return ["type": "array", "array": []] }
        let related = (page.values[relation.id]?.listValue ?? []).compactMap { id in
            id.stringValue.flatMap { pages[$0] }
        }.filter { !$0.isTrashed }
        let values = related.map { shownValue(shown, of: $0) }
        if let number = NotionWorkspace.number(function, values) {
            return ["type": "number", "number": number]
        }
        switch function {
        case "show_original":
            let name = shown.type.rawValue
            return [
                "type": "array",
                "array": .list(values.map { ["type": .string(name), name: $0] }),
            ]
        case "earliest_date", "latest_date":
            let starts = values.compactMap { $0["start"]?.stringValue }.sorted {
                (NotionTime($0)?.minuteSeconds ?? 0) < (NotionTime($1)?.minuteSeconds ?? 0)
            }
            let found = function == "earliest_date" ? starts.first : starts.last
            let date: Value =
                found.map { ["start": .string($0), "end": .null, "time_zone": .null] } ?? .null
            return ["type": "date", "date": date]
        default:
            return ["type": "unsupported", "unsupported": [:]]
        }
    }

    /// The number that a counting or calculating function gives; nil for other functions.
    private static func number(_ function: String, _ values: [Value]) -> Value? {
        let filled = values.filter { !isEmpty($0) }.count
        let checked = values.filter { $0 == true }.count
        switch function {
        case "count": return .int(Int64(values.count))
        case "count_values", "not_empty": return .int(Int64(filled))
        case "empty": return .int(Int64(values.count - filled))
        case "percent_empty": return share(values.count - filled, of: values.count)
        case "percent_not_empty": return share(filled, of: values.count)
        case "checked": return .int(Int64(checked))
        case "unchecked": return .int(Int64(values.count - checked))
        case "percent_checked": return share(checked, of: values.count)
        case "percent_unchecked": return share(values.count - checked, of: values.count)
        case "sum", "average", "median", "min", "max", "range":
            return calculated(function, values.compactMap(\.doubleValue).sorted())
        default: return nil
        }
    }

    private static func calculated(_ function: String, _ numbers: [Double]) -> Value {
        let sum = numbers.reduce(0, +)
        if function == "sum" { return plain(sum) }
        guard let least = numbers.first, let most = numbers.last else { return .null }
        switch function {
        case "average": return plain(sum / Double(numbers.count))
        case "min": return plain(least)
        case "max": return plain(most)
        case "range": return plain(most - least)
        default:
            let middle = numbers.count / 2
            let isOdd = numbers.count % 2 == 1
            return plain(isOdd ? numbers[middle] : (numbers[middle - 1] + numbers[middle]) / 2)
        }
    }

    private static func share(_ part: Int, of whole: Int) -> Value {
        whole == 0 ? .null : plain(Double(part) / Double(whole))
    }

    /// A number as JSON writes it: whole ones without a fraction.
    private static func plain(_ number: Double) -> Value {
        Int64(exactly: number).map { .int($0) } ?? .double(number)
    }

    static func isEmpty(_ value: Value) -> Bool {
        value.isNull || value.listValue?.isEmpty == true || value.stringValue?.isEmpty == true
    }
}

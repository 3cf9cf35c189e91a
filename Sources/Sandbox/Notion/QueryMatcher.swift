import EventModel

/// Tells whether a page fulfils a filter.
struct QueryMatcher {
    var workspace: NotionWorkspace
    var now: Timestamp
    /// Who asks: what `me` stands for.
    var userID: String

    func matches(_ page: NotionPage, _ filter: QueryFilter) -> Bool {
        switch filter {
        case .and(let parts): parts.allSatisfy { matches(page, $0) }
        case .or(let parts): parts.contains { matches(page, $0) }
        case .property(let property, let condition):
            matches(workspace.shownValue(property, of: page), condition)
        case .createdTime(let condition):
            matches(.string(NotionTime.minutes(page.createdAt)), condition)
        case .lastEditedTime(let condition):
            matches(.string(NotionTime.minutes(page.editedAt)), condition)
        }
    }

    private func matches(_ value: Value, _ condition: QueryCondition) -> Bool {
        switch condition {
        case .compare(let family, let name, let operand):
            return compare(value, family, name, operand)
        case .inner(_, let name, let below):
            guard let type = value["type"]?.stringValue else { return false }
            switch name {
            case "any", "every", "none":
                let members = (value["array"]?.listValue ?? []).map { member in
                    member[member["type"]?.stringValue ?? ""] ?? .null
                }
                if name == "any" { return members.contains { matches($0, below) } }
                if name == "none" { return !members.contains { matches($0, below) } }
                // Nothing is not every.
                return !members.isEmpty && members.allSatisfy { matches($0, below) }
            default:
                return matches(value[type] ?? .null, below)
            }
        }
    }

    private func compare(
        _ value: Value,
        _ family: QueryCondition.Family,
        _ name: String,
        _ operand: Value
    ) -> Bool {
        switch family {
        case .text: return text(QueryMatcher.text(value), name, operand.stringValue ?? "")
        case .number: return number(value.doubleValue, name, operand.doubleValue ?? 0)
        case .uniqueID:
            return number(value["number"]?.doubleValue, name, operand.doubleValue ?? 0)
        case .checkbox:
            let isTicked = value.boolValue ?? false
            return (isTicked == operand.boolValue) == (name == "equals")
        case .choice:
            return members(value.isNull ? [] : [value], name, operand) { option, wanted in
                option["name"]?.stringValue == wanted || option["id"]?.stringValue == wanted
            }
        case .choices:
            return members(value.listValue ?? [], name, operand) { option, wanted in
                option["name"]?.stringValue == wanted || option["id"]?.stringValue == wanted
            }
        case .people, .relation:
            let list = value.listValue ?? (value.isNull ? [] : [value])
            return members(list, name, operand) { member, wanted in
                let id = wanted == "me" ? userID : SandboxIdentities.parse(wanted)
                return member["id"]?.stringValue == id
            }
        case .files: return members(value.listValue ?? [], name, operand) { _, _ in false }
        case .date: return date(value, name, operand)
        case .formula, .rollup: return false
        }
    }

    /// The text of any value that a text filter meets.
    static func text(_ value: Value) -> String {
        value.stringValue ?? NotionText.plainText(value)
    }

    private func text(_ text: String, _ name: String, _ wanted: String) -> Bool {
        // Notion's search in text does not mind the case, its equality does.
        let (lower, part) = (text.lowercased(), wanted.lowercased())
        switch name {
        case "equals": return text == wanted
        case "does_not_equal": return text != wanted
        case "contains": return part.isEmpty || lower.contains(part)
        case "does_not_contain": return !(part.isEmpty || lower.contains(part))
        case "starts_with": return lower.hasPrefix(part)
        case "ends_with": return lower.hasSuffix(part)
        case "is_empty": return text.isEmpty
        default: return !text.isEmpty
        }
    }

    private func number(_ number: Double?, _ name: String, _ wanted: Double) -> Bool {
        guard let number else { return name == "is_empty" || name == "does_not_equal" }
        switch name {
        case "equals": return number == wanted
        case "does_not_equal": return number != wanted
        case "greater_than": return number > wanted
        case "less_than": return number < wanted
        case "greater_than_or_equal_to": return number >= wanted
        case "less_than_or_equal_to": return number <= wanted
        default: return name == "is_not_empty"
        }
    }

    private func members(
        _ members: [Value],
        _ name: String,
        _ operand: Value,
        _ isMeant: (Value, String) -> Bool
    ) -> Bool {
        let wanted = operand.listValue?.compactMap(\.stringValue) ?? [operand.stringValue ?? ""]
        let isFound = members.contains { member in wanted.contains { isMeant(member, $0) } }
        switch name {
        case "is_empty": return members.isEmpty
        case "is_not_empty": return !members.isEmpty
        case "equals", "contains": return isFound
        default: return !isFound
        }
    }

    private func date(_ value: Value, _ name: String, _ operand: Value) -> Bool {
        let text = value.stringValue ?? value["start"]?.stringValue
        guard let time = text.flatMap({ NotionTime($0) }) else { return name == "is_empty" }
        if name == "is_empty" { return false }
        if name == "is_not_empty" { return true }
        let today = NotionTime.floorDivide(Int(now.seconds), 86_400)
        let day = time.secondOfDay == nil ? time.day : time.utcDay
        if let window = DateWindow.days(name, today: today) { return window.contains(day) }
        let word = operand.stringValue ?? ""
        let left: Int
        let right: Int
        if let days = DateWindow.relativeDays[word] {
            (left, right) = (day, today + days)
        } else if let wanted = NotionTime(word) {
            // A filter that names a day means the whole day; one with a clock means the minute.
            (left, right) =
                wanted.secondOfDay == nil
                ? (day, wanted.day) : (time.minuteSeconds, wanted.minuteSeconds)
        } else {
            return false
        }
        switch name {
        case "equals": return left == right
        case "before": return left < right
        case "after": return left > right
        case "on_or_before": return left <= right
        case "on_or_after": return left >= right
        default: return false
        }
    }
}

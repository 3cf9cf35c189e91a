import EventModel
import Records

/// One operator with its operand.
indirect enum QueryCondition {
    /// The operators that belong together.
    enum Family {
        case text, number, checkbox, choice, choices, date, people, relation, files, uniqueID
        case formula, rollup

        /// The family of a filter's key, if a property of this type takes it.
        init?(key: String, for type: NotionProperty.Kind) {
            switch type {
            case .title, .richText, .url, .email, .phoneNumber:
                // Recordings show `rich_text` for every property that holds text.
                guard key == type.rawValue || key == "rich_text" || key == "text" else {
                    return nil
                }
                self = .text
                return
            case .number, .checkbox, .select, .multiSelect, .status, .date, .people, .files,
                .relation, .rollup, .formula, .uniqueID, .createdTime, .lastEditedTime, .createdBy,
                .lastEditedBy:
                let isDate = type == .createdTime || type == .lastEditedTime
                let isPeople = type == .createdBy || type == .lastEditedBy
                guard
                    key == type.rawValue || (isDate && key == "date")
                        || (isPeople && key == "people")
                else { return nil }
            }
            self.init(type: type)
        }

        private init(type: NotionProperty.Kind) {
            switch type {
            case .title, .richText, .url, .email, .phoneNumber: self = .text
            case .number: self = .number
            case .checkbox: self = .checkbox
            case .select, .status: self = .choice
            case .multiSelect: self = .choices
            case .date, .createdTime, .lastEditedTime: self = .date
            case .people, .createdBy, .lastEditedBy: self = .people
            case .relation: self = .relation
            case .files: self = .files
            case .uniqueID: self = .uniqueID
            case .formula: self = .formula
            case .rollup: self = .rollup
            }
        }

        /// The family of a key inside `rollup.any` or `formula`.
        init?(inner key: String) {
            switch key {
            case "title", "rich_text", "text", "string", "url", "email", "phone_number":
                self = .text
            case "number": self = .number
            case "checkbox": self = .checkbox
            case "select", "status": self = .choice
            case "multi_select": self = .choices
            case "date", "created_time", "last_edited_time": self = .date
            case "people", "created_by", "last_edited_by": self = .people
            case "relation": self = .relation
            case "files": self = .files
            case "unique_id": self = .uniqueID
            default: return nil
            }
        }

        var operators: [String] {
            switch self {
            case .text:
                [
                    "equals", "does_not_equal", "contains", "does_not_contain", "starts_with",
                    "ends_with", "is_empty", "is_not_empty",
                ]
            case .number, .uniqueID:
                [
                    "equals", "does_not_equal", "greater_than", "less_than",
                    "greater_than_or_equal_to", "less_than_or_equal_to", "is_empty",
                    "is_not_empty",
                ]
            case .checkbox: ["equals", "does_not_equal"]
            case .choice: ["equals", "does_not_equal", "is_empty", "is_not_empty"]
            case .choices, .people, .relation:
                ["contains", "does_not_contain", "is_empty", "is_not_empty"]
            case .date:
                [
                    "equals", "before", "after", "on_or_before", "on_or_after", "past_week",
                    "past_month", "past_year", "this_week", "next_week", "next_month",
                    "next_year", "is_empty", "is_not_empty",
                ]
            case .files: ["is_empty", "is_not_empty"]
            case .formula: ["string", "number", "checkbox", "date"]
            case .rollup: ["any", "every", "none", "number", "date"]
            }
        }
    }

    /// An operator with a value.
    case compare(Family, String, Value)
    /// What stands under `formula` or `rollup`: the key there, and the condition below it.
    case inner(Family, String, QueryCondition)

    static func read(
        _ value: Value,
        _ family: Family,
        path: String
    ) throws(NotionError) -> QueryCondition {
        guard let map = value.mapValue else { throw .body(path, "an object", value) }
        let known = family.operators
        guard let name = map.stringKeys.first(where: known.contains), map.count == 1 else {
            let words = known.map { "`\($0)`" }.joined(separator: ", ")
            throw .validation(
                "body failed validation: body.\(path) should have exactly one of \(words)."
            )
        }
        let operand = map[name] ?? .null
        let place = "\(path).\(name)"
        switch family {
        case .formula:
            guard let inner = Family(inner: name) else { throw .body(place, "defined", nil) }
            return .inner(family, name, try read(operand, inner, path: place))
        case .rollup where name == "number" || name == "date":
            let inner: Family = name == "number" ? .number : .date
            return .inner(family, name, try read(operand, inner, path: place))
        case .rollup:
            guard let key = operand.mapValue?.stringKeys.first, operand.mapValue?.count == 1,
                let inner = Family(inner: key), let below = operand[key]
            else { throw .body(place, "a filter of one property type", operand) }
            return .inner(family, name, try read(below, inner, path: "\(place).\(key)"))
        case .text, .number, .checkbox, .choice, .choices, .date, .people, .relation, .files,
            .uniqueID:
            try check(operand, family, name, place)
            return .compare(family, name, operand)
        }
    }

    private static func check(
        _ operand: Value,
        _ family: Family,
        _ name: String,
        _ path: String
    ) throws(NotionError) {
        if name == "is_empty" || name == "is_not_empty" {
            guard operand == true else { throw .body(path, "`true`", operand) }
            return
        }
        switch family {
        case .text:
            guard operand.stringValue != nil else { throw .body(path, "a string", operand) }
        case .number, .uniqueID:
            guard operand.doubleValue != nil else { throw .body(path, "a number", operand) }
        case .checkbox:
            guard operand.boolValue != nil else { throw .body(path, "a boolean", operand) }
        case .choice, .choices:
            let isList = operand.listValue?.allSatisfy { $0.stringValue != nil } == true
            guard operand.stringValue != nil || isList else {
                throw .body(path, "a string or an array of strings", operand)
            }
        case .people, .relation:
            guard let text = operand.stringValue else { throw .body(path, "a string", operand) }
            let isSelf = family.isPeople && text == "me"
            guard isSelf || SandboxIdentities.parse(text) != nil else {
                throw .body(path, "a valid uuid", operand)
            }
        case .date:
            if DateWindow.names.contains(name) {
                guard operand.mapValue?.isEmpty == true else {
                    throw .body(path, "an empty object", operand)
                }
                return
            }
            guard let text = operand.stringValue,
                NotionTime(text) != nil || DateWindow.relativeDays[text] != nil
            else { throw .body(path, "a valid ISO 8601 date string", operand) }
        case .files, .formula, .rollup:
            return
        }
    }
}

extension QueryCondition.Family {
    fileprivate var isPeople: Bool {
        switch self {
        case .people: true
        case .text, .number, .checkbox, .choice, .choices, .date, .relation, .files, .uniqueID,
            .formula, .rollup:
            false
        }
    }
}

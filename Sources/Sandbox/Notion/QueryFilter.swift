import EventModel
import Records

/// A filter of a query, checked against the columns.
indirect enum QueryFilter {
    case and([QueryFilter])
    case or([QueryFilter])
    /// What a property must fulfil; the family says how the operand is meant.
    case property(NotionProperty, QueryCondition)
    case createdTime(QueryCondition)
    case lastEditedTime(QueryCondition)

    /// Reads a filter as a client wrote it.
    static func read(
        _ value: Value,
        _ source: NotionDataSource,
        path: String = "filter",
        depth: Int = 0
    ) throws(NotionError) -> QueryFilter {
        guard let map = value.mapValue else { throw .body(path, "an object", value) }
        for word in ["and", "or"] {
            guard let written = map[word] else { continue }
            guard depth < NotionLimits.filterDepthMax else {
                throw .validation(
                    "body failed validation: body.\(path).\(word) is nested deeper than "
                        + "\(NotionLimits.filterDepthMax) levels."
                )
            }
            guard let list = written.listValue else {
                throw .body("\(path).\(word)", "an array", written)
            }
            guard list.count <= NotionLimits.arrayCountMax else {
                throw .length("\(path).\(word)", NotionLimits.arrayCountMax, list.count)
            }
            var parts: [QueryFilter] = []
            for (index, part) in list.enumerated() {
                let place = "\(path).\(word)[\(index)]"
                parts.append(try read(part, source, path: place, depth: depth + 1))
            }
            return word == "and" ? .and(parts) : .or(parts)
        }
        if let timestamp = map["timestamp"] {
            let name = timestamp.stringValue ?? ""
            guard name == "created_time" || name == "last_edited_time" else {
                throw .body(
                    "\(path).timestamp",
                    "`\"created_time\"` or `\"last_edited_time\"`",
                    timestamp
                )
            }
            guard let written = map[name] else { throw .body("\(path).\(name)", "defined", nil) }
            let condition = try QueryCondition.read(written, .date, path: "\(path).\(name)")
            return name == "created_time" ? .createdTime(condition) : .lastEditedTime(condition)
        }
        guard let key = map["property"]?.stringValue else {
            throw .body("\(path).property", "defined", map["property"])
        }
        guard let property = source.property(key) else {
            throw .validation("Could not find property with name or id: \(key)")
        }
        return .property(property, try condition(map, property, path: path))
    }

    private static func condition(
        _ map: ValueMap,
        _ property: NotionProperty,
        path: String
    ) throws(NotionError) -> QueryCondition {
        let keys = map.stringKeys.filter { $0 != "property" && $0 != "type" }
        guard let key = keys.first, keys.count == 1, let written = map[key] else {
            throw .body("\(path).\(property.type.rawValue)", "defined", nil)
        }
        guard let family = QueryCondition.Family(key: key, for: property.type) else {
            throw .validation(
                "database property \(property.type.rawValue) does not match filter \(key)"
            )
        }
        return try QueryCondition.read(written, family, path: "\(path).\(key)")
    }
}

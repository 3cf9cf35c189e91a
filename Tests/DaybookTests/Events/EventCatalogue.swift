import Documents
import EventLog
import EventModel
import Foundation
import Testing

/// The files of `Schemas/events/`, by event type.
struct EventCatalogue {
    let schemas: [String: Value]

    static func load() throws -> EventCatalogue {
        let folder = Program.root.appendingPathComponent("Schemas/events")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        var schemas: [String: Value] = [:]
        for name in names where name.hasSuffix(".yaml") {
            let file = folder.appendingPathComponent(name)
            let text = try String(contentsOf: file, encoding: .utf8)
            schemas[String(name.dropLast(5))] = try YAML.parse(text, file: name).value
        }
        return EventCatalogue(schemas: schemas)
    }

    /// Checks every event of a log against its file.
    func check(eventsIn folder: String) throws {
        let log = try EventLog.open(
            at: folder,
            configuration: EventLogConfiguration(mode: .readOnly)
        )
        let events = try log.read(from: nil, direction: .forward, limit: 100_000, filter: .all)
        try #require(!events.isEmpty)
        let mistakes = Set(events.flatMap(mistakes))
        #expect(mistakes.isEmpty, "\(mistakes.sorted().joined(separator: "\n"))")
    }

    private func mistakes(_ event: Event) -> [String] {
        guard let schema = schemas[event.type] else {
            return ["there is no Schemas/events/\(event.type).yaml"]
        }
        var mistakes = data(event.data, fits: event.type)
        if schema["category"] != .string(event.stream.category) {
            mistakes.append("\(event.type): the stream is \(event.stream.category)/…")
        }
        if schema["version"]?.intValue != Int64(event.schema) {
            mistakes.append("\(event.type): the version is \(event.schema)")
        }
        return mistakes
    }

    /// What is wrong with the data of an event.
    func data(_ data: Value, fits type: String) -> [String] {
        SchemaCheck.mistakes(of: data, against: schemas[type]?["data"] ?? .null, at: type)
    }
}

/// As much of JSON Schema as the catalogue uses; times and durations are values of their own.
enum SchemaCheck {
    static func mistakes(of value: Value, against schema: Value, at place: String) -> [String] {
        var mistakes: [String] = []
        let shown = (try? JSON.text(value)) ?? "\(value)"
        if let type = schema["type"]?.stringValue,
            !isOf(type, value, format: schema["format"]?.stringValue)
        {
            return ["\(place): \(shown) is no \(schema["format"]?.stringValue ?? type)"]
        }
        if let choices = schema["enum"]?.listValue, !choices.contains(value) {
            mistakes.append("\(place): \(shown) is none of \(choices)")
        }
        if let minimum = schema["minimum"]?.intValue, (value.intValue ?? minimum) < minimum {
            mistakes.append("\(place): \(shown) is less than \(minimum)")
        }
        if let pattern = schema["pattern"]?.stringValue, let text = value.stringValue,
            let regex = try? Regex(pattern), text.firstMatch(of: regex) == nil
        {
            mistakes.append("\(place): '\(text)' does not fit \(pattern)")
        }
        if let items = value.listValue {
            if let minimum = schema["minItems"]?.intValue, items.count < minimum {
                mistakes.append("\(place): fewer than \(minimum) items")
            }
            for item in items {
                let itemSchema = schema["items"] ?? .null
                mistakes += Self.mistakes(of: item, against: itemSchema, at: "\(place)[]")
            }
        }
        if let map = value.mapValue { mistakes += members(of: map, against: schema, at: place) }
        return mistakes
    }

    private static func members(
        of map: ValueMap,
        against schema: Value,
        at place: String
    ) -> [String] {
        var mistakes: [String] = []
        if let minimum = schema["minProperties"]?.intValue, map.count < minimum {
            mistakes.append("\(place): fewer than \(minimum) members")
        }
        for name in schema["required"]?.listValue?.compactMap(\.stringValue) ?? []
        where map[name] == nil {
            mistakes.append("\(place): '\(name)' is missing")
        }
        for name in map.stringKeys {
            let member = map[name] ?? .null
            let known = schema[path: "properties", name]
            if known == nil, schema["additionalProperties"] == false {
                mistakes.append("\(place): '\(name)' is not declared")
            }
            let additional = schema["additionalProperties"]?.mapValue.map(Value.map)
            mistakes += Self.mistakes(
                of: member,
                against: known ?? additional ?? .null,
                at: "\(place).\(name)"
            )
        }
        return mistakes
    }

    private static func isOf(_ type: String, _ value: Value, format: String?) -> Bool {
        switch (type, format) {
        case ("string", "date-time"): value.timestampValue != nil
        case ("string", "duration"):
            if case .duration = value { true } else { false }
        case ("string", _): value.stringValue != nil
        case ("integer", _): value.intValue != nil
        case ("boolean", _): value.boolValue != nil
        case ("array", _): value.listValue != nil
        case ("object", _): value.mapValue != nil
        case ("null", _): value.isNull
        default: false
        }
    }
}

import Documents
import EventModel
import Records

/// Placeholders and conditions.
extension ActionsImport {
    /// A value with its placeholders as expressions, and those of which nothing is known.
    func interpolated(_ node: Node) -> (draft: YAMLDraft, missing: [String]) {
        switch node.content {
        case .scalar(.string(let text)): return interpolated(text)
        case .scalar(let value): return (.scalar(value), [])
        case .sequence(let nodes):
            let parts = nodes.map { interpolated($0) }
            return (.list(parts.map(\.draft)), parts.flatMap(\.missing))
        case .mapping(let members):
            let parts = members.map { ($0.key, interpolated($0.node)) }
            return (.map(parts.map { ($0.0, $0.1.draft) }), parts.flatMap(\.1.missing))
        }
    }

    private func interpolated(_ text: String) -> (draft: YAMLDraft, missing: [String]) {
        var result = ""
        var missing: [String] = []
        var rest = text[...]
        while let start = rest.firstRange(of: "{{"),
            let end = rest[start.upperBound...].firstRange(of: "}}")
        {
            result += rest[..<start.lowerBound]
            let name = rest[start.upperBound..<end.lowerBound].filter { $0 != " " }
            if let path = path(name, root: "input") {
                result += "{{ \(path) }}"
            } else {
                missing.append(name)
                result += "(\(name))"
            }
            rest = rest[end.upperBound...]
        }
        return (.text(result + rest), missing)
    }

    /// The expression for a path of the older context; nil if nothing is known of it.
    ///
    /// - Parameter root: where the event's data stand: `input`, in a trigger `record` or `payload`.
    func path(_ text: String, root: String) -> String? {
        var parts = text.split(separator: ".").map(String.init)
        guard let first = parts.first,
            parts.allSatisfy({ part in
                part.unicodeScalars.allSatisfy {
                    $0.properties.isAlphabetic || "0123456789_".unicodeScalars.contains($0)
                }
            })
        else { return nil }
        parts.removeFirst()
        if first.hasPrefix("step_") {
            switch outputs[first] {
            case .record(let database):
                guard let name = parts.first else { return "steps.\(first).record" }
                guard parts.count == 1 else { return nil }
                if name == "id" { return "steps.\(first).id" }
                return world.field(name, of: database).map { "steps.\(first).record.\($0.key)" }
            case .plain(let known):
                guard let name = parts.first, !known.isEmpty, !known.contains(name) else {
                    return (["steps", first] + parts).joined(separator: ".")
                }
                // The older form names a column of the first row.
                guard known.contains("first") else { return nil }
                return (["steps", first, "first"] + parts).joined(separator: ".")
            case .nothing, nil: return nil
            }
        }
        if first == "event_data" { return eventPath(parts, root: root) }
        // Conditions of triggers are read relative to the event's data.
        guard root != "input" else { return nil }
        return eventPath([first] + parts, root: root)
    }

    private func eventPath(_ parts: [String], root: String) -> String? {
        guard let database = startingDatabase else {
            return ([root] + parts).joined(separator: ".")
        }
        var parts = parts
        if let first = parts.first, world.database(of: first)?.key == database.key {
            parts.removeFirst()
        }
        guard let name = parts.first else { return root }
        guard parts.count == 1 else { return nil }
        if name == "id" { return "\(root).id" }
        let current = name.hasPrefix("new_") ? String(name.dropFirst(4)) : name
        return world.field(current, of: database).map { "\(root).\($0.key)" }
    }

    /// Conditions of `field`, `operator` and `value`, all of which must hold.
    ///
    /// - Returns: the expression, nil if there is none, and what cannot be expressed.
    func conditions(_ node: Node?, root: String) -> (expression: String?, problem: String?) {
        let nodes = node.map { $0.elements ?? [$0] } ?? []
        var parts: [String] = []
        var problem: String?
        for node in nodes {
            let name = node["field"]?.text ?? ""
            guard let path = path(name, root: root) else {
                problem = "nothing is known of '\(name)', which the condition asks for"
                continue
            }
            let value = Self.literal(node["value"]?.value ?? .null)
            switch node["operator"]?.text ?? "" {
            case "equals": parts.append("\(path) == \(value)")
            case "not_equals": parts.append("\(path) != \(value)")
            case "greater_than": parts.append("\(path) > \(value)")
            case "less_than": parts.append("\(path) < \(value)")
            case "contains": parts.append("string(\(path)).contains(string(\(value)))")
            case "in": parts.append("\(path) in \(value)")
            case let other:
                problem = "there is no operator '\(other)'; the older engine took it for met"
            }
        }
        return (nodes.isEmpty ? nil : parts.joined(separator: " && "), problem)
    }

    /// A value as a literal of the expression language.
    private static func literal(_ value: Value) -> String {
        switch value {
        case .string(let text): ConditionReader.quoted(text)
        case .list(let elements): "[\(elements.map(literal).joined(separator: ", "))]"
        case .null, .bool, .int, .uint, .double, .bytes, .timestamp, .duration, .map:
            (try? JSON.text(value)) ?? "null"
        }
    }
}

import EventModel
import Records

/// Reads the conditions of the older shapes as expressions.
struct ConditionReader {
    let world: ImportWorld
    /// What fields belong to; nil if that is not known.
    var database: DatabaseSchema?
    /// The name that fields stand behind: `record`, `input`, `task`.
    let root: String
    /// What was understood with a doubt.
    private(set) var doubts: [String] = []

    init(world: ImportWorld, database: DatabaseSchema?, root: String) {
        self.world = world
        self.database = database
        self.root = root
    }

    /// `FIELD`, `FIELD exists`, `FIELD == 'x'` and other comparisons, `FIELD changed to 'x'`.
    ///
    /// - Returns: the expression; nil if the text is none of these, or its field does not exist.
    mutating func read(_ text: String) -> String? {
        let words = text.split(separator: " ", maxSplits: 2).map(String.init)
        guard let first = words.first, let path = path(first) else { return nil }
        switch words.count {
        case 1:
            return "has(\(path)) && \(path) == true"
        case 2:
            guard words[1] == "exists" else { return nil }
            return "has(\(path)) && \(path) != null"
        default:
            break
        }
        if words[1] == "changed", words[2].hasPrefix("to "), root == "record" {
            return changed(first, to: String(words[2].dropFirst(3)))
        }
        guard ["==", "!=", ">", "<", ">=", "<="].contains(words[1]),
            let value = literal(words[2], of: first)
        else { return nil }
        return "\(path) \(words[1]) \(value)"
    }

    /// Where a field stands; nil if its database has no such field.
    func path(_ name: String) -> String? {
        guard name.unicodeScalars.allSatisfy({ $0.properties.isAlphabetic || $0 == "_" }) else {
            return nil
        }
        guard let database else { return "\(root).\(WorkflowNames.name(name))" }
        return world.field(name, of: database).map { "\(root).\($0.key)" }
    }

    private mutating func changed(_ name: String, to text: String) -> String? {
        guard let database, let field = world.field(name, of: database) else { return nil }
        let options = field.options(for: Self.unquoted(text))
        if options != [Self.unquoted(text)] {
            let list = options.joined(separator: ", ")
            doubts.append("'\(Self.unquoted(text))' of '\(field.key)' is taken for \(list)")
        }
        let quoted = options.map(Self.quoted)
        let wanted =
            quoted.count == 1 ? "== \(quoted[0])" : "in [\(quoted.joined(separator: ", "))]"
        return "changed(record, '\(field.key)') && record.\(field.key) \(wanted)"
    }

    /// A text in quotes as the option that it stands for, or a number.
    private mutating func literal(_ text: String, of name: String) -> String? {
        guard text.hasPrefix("'") || text.hasPrefix("\"") else {
            return Double(text) != nil || text == "true" || text == "false" ? text : nil
        }
        let content = Self.unquoted(text)
        guard let database, let field = world.field(name, of: database) else {
            return Self.quoted(content)
        }
        let options = field.options(for: content)
        if options != [content] {
            doubts.append("'\(content)' of '\(field.key)' is taken for \(options[0])")
        }
        return Self.quoted(options[0])
    }

    static func unquoted(_ text: String) -> String {
        text.trimmingPrefix { $0 == "'" || $0 == "\"" }.reversed()
            .drop { $0 == "'" || $0 == "\"" }.reversed().map(String.init).joined()
    }

    /// A text as a literal of the expression language.
    static func quoted(_ text: String) -> String {
        "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
    }
}

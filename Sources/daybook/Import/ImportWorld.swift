import Documents
import EventModel
import Records
import WorkflowEngine

/// What older workflows are matched with: actions, databases and templates of this installation.
struct ImportWorld {
    let actions: ActionCatalogue
    let databases: DatabaseCatalogue
    /// The names of the notification templates.
    let templates: Set<String>

    /// The field that an older name stands for.
    func field(_ name: String, of database: DatabaseSchema) -> FieldSchema? {
        func plain(_ text: String) -> String { WorkflowNames.name(text) }
        if let field = database.field(name) { return field }
        return database.fields.first { field in
            field.aliases.contains(name) || plain(field.notionName) == plain(name)
        } ?? (name == "name" ? database.titleField : nil)
    }

    /// The database that a word in an event's or action's name stands for: `opportunity`.
    func database(of word: String) -> DatabaseSchema? {
        databases.database(word) ?? databases.database(word + "s")
            ?? databases.databases.first {
                $0.key.hasSuffix("y") == false && $0.key == plural(word)
            }
    }

    private func plural(_ word: String) -> String {
        word.hasSuffix("y") ? word.dropLast() + "ies" : word + "s"
    }
}

/// Names as the language wants them.
enum WorkflowNames {
    /// `Opportunity Won - Project Setup` as `opportunity_won_project_setup`.
    static func name(_ text: String) -> String {
        var result = ""
        for scalar in text.lowercased().unicodeScalars {
            let isPlain = ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar)
            if isPlain {
                result.unicodeScalars.append(scalar)
            } else if result.last != "_", !result.isEmpty {
                result += "_"
            }
        }
        while result.last == "_" { result.removeLast() }
        guard let first = result.first else { return "unnamed" }
        return String((first.isNumber ? "w_" + result : result).prefix(60))
    }
}

/// What is collected while an older workflow is converted.
struct ImportDraft {
    var warnings: [Problem] = []
    /// Inputs that the older form silently took for granted.
    var inputs: [(name: String, kind: String, about: String)] = []
    private var names: Set<String> = []

    mutating func warn(_ node: Node, _ message: String, _ remedy: String = "") {
        warnings.append(Problem(at: node.place, message, remedy: remedy))
    }

    /// A name that no other step has.
    mutating func unique(_ text: String) -> String {
        let name = WorkflowNames.name(text)
        let reserved = [
            "if", "for", "in", "as", "loop", "true", "false", "null", "var", "function",
        ]
        let base = reserved.contains(name) ? name + "_step" : name
        var candidate = base
        var number = 2
        while !names.insert(candidate).inserted {
            candidate = "\(base)_\(number)"
            number += 1
        }
        return candidate
    }

    /// A step for a person, in the place of one that has no counterpart.
    func task(
        _ name: String,
        title: String,
        description: String,
        kind: String = "human_intervention_required"
    ) -> YAMLDraft {
        .map([
            ("name", .text(name)), ("action", .text("task.create")),
            (
                "with",
                .map([
                    ("title", .text(title)), ("description", .text(description)),
                    ("kind", .text(kind)),
                ])
            ),
        ])
    }

    /// The document with what was left open as comments at its head.
    func text(_ members: [(key: String, value: YAMLDraft)], file: String) -> String {
        var text = "# Imported from \(file).\n"
        if !warnings.isEmpty {
            text += "#\n# What the older form left open, with its line there:\n"
            for warning in warnings {
                let remedy = warning.remedy.isEmpty ? "" : "; \(warning.remedy)"
                let sentence = "\(warning.message)\(remedy)".replacing("\n", with: " ")
                text += Self.wrapped("line \(warning.place.line): \(sentence)")
            }
        }
        return text + YAMLDraft.map(members).document
    }

    private static func wrapped(_ sentence: String) -> String {
        var lines: [String] = []
        var line = "# -"
        for word in sentence.split(separator: " ") {
            if line.count + word.count > 110 {
                lines.append(line)
                line = "#  "
            }
            line += " " + word
        }
        return (lines + [line]).joined(separator: "\n") + "\n"
    }
}

extension Node {
    /// The value in one line, for descriptions.
    var shown: String {
        text ?? (try? JSON.text(value)) ?? kind
    }
}

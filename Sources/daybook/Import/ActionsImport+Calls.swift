import Documents
import EventModel
import Records
import WorkflowEngine

extension ActionsImport {
    typealias Members = [(key: String, value: YAMLDraft)]

    /// The calls that an older action becomes; nil if it has no counterpart.
    mutating func calls(_ type: String, _ config: Node, _ name: String) -> [Members]? {
        let parts = type.split(separator: ".").map(String.init)
        if parts.count == 2, parts[0] == "notion", let word = parts[1].split(separator: "_").last,
            let database = world.database(of: String(word))
        {
            if parts[1].hasPrefix("create_") { return create(database, config, name) }
            if parts[1].hasPrefix("update_") { return update(database, config) }
        }
        switch type {
        case "email.send_template": return template(config)
        case "email.send", "email.send_email": return direct("email.send", config, ["body": "text"])
        case "slack.send_message":
            if let channel = config["channel"] {
                draft.warn(
                    channel,
                    "the channel '\(channel.shown)' must be known",
                    "declare it under 'slack' in the configuration"
                )
            }
            return direct("slack.send", config, ["message": "text"])
        default: return direct(type, config, [:])
        }
    }

    /// An action with the same inputs, some of them under other names.
    private mutating func direct(
        _ action: String,
        _ config: Node,
        _ renamed: [String: String]
    ) -> [Members]? {
        guard let descriptor = world.actions[action]?.descriptor else {
            draft.warn(config, "there is no action '\(action)'")
            return nil
        }
        var with: Members = []
        for member in config.members ?? [] {
            let key = renamed[member.key] ?? member.key
            guard descriptor.inputs.contains(where: { $0.name == key }) else {
                draft.warn(
                    member.node,
                    "'\(action)' has no input '\(member.key)'; what stood there is left out: "
                        + member.node.shown
                )
                continue
            }
            if key == "query", member.node.text?.contains("{{") == true {
                draft.warn(
                    member.node,
                    "values stand in the text of a query, where they can change its meaning",
                    "give them as parameters"
                )
                return nil
            }
            let (value, missing) = interpolated(member.node)
            note(missing, member.node)
            with.append((key, value))
        }
        for field in descriptor.inputs
        where field.isRequired && !with.contains(where: { $0.key == field.name }) {
            draft.warn(config, "'\(action)' needs '\(field.name)', which the older form lacks")
            return nil
        }
        return [with.isEmpty ? [("action", .text(action))] : call(action, with)]
    }

    private func call(_ action: String, _ with: Members) -> Members {
        [("action", .text(action)), ("with", .map(with))]
    }

    /// Says which placeholders had to stay words.
    private mutating func note(_ missing: [String], _ node: Node) {
        for path in missing {
            draft.warn(
                node,
                "nothing is known of '\(path)', so its name stands in its place",
                "write an expression instead"
            )
        }
    }

    private mutating func create(
        _ database: DatabaseSchema,
        _ config: Node,
        _ name: String
    ) -> [Members]? {
        guard let data = config.members?.first(where: { $0.node.members != nil })?.node else {
            return nil
        }
        outputs[name] = .record(database)
        return [
            call(
                "records.create",
                [("database", .text(database.key)), ("record", .map(fields(data, database)))]
            )
        ]
    }

    private mutating func update(_ database: DatabaseSchema, _ config: Node) -> [Members]? {
        let identifier = config.members?.first { $0.key.hasSuffix("_id") }?.node
        guard let identifier, let updates = config["updates"],
            !(updates.members ?? []).contains(where: { $0.node.members != nil })
        else {
            draft.warn(config, "a change that adds to what is there cannot be expressed")
            return nil
        }
        let (id, missing) = interpolated(identifier)
        guard missing.isEmpty else { return nil }
        return [
            call(
                "records.update",
                [
                    ("database", .text(database.key)), ("id", id),
                    ("changes", .map(fields(updates, database))),
                ]
            )
        ]
    }

    /// The fields of a record under their keys here; those that do not exist are left out.
    private mutating func fields(_ data: Node, _ database: DatabaseSchema) -> Members {
        var fields: Members = []
        for member in data.members ?? [] {
            guard let field = world.field(member.key, of: database), !field.isReadOnlyInNotion
            else {
                draft.warn(
                    member.node,
                    "'\(database.key)' has no field '\(member.key)'; it is left out"
                )
                continue
            }
            let (value, missing) = interpolated(member.node)
            guard missing.isEmpty else {
                let names = missing.joined(separator: ", ")
                draft.warn(
                    member.node,
                    "nothing is known of '\(names)', so the field '\(field.key)' is left out"
                )
                continue
            }
            if case .scalar(.string(let text)) = value, !text.contains("{{") {
                fields.append((field.key, .text(field.options(for: text)[0])))
            } else {
                fields.append((field.key, value))
            }
        }
        return fields
    }

    /// A template to each recipient: a call for each, since a call reaches one person.
    private mutating func template(_ config: Node) -> [Members]? {
        let template = config["template_id"]?.text ?? "unnamed"
        guard world.templates.contains(template) else {
            draft.warn(
                config,
                "there is no notification template '\(template)'",
                "write it among the templates of the workflow's entity and import again"
            )
            return nil
        }
        let recipients = config["recipients"].map { $0.elements ?? [$0] } ?? []
        var data: Members = []
        for member in config["variables"]?.members ?? [] {
            let (value, missing) = interpolated(member.node)
            note(missing, member.node)
            data.append((member.key, value))
        }
        var calls: [Members] = []
        for recipient in recipients {
            let (address, missing) = interpolated(recipient)
            guard missing.isEmpty else {
                let names = missing.joined(separator: ", ")
                draft.warn(
                    recipient,
                    "nothing is known of the recipient '\(names)', who gets nothing",
                    "find the address in a step before and add a step that sends to it"
                )
                continue
            }
            var with: Members = [
                ("template", .text(template)), ("channels", .list([.text("email")])),
                ("to", .map([("email", address)])),
            ]
            if !data.isEmpty { with.append(("data", .map(data))) }
            calls.append(call("notify.send", with))
        }
        return calls.isEmpty ? nil : calls
    }
}

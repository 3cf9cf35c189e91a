import CEL
import EventModel
import JSONSchema

/// The types of what the expressions of a workflow speak of, as far as anybody declares them.
struct DeclaredTypes {
    let functions: FunctionLibrary
    let databases: DatabaseShapes?
    private let input: ExpressionType
    private let trigger: ExpressionType
    /// The outputs of steps whose actions say what they give.
    private(set) var outputs: [String: ExpressionType] = [:]
    /// How many steps set each variable.
    private var setCounts: [String: Int] = [:]

    init(
        _ parts: DefinitionParts,
        actions: ActionCatalogue,
        databases: DatabaseShapes?,
        functions: FunctionLibrary
    ) {
        self.functions = functions
        self.databases = databases
        let shape = Self.triggeringDatabase(parts, databases)
        input = Self.input(parts, shape)
        trigger = Self.trigger(shape)
        visit(parts.steps, actions)
    }

    private mutating func visit(_ steps: [StepDefinition], _ actions: ActionCatalogue) {
        for step in steps {
            if case .action(let call) = step.body, let action = actions[call.name],
                step.givesOwnOutput
            {
                outputs[step.name] = output(of: action.descriptor, call)
            }
            if case .set(.map(let members)) = step.body {
                for member in members { setCounts[member.key, default: 0] += 1 }
            }
            visit(step.children, actions)
        }
    }

    /// What an action gives; records of a database that is named outright have its fields.
    private func output(
        of descriptor: ActionDescriptor,
        _ call: StepDefinition.ActionCall
    ) -> ExpressionType {
        guard !descriptor.outputs.isEmpty else { return .dyn }
        let record = call.input.text(at: "database").flatMap { databases?[$0]?.recordType }
        var members: [String: ExpressionType] = [:]
        for field in descriptor.outputs {
            var type = ExpressionType(field.kind)
            if let record, field.kind == .map, field.name == "record" { type = record }
            if let record, field.kind == .list, field.name == "records" { type = .list(record) }
            members[field.name] = field.isRequired ? type : .nullable(type)
        }
        return .object(ObjectType("the output of \(descriptor.name)", members: members))
    }

    /// The one database whose records start the workflow; nil if anything else does too.
    private static func triggeringDatabase(
        _ parts: DefinitionParts,
        _ databases: DatabaseShapes?
    ) -> DatabaseShapes.Shape? {
        var names: Set<String> = []
        for trigger in parts.triggers {
            if case .record(let record) = trigger {
                names.insert(record.database)
            } else if case .manual = trigger {
                continue
            } else {
                return nil
            }
        }
        guard names.count == 1, let name = names.first else { return nil }
        return databases?[name]
    }

    private static func input(
        _ parts: DefinitionParts,
        _ shape: DatabaseShapes.Shape?
    ) -> ExpressionType {
        if let schema = parts.inputSchema { return ExpressionType(schema: schema.source) }
        guard !parts.inputFields.isEmpty else { return shape?.recordType ?? .dyn }
        var members: [String: ExpressionType] = [:]
        for field in parts.inputFields {
            let type = ExpressionType(field.kind)
            members[field.name] = field.isRequired ? type : .nullable(type)
        }
        // Senders add members without asking.
        return .object(ObjectType("the input", members: members, rest: .dyn))
    }

    private static func trigger(_ shape: DatabaseShapes.Shape?) -> ExpressionType {
        guard let shape else { return .dyn }
        let members: [String: ExpressionType] = [
            "kind": .string, "database": .string, "record": .string, "change": .string,
            "changes": shape.changesType, "event": .string,
        ]
        return .object(ObjectType("the trigger", members: members, rest: .dyn))
    }

    /// What an expression can speak of at a point of the workflow, as far as types are known.
    func environment(_ scope: DefinitionChecker.ScopeTypes) -> ExpressionEnvironment {
        var variables: [String: ExpressionType] = [:]
        variables["now"] = .timestamp
        variables["input"] = input
        variables["trigger"] = trigger
        variables["vars"] = .object(
            ObjectType("the variables", members: scope.variables, rest: .dyn)
        )
        let steps = outputs.merging(scope.outputs) { _, own in own }
        variables["steps"] = .object(ObjectType("the steps", members: steps, rest: .dyn))
        variables["instance"] = .object(
            ObjectType(
                "the instance",
                members: [
                    "id": .string, "workflow": .string, "entity": .nullable(.string),
                    "started_at": .nullable(.timestamp),
                ],
                rest: .dyn
            )
        )
        variables["error"] = .object(
            ObjectType(
                "the error",
                members: ["step": .string, "code": .string, "message": .string, "details": .dyn],
                rest: .dyn
            )
        )
        return ExpressionEnvironment(functions: functions, variables: variables)
    }

    /// Whether a variable has one type wherever it is known: only one step sets it.
    func isSetOnce(_ variable: String) -> Bool { setCounts[variable] == 1 }
}

extension ExpressionType {
    /// What expressions read of a member of that kind.
    ///
    /// Numbers may be whole or not, and instants and lengths of time come as text too, so that those
    /// say nothing.
    init(_ kind: ActionField.Kind) {
        switch kind {
        case .any, .number, .timestamp, .duration: self = .dyn
        case .string: self = .string
        case .integer: self = .int
        case .boolean: self = .bool
        case .list: self = .list(.dyn)
        case .map: self = .map(.string, .dyn)
        }
    }

    /// What is known of a value that fits a JSON Schema.
    init(schema: Value) { self = Self.read(schema, "the input", depth: 0) }

    private static func read(_ schema: Value, _ name: String, depth: Int) -> ExpressionType {
        guard depth < JSONSchemaLimits.depthMax, let type = schema["type"]?.stringValue else {
            return .dyn
        }
        switch type {
        case "string": return .string
        case "integer": return .int
        case "boolean": return .bool
        case "array":
            return .list(schema["items"].map { read($0, "\(name)[]", depth: depth + 1) } ?? .dyn)
        case "object":
            guard let properties = schema["properties"]?.mapValue else {
                return .map(.string, .dyn)
            }
            var members: [String: ExpressionType] = [:]
            let required = schema["required"]?.listValue ?? []
            for key in properties.stringKeys {
                let member = read(properties[key] ?? .null, "\(name).\(key)", depth: depth + 1)
                members[key] = required.contains(.string(key)) ? member : .nullable(member)
            }
            let isClosed = schema["additionalProperties"] == .bool(false)
            let hasMore = schema["patternProperties"] != nil || schema["allOf"] != nil
            let rest: ExpressionType? = isClosed && !hasMore ? nil : .dyn
            return .object(ObjectType(name, members: members, rest: rest))
        default: return .dyn
        }
    }
}

extension ActionField.Kind {
    /// Whether a member of that kind can be given a value of a type, as far as is known.
    func accepts(_ type: ExpressionType) -> Bool {
        switch self {
        case .any: true
        case .string: type.fits(.string)
        case .integer: type.fits(.int) || type.fits(.uint)
        case .number: type.fits(.int) || type.fits(.double) || type.fits(.uint)
        case .boolean: type.fits(.bool)
        case .timestamp: type.fits(.timestamp) || type.fits(.string)
        case .duration: type.fits(.duration) || type.fits(.string)
        case .list: type.fits(.list(.dyn))
        case .map: type.fits(.map(.dyn, .dyn))
        }
    }
}

extension ValueTemplate {
    /// The text that stands under a key, if this is a map and no expression is in it.
    func text(at key: String) -> String? {
        guard case .map(let members) = self else { return literal?[key]?.stringValue }
        return members.first { $0.key == key }?.template.literal?.stringValue
    }
}

import CEL
import Documents
import EventModel

/// The databases and conditions of triggers, read from the document because definitions keep no
/// places of them.
struct TriggerCheck {
    let databases: DatabaseShapes?
    let functions: FunctionLibrary
    private(set) var problems: [Problem] = []

    init(databases: DatabaseShapes?, functions: FunctionLibrary) {
        self.databases = databases
        self.functions = functions
    }

    mutating func check(_ root: Node) {
        for trigger in root["triggers"]?.elements ?? [] {
            var variables: [String: ExpressionType] = [:]
            if let record = trigger["record"] {
                let shape = shape(record)
                let type = shape?.recordType ?? .dyn
                variables = [
                    "record": type, "before": .nullable(type), "after": .nullable(type),
                    "changes": shape?.changesType ?? .dyn,
                ]
            }
            if let condition = trigger["if"], let source = condition.text {
                check(source, condition.place, variables)
            }
        }
    }

    private mutating func shape(_ node: Node) -> DatabaseShapes.Shape? {
        guard let name = node.text, let databases else { return nil }
        if let shape = databases[name], shape.key == name { return shape }
        problems.append(
            Problem(
                at: node.place,
                "there is no database '\(name)'",
                remedy: databases[name].map { "write its key, '\($0.key)'" }
                    ?? Suggestion.remedy(for: name, among: databases.keys)
            )
        )
        return nil
    }

    private mutating func check(
        _ source: String,
        _ place: Place,
        _ variables: [String: ExpressionType]
    ) {
        let environment = ExpressionEnvironment(functions: functions, variables: variables)
        let check = ExpressionCheck(source, environment: environment, wanted: .bool)
        // Syntax and names are reported where the trigger is read.
        for mistake in check.mistakes
        where mistake.code != .undeclaredReference && mistake.code != .syntax {
            problems.append(Problem(expression: mistake, at: place))
        }
    }
}

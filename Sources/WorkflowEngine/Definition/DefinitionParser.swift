import CEL
import Documents
import EventModel

/// Reads a workflow's document and collects every mistake on the way.
struct DefinitionParser {
    var problems: [Problem] = []
    let actions: ActionCatalogue?
    let databases: DatabaseShapes?
    let functions: FunctionLibrary
    /// The names of steps and branches met so far, with their places.
    var names: [String: Place] = [:]
    var stepCount = 0
    /// The workflow's own name, once it was read.
    var workflowName = ""

    init(actions: ActionCatalogue?, databases: DatabaseShapes?, functions: FunctionLibrary) {
        self.actions = actions
        self.databases = databases
        self.functions = functions
    }

    mutating func parse(_ root: Node) -> DefinitionParts {
        var parts = DefinitionParts()
        var reader = MappingReader(root, what: "a workflow")
        if let node = reader.required("workflow") {
            parts.name = self.name(node, what: "the workflow's name")
            workflowName = parts.name
        }
        parts.title = reader.text("title") ?? parts.name
        parts.description = reader.text("description") ?? ""
        parts.entity = reader.text("entity")
        parts.tags = reader.texts("tags") ?? []
        for element in reader.elements("triggers") ?? [] {
            if let trigger = parseTrigger(element) { parts.triggers.append(trigger) }
        }
        checkScheduleNames(parts.triggers)
        if let node = reader.node("input") { parts.inputFields = parseInput(node) }
        parts.inputSchema = reader.node("input_schema").flatMap { schema($0) }
        if let node = reader.node("output_schema") {
            parts.outputSchema = schema(node)
            parts.outputSchemaPlace = node.place
        }
        if let node = reader.required("steps") {
            parts.steps = parseSteps(node, parent: "", depth: 0)
        }
        if let node = reader.node("output") {
            parts.output = ValueTemplate.parse(node, functions, &problems)
        }
        parts.admission = admission(&reader)
        parts.failsOnIncident = reader.choice("on_incident", of: Incident.self) == .fail
        problems += reader.finish()
        var checker = DefinitionChecker(
            parts: parts,
            actions: actions,
            names: Set(names.keys),
            types: declaredTypes(parts)
        )
        checker.check(parts)
        problems += checker.problems
        checkTriggers(root)
        return parts
    }

    /// Reads a name: what expressions can write behind a dot.
    mutating func name(_ node: Node, what: String) -> String {
        guard let text = node.text else {
            problems.append(Problem(at: node.place, "\(what) must be a text, not a \(node.kind)"))
            return ""
        }
        let remedy = "use lower-case letters, digits and underscores, beginning with a letter"
        if let first = text.utf8.first, (0x61...0x7A).contains(first),
            text.utf8.allSatisfy(DefinitionParser.isNameByte),
            text.utf8.count <= WorkflowLimits.nameBytesMax
        {
            guard DefinitionParser.reservedWords.contains(text) else { return text }
            problems.append(
                Problem(
                    at: node.place,
                    "'\(text)' is a word of the expression language and cannot be \(what)",
                    remedy: "take another word, such as '\(text)_step'"
                )
            )
            return text
        }
        let fault =
            text.utf8.count > WorkflowLimits.nameBytesMax
            ? "longer than \(WorkflowLimits.nameBytesMax) bytes" : "no name"
        problems.append(
            Problem(at: node.place, "'\(text)', \(what), is \(fault)", remedy: remedy)
        )
        return text
    }

    /// Reads a name that only one step or branch can have.
    mutating func uniqueName(_ node: Node, what: String) -> String {
        let text = name(node, what: what)
        if let earlier = names[text] {
            problems.append(
                Problem(
                    at: node.place,
                    "the name '\(text)' is taken by line \(earlier.line)",
                    remedy: "names of steps and branches are unique in the whole workflow"
                )
            )
        } else {
            names[text] = node.place
        }
        return text
    }

    /// Reads a condition: an expression as text, or plainly true or false.
    mutating func condition(_ node: Node) -> StepDefinition.Condition? {
        guard let source = node.text ?? node.scalar?.boolValue.map({ String($0) }) else {
            problems.append(
                Problem(at: node.place, "'if' must be an expression, not a \(node.kind)")
            )
            return nil
        }
        guard !source.contains("{{") else {
            problems.append(
                Problem(
                    at: node.place,
                    "'if' is an expression by itself",
                    remedy: "write it without {{ }}"
                )
            )
            return nil
        }
        do throws(CELError) {
            let expression = try Expression.compile(source, functions: functions)
            return StepDefinition.Condition(expression: expression, place: node.place)
        } catch {
            problems.append(Problem(expression: error, at: node.place))
            return nil
        }
    }

    /// Reads a length of time that must be known now, `10s`.
    mutating func duration(_ node: Node, what: String, zeroAllowed: Bool = false) -> Duration? {
        let remedy = "write it like 300ms, 10s, 5m, 2h, 1d or PT10S"
        guard let text = node.text, let duration = TimeText.duration(text) else {
            let shown = node.text.map { "'\($0)'" } ?? "a \(node.kind)"
            problems.append(
                Problem(
                    at: node.place,
                    "'\(what)' must be a length of time, not \(shown)",
                    remedy: remedy
                )
            )
            return nil
        }
        guard duration > .zero || (zeroAllowed && duration == .zero) else {
            problems.append(Problem(at: node.place, "'\(what)' must be longer than nothing"))
            return nil
        }
        guard duration <= WorkflowLimits.durationMax else {
            problems.append(Problem(at: node.place, "'\(what)' must be at most ten years"))
            return nil
        }
        return duration
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5F
    }

    /// The reserved words of CEL (cel-spec, "Syntax") and its literals.
    private static let reservedWords: Set<String> = [
        "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for",
        "function", "if", "import", "let", "loop", "package", "namespace", "return", "var",
        "void", "while",
    ]
}

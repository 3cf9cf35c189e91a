public import CEL
public import Documents
public import EventModel
public import JSONSchema

/// A workflow: what starts it, what it takes, does and gives.
///
/// It is immutable once deployed.
public struct WorkflowDefinition: Sendable {
    public let name: String
    public let title: String
    public let description: String
    /// The business entity it belongs to, such as `the_7_space`.
    public let entity: String?
    public let tags: [String]
    public let triggers: [Trigger]
    /// What an instance must be started with; empty if anything goes.
    public let inputFields: [InputField]
    /// What the input must look like, as a JSON Schema; nil if `input` says all.
    public let inputSchema: JSONSchema?
    /// What an instance that runs to its end must give; nil if anything goes.
    public let outputSchema: JSONSchema?
    public let steps: [StepDefinition]
    public let output: ValueTemplate?
    /// What must be free before an instance begins; nil if each begins at once.
    public let admission: AdmissionRules?
    /// Whether an instance fails where it would otherwise pause and wait for a person.
    public let failsOnIncident: Bool
    /// The text it was read from.
    public let source: String
    public let file: String
    /// The SHA-256 digest of the document's value in canonical form: comments, layout and the order
    /// of keys do not change it, anything else does.
    public let hash: Digest
    let plan: Plan

    /// Reads a workflow.
    ///
    /// - Parameters:
    ///   - text: the YAML document.
    ///   - file: its name, for messages.
    ///   - actions: what steps can call; nil if that is not known, and then not checked.
    ///   - databases: the fields that records have; nil if that is not known, and then not checked.
    ///   - functions: what expressions can call.
    /// - Throws: all mistakes at once, each with its place and a remedy.
    public static func parse(
        _ text: String,
        file: String,
        actions: ActionCatalogue?,
        databases: DatabaseShapes? = nil,
        functions: FunctionLibrary = .daybook
    ) throws(Problems) -> WorkflowDefinition {
        let root: Node
        do throws(Problem) {
            root = try YAML.parse(text, file: file)
        } catch {
            throw Problems([error])
        }
        var parser = DefinitionParser(
            actions: actions,
            databases: databases,
            functions: functions
        )
        let parts = parser.parse(root)
        guard parser.problems.isEmpty else { throw Problems(parser.problems) }
        return WorkflowDefinition(parts, source: text, file: file, hash: root.value.digest)
    }

    init(_ parts: DefinitionParts, source: String, file: String, hash: Digest) {
        name = parts.name
        title = parts.title
        description = parts.description
        entity = parts.entity
        tags = parts.tags
        triggers = parts.triggers
        inputFields = parts.inputFields
        inputSchema = parts.inputSchema
        outputSchema = parts.outputSchema
        steps = parts.steps
        output = parts.output
        admission = parts.admission
        failsOnIncident = parts.failsOnIncident
        self.source = source
        self.file = file
        self.hash = hash
        plan = Plan(parts.steps)
    }

    /// The step of a path, as the document or as events name it.
    public func step(at path: String) -> StepDefinition? {
        plan.indexByPath[path].map { plan.nodes[$0].step }
            ?? plan.spot(path).map { plan.nodes[$0.node].step }
    }

    /// The types of events that some step waits for.
    public var eventTypesAwaited: Set<String> {
        Set(
            plan.nodes.compactMap { node in
                guard case .wait(.event(let wait)) = node.step.body,
                    case .event(let type) = wait.source
                else { return nil }
                return type
            }
        )
    }

    /// The webhook triggers.
    public var webhookTriggers: [WebhookTrigger] {
        triggers.compactMap { if case .webhook(let trigger) = $0 { trigger } else { nil } }
    }

    /// The record triggers.
    public var recordTriggers: [RecordTrigger] {
        triggers.compactMap { if case .record(let trigger) = $0 { trigger } else { nil } }
    }

    /// The triggers that look for events of the log by their type.
    public var eventTriggers: [EventTrigger] {
        triggers.compactMap { if case .event(let trigger) = $0 { trigger } else { nil } }
    }

    /// The triggers that look at people's tasks.
    public var taskTriggers: [TaskTrigger] {
        triggers.compactMap { if case .task(let trigger) = $0 { trigger } else { nil } }
    }

    /// The requests between business entities that it takes.
    public var requestTriggers: [RequestTrigger] {
        triggers.compactMap { if case .request(let trigger) = $0 { trigger } else { nil } }
    }

    /// The workflows whose ends it waits for.
    public var workflowTriggers: [WorkflowTrigger] {
        triggers.compactMap { if case .workflow(let trigger) = $0 { trigger } else { nil } }
    }
}

extension WorkflowDefinition: Hashable {
    public static func == (left: WorkflowDefinition, right: WorkflowDefinition) -> Bool {
        left.hash == right.hash
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(hash) }
}

/// What the parser has read, before it is a definition.
struct DefinitionParts {
    var name = ""
    var title = ""
    var description = ""
    var entity: String?
    var tags: [String] = []
    var triggers: [Trigger] = []
    var inputFields: [InputField] = []
    var inputSchema: JSONSchema?
    var outputSchema: JSONSchema?
    var outputSchemaPlace = Place(file: "", line: 1, column: 1)
    var steps: [StepDefinition] = []
    var output: ValueTemplate?
    var admission: AdmissionRules?
    var failsOnIncident = false
}

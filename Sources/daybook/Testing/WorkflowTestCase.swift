import Documents
import EventModel
import WorkflowEngine

/// One test case of a workflow, as its author wrote it.
struct WorkflowTestCase {
    /// What starts the instance.
    enum Start {
        case input(Value)
        case webhook(source: String, event: String, payload: Value)
        case record(
            database: String,
            change: RecordTrigger.Change,
            id: String,
            before: Value,
            after: Value
        )
        case task(change: RecordTrigger.Change, id: String, before: Value, after: Value)
        case event(type: String, data: Value)
        case request(name: String, from: String, entities: Value, payload: Value)
        case ended(WorkflowTrigger.End, facts: ValueMap)
    }

    /// How a call ends, or what comes for a step that waits.
    struct Result {
        var after: Duration
        /// Nil if there is no answer at all.
        var result: Swift.Result<Value, ActionFailure>?
        /// With what word a called workflow ends.
        var outcome: String?
        var reply: Reply?
    }

    /// What comes for a step that waits for people or events.
    enum Reply {
        case decision(ApprovalState.Outcome, actor: String, comment: String?)
        case arrival(data: Value, before: Value, word: String?, id: String)
    }

    /// What should come of it; nil where nothing is expected.
    struct Expectation {
        var starts = true
        var status: String?
        var outcome: String?
        var output: Value?
        var failure: String?
        var steps: [String]?
        var never: [String] = []
        var calls: [Call] = []
        var lasts: Duration?
    }

    /// A call that must have been made; `with` names some of its input.
    struct Call {
        var step: String
        var action: String?
        var with: Value?
        var place: Place
    }

    var name: String
    var place: Place
    var now: Timestamp
    /// How long the instance may run, in simulated time.
    var limit: Duration
    var start: Start
    /// By step or action: how its calls end, one after the other; the last for all further ones.
    var results: [String: [Result]]
    var resultPlaces: [String: Place]
    var expectation: Expectation
}

/// The file of a workflow's test cases.
struct WorkflowTestFile {
    /// The workflow's file, relative to this one.
    var workflow: String
    var cases: [WorkflowTestCase]

    /// Reads a file.
    ///
    /// - Throws: every mistake at once.
    static func parse(_ text: String, file: String) throws(Problems) -> WorkflowTestFile {
        let root: Node
        do throws(Problem) {
            root = try YAML.parse(text, file: file)
        } catch {
            throw Problems([error])
        }
        var reader = WorkflowTestReader()
        let result = reader.file(root)
        guard reader.problems.isEmpty else { throw Problems(reader.problems) }
        return result
    }
}

/// Reads test cases and collects every mistake.
private struct WorkflowTestReader {
    var problems: [Problem] = []
    private static let start = Timestamp(seconds: 1_772_442_000)

    mutating func file(_ root: Node) -> WorkflowTestFile {
        var reader = MappingReader(root, what: "a file of test cases")
        let workflow = reader.text("workflow") ?? ""
        _ = reader.required("cases")
        let cases = (reader.elements("cases") ?? []).map { testCase($0) }
        problems += reader.finish()
        return WorkflowTestFile(workflow: workflow, cases: cases)
    }

    private mutating func testCase(_ node: Node) -> WorkflowTestCase {
        var reader = MappingReader(node, what: "a test case")
        let name = reader.requiredText("name") ?? ""
        let now = reader.node("now").flatMap { instant($0) } ?? Self.start
        let limit = reader.node("limit").flatMap { length($0) } ?? .seconds(366 * 86_400)
        let input = reader.node("input")
        let start = reader.node("trigger").flatMap { trigger($0) }
        if let input, start != nil {
            problems.append(
                Problem(
                    at: input.place,
                    "a case has 'input' or 'trigger'",
                    remedy: "a trigger brings its own input"
                )
            )
        }
        var results: [String: [WorkflowTestCase.Result]] = [:]
        var places: [String: Place] = [:]
        for member in reader.node("results")?.members ?? [] {
            results[member.key] = (member.node.elements ?? [member.node]).map { result($0) }
            places[member.key] = member.keyPlace
        }
        let expectation = reader.required("expect").map { self.expectation($0) }
        problems += reader.finish()
        return WorkflowTestCase(
            name: name,
            place: node.place,
            now: now,
            limit: limit,
            start: start ?? .input(input?.value ?? .map([:])),
            results: results,
            resultPlaces: places,
            expectation: expectation ?? WorkflowTestCase.Expectation()
        )
    }

    private mutating func trigger(_ node: Node) -> WorkflowTestCase.Start? {
        var reader = MappingReader(node, what: "'trigger'")
        defer { problems += reader.finish() }
        if let source = reader.text("webhook") {
            return .webhook(
                source: source,
                event: reader.text("event") ?? "",
                payload: reader.node("payload")?.value ?? .map([:])
            )
        }
        if let type = reader.text("event") {
            return .event(type: type, data: reader.node("data")?.value ?? .map([:]))
        }
        if let name = reader.text("request") {
            return .request(
                name: name,
                from: reader.text("from") ?? "",
                entities: reader.node("entities")?.value ?? .list([]),
                payload: reader.node("payload")?.value ?? .map([:])
            )
        }
        if let workflow = reader.text("workflow") {
            let end = reader.choice("on", of: WorkflowTrigger.End.self) ?? .completed
            let facts: ValueMap = [
                "instance": .string(reader.text("instance") ?? "instance"),
                "workflow": .string(workflow), "status": .string(end.rawValue),
                "outcome": .string(reader.text("outcome") ?? end.rawValue),
                "output": reader.node("output")?.value ?? .null,
                "failure": reader.node("failure")?.value ?? .null,
            ]
            return .ended(end, facts: facts)
        }
        let isTask = reader.boolean("task") ?? false
        guard let database = isTask ? TaskTrigger.database : reader.text("record") else {
            reader.report(
                Problem(
                    at: node.place,
                    "a test's trigger is a webhook, record, task, event, request or workflow",
                    remedy: "write 'webhook: SOURCE' or another; give 'input' for schedules"
                )
            )
            return nil
        }
        let change = reader.choice("on", of: RecordTrigger.Change.self) ?? .updated
        let id = reader.text("id") ?? "record"
        let before = reader.node("before")?.value ?? .null
        let after = reader.node("after")?.value ?? .null
        return isTask
            ? .task(change: change, id: id, before: before, after: after)
            : .record(database: database, change: change, id: id, before: before, after: after)
    }

    private mutating func result(_ node: Node) -> WorkflowTestCase.Result {
        var reader = MappingReader(node, what: "a result")
        let after = reader.node("after").flatMap { length($0) } ?? .zero
        let never = reader.boolean("never") ?? false
        let output = reader.node("output")?.value
        let outcome = reader.text("outcome")
        let failure = reader.node("fail").map { self.failure($0) }
        let reply = reply(&reader)
        problems += reader.finish()
        if let failure { return .init(after: after, result: .failure(failure)) }
        if output == nil, outcome == nil, reply == nil, !never {
            problems.append(
                Problem(
                    at: node.place,
                    "the result does not say how the call ends",
                    remedy: "write 'output: {…}', 'fail: {code: …}' or 'never: true'; "
                        + "'approved: true' for an approval, 'arrives: {…}' for a wait"
                )
            )
        }
        var given = output
        if given == nil, outcome != nil { given = .map(ValueMap()) }
        return .init(
            after: after,
            result: given.map { .success($0) },
            outcome: outcome,
            reply: reply
        )
    }

    /// What comes for an approval or a wait; nil if the result is one of a call.
    private mutating func reply(_ reader: inout MappingReader) -> WorkflowTestCase.Reply? {
        if let isApproved = reader.boolean("approved") {
            return .decision(
                isApproved ? .approved : .rejected,
                actor: reader.text("by") ?? "user:test",
                comment: reader.text("comment")
            )
        }
        guard let data = reader.node("arrives")?.value else { return nil }
        return .arrival(
            data: data,
            before: reader.node("before")?.value ?? .null,
            word: reader.text("on"),
            id: reader.text("id") ?? "record"
        )
    }

    private mutating func failure(_ node: Node) -> ActionFailure {
        if let code = node.text {
            return ActionFailure(code: code, message: code, isRetryable: true)
        }
        var reader = MappingReader(node, what: "'fail'")
        let code = reader.requiredText("code") ?? ""
        let failure = ActionFailure(
            code: code,
            message: reader.text("message") ?? code,
            isRetryable: reader.boolean("retryable") ?? true,
            retryAfter: reader.node("retry_after").flatMap { length($0) },
            details: reader.node("details")?.value ?? .null
        )
        problems += reader.finish()
        return failure
    }

    private mutating func expectation(_ node: Node) -> WorkflowTestCase.Expectation {
        var reader = MappingReader(node, what: "'expect'")
        var expectation = WorkflowTestCase.Expectation()
        expectation.starts = reader.boolean("starts") ?? true
        expectation.status = reader.text("status")
        expectation.outcome = reader.text("outcome")
        expectation.output = reader.node("output")?.value
        expectation.failure = reader.text("failure")
        expectation.steps = reader.texts("steps")
        expectation.never = reader.texts("never") ?? []
        expectation.lasts = reader.node("lasts").flatMap { length($0) }
        expectation.calls = (reader.elements("calls") ?? []).map { call($0) }
        problems += reader.finish()
        return expectation
    }

    private mutating func call(_ node: Node) -> WorkflowTestCase.Call {
        var reader = MappingReader(node, what: "a call")
        let call = WorkflowTestCase.Call(
            step: reader.requiredText("step") ?? "",
            action: reader.text("action"),
            with: reader.node("with")?.value,
            place: node.place
        )
        problems += reader.finish()
        return call
    }

    private mutating func instant(_ node: Node) -> Timestamp? {
        if let timestamp = node.scalar?.timestampValue { return timestamp }
        if let text = node.text, let timestamp = try? Timestamp(rfc3339: text) { return timestamp }
        problems.append(
            Problem(
                at: node.place,
                "'\(node.shown)' is no instant",
                remedy: "write it like 2026-12-01T10:00:00Z"
            )
        )
        return nil
    }

    private mutating func length(_ node: Node) -> Duration? {
        if let text = node.text, let duration = try? DurationText.parse(text) { return duration }
        problems.append(
            Problem(
                at: node.place,
                "'\(node.shown)' is no length of time",
                remedy: "write it like 10s, 5m, 2h or 1d"
            )
        )
        return nil
    }
}

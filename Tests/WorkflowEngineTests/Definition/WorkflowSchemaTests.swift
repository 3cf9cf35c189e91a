import Documents
import EventModel
import Foundation
import Testing
import WorkflowEngine

/// `Schemas/workflow.schema.json` and the parser know the same keys.
@Suite struct WorkflowSchemaTests {
    /// A document with a key that nobody knows, and where its mapping is described in the schema.
    struct Spot: Sendable, CustomTestStringConvertible {
        var path: [String]
        var text: String
        var testDescription: String { path.joined(separator: ".") }
    }

    private static let spots = [
        Spot(path: ["properties"], text: "workflow: w\nsteps: [{name: a, set: {x: 1}}]\nqqqq: 1"),
        spot(["$defs", "retry", "properties"], "{name: a, action: x.y, retry: {qqqq: 1}}"),
        spot(
            ["$defs", "on_failure", "properties"],
            "{name: a, action: x.y, on_failure: {then: fail, qqqq: 1}}"
        ),
        wait("2", "event: X"), wait("3", "record: x"), wait("4", "webhook: x"),
        wait("5", "signal: x"),
        spot(step(7, "for_each"), "{name: a, for_each: {items: 1, qqqq: 1}}"),
        spot(["$defs", "approval", "properties"], "{name: a, approval: {title: x, qqqq: 1}}"),
        spot(
            step(9, "call").dropLast() + ["oneOf", "1", "properties"],
            "{name: a, call: {workflow: x, qqqq: 1}}"
        ),
        spot(
            ["$defs", "timeout", "oneOf", "1", "properties"],
            "{name: a, action: x.y, timeout: {qqqq: 1}}"
        ),
        workflow("concurrency"), workflow("rate_limit"), workflow("dedup"),
        spot(step(5, "stop"), "{name: a, stop: {qqqq: 1}}"),
        spot(step(6, "fail"), "{name: a, fail: {code: x, qqqq: 1}}"),
        spot(
            ["$defs", "step", "oneOf", "4", "properties", "parallel", "items", "properties"],
            "{name: a, parallel: [{name: b, steps: [{name: c, set: {x: 1}}], qqqq: 1}]}"
        ),
        trigger("2", "{webhook: x, qqqq: 1}"), trigger("3", "{record: x, on: created, qqqq: 1}"),
        trigger("4", "{schedule: '0 9 * * *', qqqq: 1}"),
        trigger("4", "{every: 15m, qqqq: 1}"),
        scheduleTrigger(["catch_up", "oneOf", "1", "properties"], "catch_up: {qqqq: 1}"),
        scheduleTrigger(["daylight_saving", "properties"], "daylight_saving: {qqqq: 1}"),
        trigger("5", "{event: X, qqqq: 1}"),
        trigger("6", "{task: completed, qqqq: 1}"), trigger("7", "{request: x, qqqq: 1}"),
        trigger("8", "{workflow: x, qqqq: 1}"),
        Spot(
            path: ["$defs", "input", "oneOf", "1", "properties"],
            text: "workflow: w\nsteps: [{name: a, set: {x: 1}}]\ninput: {a: {qqqq: 1}}"
        ),
    ]

    private static func spot(_ path: [String], _ step: String) -> Spot {
        Spot(path: path, text: "workflow: w\nsteps: [\(step)]")
    }

    private static func trigger(_ index: String, _ trigger: String) -> Spot {
        Spot(
            path: ["$defs", "trigger", "oneOf", index, "properties"],
            text: "workflow: w\nsteps: [{name: a, set: {x: 1}}]\ntriggers: [\(trigger)]"
        )
    }

    private static func scheduleTrigger(_ path: [String], _ member: String) -> Spot {
        let text = "triggers: [{every: 15m, \(member)}]"
        return Spot(
            path: ["$defs", "trigger", "oneOf", "4", "properties"] + path,
            text: "workflow: w\nsteps: [{name: a, set: {x: 1}}]\n\(text)"
        )
    }

    private static func wait(_ index: String, _ source: String) -> Spot {
        spot(
            step(2, "wait").dropLast() + ["oneOf", index, "properties"],
            "{name: a, wait: {\(source), qqqq: 1}}"
        )
    }

    private static func workflow(_ key: String) -> Spot {
        Spot(
            path: ["properties", key, "properties"],
            text: "workflow: w\nsteps: [{name: a, set: {x: 1}}]\n\(key): {qqqq: 1}"
        )
    }

    private static func step(_ index: Int, _ key: String) -> [String] {
        ["$defs", "step", "oneOf", "\(index)", "properties", key, "properties"]
    }

    private func schema() throws -> Value {
        let file = "Schemas/workflow.schema.json"
        return try YAML.parse(try String(contentsOfFile: file, encoding: .utf8), file: file).value
    }

    private func keys(_ path: [String], in schema: Value) -> [String] {
        var value: Value? = schema
        for part in path {
            value = Int(part).flatMap { value?.listValue?[$0] } ?? value?[part]
        }
        return (value?.mapValue?.stringKeys ?? []).sorted()
    }

    /// The keys that the parser names when it meets one that it does not know.
    private func knownKeys(_ text: String) throws -> [String] {
        do throws(Problems) {
            _ = try WorkflowDefinition.parse(text, file: "w.yaml", actions: nil)
            return []
        } catch {
            let problem = try #require(error.list.first { $0.message == "unknown key 'qqqq'" })
            return problem.remedy.replacingOccurrences(of: "there are: ", with: "")
                .split(separator: ", ").map(String.init)
        }
    }

    @Test(arguments: spots)
    func knowsTheKeysThatTheParserKnows(_ spot: Spot) throws {
        // A webhook or record trigger is told from the others by a key that the others lack.
        let described = keys(spot.path, in: try schema())
        #expect(try knownKeys(spot.text) == described)
    }

    @Test func knowsTheKeysOfAnAction() throws {
        let schema = try schema()
        let own = keys(["$defs", "step", "oneOf", "0", "properties"], in: schema)
        let common = keys(["$defs", "step", "properties"], in: schema)
        let text = "workflow: w\nsteps: [{name: a, action: x.y, qqqq: 1}]"
        #expect(try knownKeys(text) == (own + common).sorted())
    }
}

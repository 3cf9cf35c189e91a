import EventModel
import Projections
import Testing

@testable import Connectors

/// The sink against the sandbox's Notion.
@Suite struct NotionSinkTests {
    private static func binding(_ fields: [(String, String)]) -> SinkBinding {
        SinkBinding(
            kind: "notion",
            target: "master_tasks",
            fields: fields.map { SinkBinding.FieldMapping(column: $0.0, field: $0.1) }
        )
    }

    private static let tasks = binding([
        ("title", "task_name"), ("status", "status"), ("due", "due_date"), ("text", "description"),
    ])

    private static func row(
        _ position: UInt64,
        _ columns: ValueMap,
        key: String = "task-1"
    ) -> Row {
        let common: ValueMap = ["title": "Call Ana", "status": "To Do", "text": "soon"]
        return Row(key: key, columns: common.merging(columns), position: Position(position))
    }

    private func ours(_ notion: SandboxNotion) async throws -> [Value] {
        try await notion.rows("master_tasks").filter { $0["daybook_id"] == "task-1" }
    }

    @Test func createsThenWritesOnlyWhatChanged() async throws {
        let notion = try SandboxNotion()
        let sink = NotionSink(directory: notion.directory)
        let first = try await sink.push([Self.row(5, [:])], to: Self.tasks)
        guard case .written(let id?) = first.first else {
            Issue.record("\(first)")
            return
        }
        #expect(try await ours(notion).first?["task_name"] == "Call Ana")
        #expect(try await ours(notion).first?["last_synced"] != .null)

        let same = try await sink.push([Self.row(6, [:])], to: Self.tasks)
        #expect(same == [.unchanged(remoteID: id)])
        #expect(try await notion.requests("PATCH", "/v1/pages").isEmpty)

        let changed = try await sink.push([Self.row(7, ["status": "Done"])], to: Self.tasks)
        #expect(changed == [.written(remoteID: id)])
        #expect(try await ours(notion).first?["status"] == "Done")
        #expect(try await ours(notion).count == 1)
    }

    @Test func neverGoesBack() async throws {
        let notion = try SandboxNotion()
        let sink = NotionSink(directory: notion.directory)
        _ = try await sink.push([Self.row(9, ["status": "Done"])], to: Self.tasks)
        let late = try await sink.push([Self.row(8, ["status": "To Do"])], to: Self.tasks)
        guard case .unchanged = late.first else {
            Issue.record("\(late)")
            return
        }
        #expect(try await ours(notion).first?["status"] == "Done")
    }

    @Test func findsItsRowsAfterARestart() async throws {
        let notion = try SandboxNotion()
        _ = try await NotionSink(directory: notion.directory)
            .push([Self.row(5, [:])], to: Self.tasks)
        let restarted = NotionSink(directory: notion.directory)
        let same = try await restarted.push([Self.row(5, [:])], to: Self.tasks)
        guard case .unchanged = same.first else {
            Issue.record("\(same)")
            return
        }
        _ = try await restarted.push([Self.row(6, ["status": "Done"])], to: Self.tasks)
        #expect(try await ours(notion).map { $0["status"] } == ["Done"])
    }

    @Test func adoptsWhatALostAnswerCreated() async throws {
        let notion = try SandboxNotion()
        try await notion.order(fault: [
            "method": "POST", "path_prefix": "/v1/pages", "times": 1, "status": 504,
            "after_commit": true,
        ])
        let outcome = try await NotionSink(directory: notion.directory)
            .push([Self.row(5, [:])], to: Self.tasks)
        guard case .written = outcome.first else {
            Issue.record("\(outcome)")
            return
        }
        #expect(try await ours(notion).count == 1)
    }

    @Test func keepsTheDebtWhenNotionIsDown() async throws {
        let notion = try SandboxNotion()
        let sink = NotionSink(directory: notion.directory)
        try await notion.order(fault: [
            "method": "POST", "path_prefix": "/v1/pages", "times": 1, "status": 503,
        ])
        await #expect(throws: SinkFailure.self) {
            try await sink.push([Self.row(5, [:])], to: Self.tasks)
        }
        _ = try await sink.push([Self.row(5, [:])], to: Self.tasks)
        #expect(try await ours(notion).count == 1)
    }

    @Test func makesATrashedRowAnew() async throws {
        let notion = try SandboxNotion()
        let sink = NotionSink(directory: notion.directory)
        _ = try await sink.push([Self.row(5, [:])], to: Self.tasks)
        let id = try #require(try await ours(notion).first?["id"]?.stringValue)
        _ = try await notion.staff("PATCH", "/v1/pages/\(id)", ["in_trash": true])
        _ = try await sink.push([Self.row(6, ["status": "Done"])], to: Self.tasks)
        let rows = try await ours(notion).filter { $0["in_trash"] != true }
        #expect(rows.contains { $0["id"]?.stringValue != id && $0["status"] == "Done" })
    }

    @Test func refusesWhatCannotBeWritten() async throws {
        let notion = try SandboxNotion()
        let sink = NotionSink(directory: notion.directory)
        let outcomes = try await sink.push(
            [Self.row(5, ["status": "Sleeping"]), Self.row(6, [:], key: "task-2")],
            to: Self.tasks
        )
        guard case .refused(let reason) = outcomes[0], case .written = outcomes[1] else {
            Issue.record("\(outcomes)")
            return
        }
        #expect(reason.contains("'status' has no option 'Sleeping'"))
        let unknown = try await sink.push(
            [Self.row(7, [:])],
            to: Self.binding([("title", "task_nmae")])
        )
        guard case .refused(let why) = unknown.first else {
            Issue.record("\(unknown)")
            return
        }
        #expect(why.contains("did you mean 'task_name'?"))
    }

    @Test func followsAPropertyThatStaffRename() async throws {
        let notion = try SandboxNotion()
        let sink = NotionSink(directory: notion.directory)
        _ = try await sink.push([Self.row(5, [:])], to: Self.tasks)
        let source = try await notion.directory.table("master_tasks").source.id
        _ = try await notion.staff(
            "PATCH",
            "/v1/data_sources/\(source)",
            ["properties": ["Status": ["name": "State"]]]
        )
        let outcome = try await sink.push([Self.row(6, ["status": "Done"])], to: Self.tasks)
        guard case .written = outcome.first else {
            Issue.record("\(outcome)")
            return
        }
        let table = try await notion.directory.table("master_tasks")
        #expect(table.properties["status"]?.name == "State")
        let id = try #require(try await ours(notion).first?["id"]?.stringValue)
        let fields = try await NotionRowReader(client: notion.client)
            .fields(try await notion.client.page(id), table)
        #expect(fields["status"] == "Done")
    }

    @Test func findsRelatedRowsByOurOwnIds() async throws {
        let notion = try SandboxNotion()
        let sink = NotionSink(directory: notion.directory)
        let instance = Identifier.build(unixMilliseconds: 1, randA: 2, randB: 3).text
        let tasks = Self.binding([
            ("title", "task_name"), ("instance", "related_workflow_instance"),
        ])
        let task = Row(
            key: "task-1",
            columns: ["title": "Call Ana", "instance": .string(instance)],
            position: 5
        )
        _ = try await sink.push([task], to: tasks)
        #expect(try await ours(notion).first?["related_workflow_instance"] == [])

        let instances = SinkBinding(
            kind: "notion",
            target: "workflow_instances",
            fields: [SinkBinding.FieldMapping(column: "name", field: "instance_name")]
        )
        let row = Row(key: instance, columns: ["name": "Booking BK-1"], position: 6)
        guard case .written(let id?) = try await sink.push([row], to: instances).first else {
            Issue.record("the instance was not written")
            return
        }
        var later = task
        later.position = 7
        later.columns["title"] = "Call Ana today"
        _ = try await sink.push([later], to: tasks)
        #expect(try await ours(notion).first?["related_workflow_instance"] == [.string(id)])
    }
}

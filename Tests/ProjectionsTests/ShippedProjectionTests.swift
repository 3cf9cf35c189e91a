import EventModel
import Projections
import Testing

@Suite struct ShippedProjectionTests {
    private let instance = "018f0000-0000-7000-8000-000000000001"

    private func started(_ table: inout ProjectionTable, input: Value) throws -> Row {
        let data: Value = [
            "workflow": "wellness_booking", "definition": "00", "input": input, "trigger": [:],
        ]
        return try #require(
            try table.take(
                "InstanceStarted",
                stream: "instance/\(instance)",
                data,
                entity: "the_7_space",
                second: 100
            )
        )
    }

    @Test func instanceRowsFollowTheirInstance() throws {
        var table = try ProjectionTable(file: "workflow_instances.yaml")
        let client: Value = ["name": "Ana Novak", "email": "ana@example.org", "phone": "+386 40"]
        let row = try started(&table, input: ["client": client])
        #expect(row.key == instance)
        #expect(row.columns["instance_name"] == "wellness_booking · Ana Novak")
        #expect(row.columns["client_email"] == "ana@example.org")
        #expect(row.columns["entity"] == "the_7_space" && row.columns["status"] == "Active")
        let code = row.columns["instance_id"]?.stringValue ?? ""
        #expect(code.wholeMatch(of: /INST-[0-9A-Za-z]{8}/) != nil)
        let steps: [(type: String, data: Value, status: Value, step: Value)] = [
            ("StepScheduled", ["step": "client_lookup", "attempt": 1], "Active", "client_lookup"),
            (
                "StepFailed",
                [
                    "step": "client_lookup", "attempt": 1, "will_retry": true,
                    "failure": ["code": "timeout", "message": "no answer"],
                ], "Active", "client_lookup"
            ),
            ("TimerSet", ["step": "other", "purpose": "timeout"], "Active", "client_lookup"),
            (
                "InstancePaused",
                [
                    "step": "client_lookup",
                    "failure": ["code": "timeout", "message": "no answer"],
                ], "On Hold", "client_lookup"
            ),
            ("InstanceResumed", ["step": "client_lookup"], "Active", "client_lookup"),
            ("StepCompleted", ["step": "client_lookup", "attempt": 2], "Active", "client_lookup"),
            ("TimerSet", ["step": "reminder", "purpose": "wait"], "Active", "reminder"),
            ("StepSkipped", ["step": "reminder", "reason": "past"], "Active", "reminder"),
            ("InstanceCompleted", ["output": nil, "outcome": "completed"], "Completed", nil),
        ]
        for (index, step) in steps.enumerated() {
            try table.take(
                step.type,
                stream: "instance/\(instance)",
                step.data,
                second: 101 + Int64(index)
            )
            let row = table.rows[instance]
            #expect(row?.columns["status"] == step.status, "\(step.type)")
            #expect(row?.columns["current_step"] == step.step, "\(step.type)")
            let isPaused = step.type == "InstancePaused"
            #expect((row?.columns["error_message"] == "client_lookup: no answer") == isPaused)
        }
        let end = try #require(table.rows[instance]?.columns)
        #expect(end["execution_seconds"] == 9)
        #expect(end["ended_at"] == .timestamp(Timestamp(seconds: 109)))
        let outcomes = end["step_history"]?.listValue?.map { $0["outcome"] }
        #expect(outcomes == ["retried", "completed", "skipped"])
    }

    @Test(arguments: [nil, 5, ["client": "Ana"], ["client": ["name": 7]], [:]] as [Value])
    func oddInputsDoNotStopIt(input: Value) throws {
        var table = try ProjectionTable(file: "workflow_instances.yaml")
        let row = try started(&table, input: input)
        let code = row.columns["instance_id"]?.stringValue?.dropFirst(5) ?? ""
        #expect(row.columns["instance_name"] == .string("wellness_booking · \(code)"))
    }

    @Test(arguments: [("InstanceFailed", "Error"), ("InstanceCancelled", "Cancelled")])
    func instancesEnd(type: String, status: Value) throws {
        var table = try ProjectionTable(file: "workflow_instances.yaml")
        _ = try started(&table, input: nil)
        let data: Value = [
            "step": "pay", "failure": ["code": "declined", "message": "declined"],
            "reason": "the client cancelled",
        ]
        let row = try table.take(type, stream: "instance/\(instance)", data, second: 130)
        #expect(row?.columns["status"] == status)
        #expect(row?.columns["execution_seconds"] == 30)
        #expect(row?.columns["error_message"]?.stringValue?.isEmpty == false)
    }

    private let task = "018f0000-0000-7000-8000-00000000000a"

    private func createdTask() throws -> ProjectionTable {
        var table = try ProjectionTable(file: "tasks.yaml")
        let data: Value = [
            "task_id": .string(task), "title": "Call Ana", "description": "No room is free.",
            "priority": "high", "instance": .string(instance), "workflow": "wellness_booking",
            "step": "ask_a_person",
        ]
        try table.take("TaskCreated", stream: "task/\(task)", data, second: 10)
        return table
    }

    @Test func taskRowsBeginToDo() throws {
        let table = try createdTask()
        let columns = try #require(table.rows[task]?.columns)
        #expect(columns["status"] == "To Do" && columns["priority"] == "High")
        #expect(columns["instance"] == .string(instance) && columns["due"] == .null)
        #expect(columns["created_by"] == "workflow wellness_booking, step ask_a_person")
        let code = columns["task_id"]?.stringValue ?? ""
        #expect(code.wholeMatch(of: /TASK-[0-9A-Za-z]{8}/) != nil)
    }

    @Test func staffEditsComeBack() throws {
        var table = try createdTask()
        let code = try #require(table.rows[task]?.columns["task_id"])
        let page = "record/master_tasks/2b4c"
        var data: ValueMap = ["database": "master_tasks", "source_id": "2b4c"]
        func record(_ more: ValueMap) -> Value { .map(data.merging(more)) }
        try table.take(
            "RecordCreated",
            stream: page,
            record(["fields": ["task_id": code]]),
            second: 20
        )
        #expect(table.rows[task]?.columns["status"] == "To Do")
        let done: Value = ["status": ["before": "To Do", "after": "Done"]]
        try table.take("RecordUpdated", stream: page, record(["changes": done]), second: 30)
        let columns = try #require(table.rows[task]?.columns)
        #expect(columns["status"] == "Done" && columns["completion_percentage"] == 100)
        #expect(columns["completed_at"] == .timestamp(Timestamp(seconds: 30)))
        let again: Value = ["status": ["before": "Done", "after": "In Progress"]]
        try table.take("RecordUpdated", stream: page, record(["changes": again]), second: 40)
        #expect(table.rows[task]?.columns["completed_at"] == .null)
        data["database"] = "feedback_surveys"
        try table.take("RecordUpdated", stream: page, record(["changes": done]), second: 50)
        #expect(table.rows[task]?.columns["status"] == "In Progress")
    }

    /// Tasks that staff wrote themselves have a page but no row here.
    @Test func othersTasksAreNotRows() throws {
        var table = try createdTask()
        let data: Value = [
            "database": "master_tasks", "source_id": "9f", "fields": ["task_name": "Buy towels"],
        ]
        try table.take("RecordCreated", stream: "record/master_tasks/9f", data)
        #expect(table.rows.count == 1)
    }
}

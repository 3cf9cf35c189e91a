import EventModel
import Projections
import Testing

@Suite struct AgentProjectionTests {
    @Test func rowsFollowTheirAgents() throws {
        var table = try ProjectionTable(file: "agents.yaml")
        let registration: Value = [
            "agent": "tape-writer", "session": "s", "capacity": 4, "lease_seconds": 30,
            "capabilities": ["transcription_processing", "analysis", "whittling"],
            "entities": ["the_7_space"],
        ]
        let stream = "agent/tape-writer"
        try table.take("AgentRegistered", stream: stream, registration, second: 10)
        var row = try #require(table.rows["tape-writer"]?.columns)
        #expect(row["agent_id"] == "TAPE_WRITER" && row["status"] == "Deployed")
        #expect(row["capabilities"] == ["Transcription Processing"])
        #expect(row["agent_capabilities"] == ["Analysis"])
        #expect(row["description"] == "takes: transcription_processing, analysis, whittling")
        #expect(row["load_capacity"] == 4 && row["execution_count"] == 0)

        let turn: Value = ["work": "w", "agent": "tape-writer", "session": "s", "number": 1]
        try table.take("WorkAssigned", stream: "work/w", turn, second: 11)
        var closed = turn.mapValue ?? ValueMap()
        closed["outcome"] = "completed"
        try table.take("WorkClosed", stream: "work/w", .map(closed), second: 12)
        // Work that no agent ever had names none.
        try table.take(
            "WorkClosed",
            stream: "work/v",
            ["work": "v", "number": 0, "outcome": "over"]
        )
        let health: Value = [
            "agent": "tape-writer", "session": "s", "health": "degraded", "load_percent": 50,
        ]
        try table.take("AgentHealthReported", stream: stream, health, second: 13)
        try table.take("AgentRegistered", stream: stream, registration, second: 14)
        let person: Value = ["agent": "tape-writer", "session": "s"]
        try table.take("AgentLost", stream: stream, person, second: 15)
        row = try #require(table.rows["tape-writer"]?.columns)
        #expect(row["execution_count"] == 1 && row["completed_count"] == 1)
        #expect(row["last_execution"] == .timestamp(Timestamp(seconds: 11)))
        #expect(row["status"] == "Inactive" && row["health"] == "Critical")
        #expect(row["last_health_check"] == .timestamp(Timestamp(seconds: 14)))
        #expect(table.rows.count == 1)
    }
}

import EventModel
import Testing

@Suite struct CloudEventTests {
    private func event() throws -> Event {
        Event(
            position: 12,
            id: EventID(high: 0x017F_22E2_79B0_7CC3, low: 0x98C4_DC0C_0C07_398F),
            stream: try StreamName("task/1"),
            revision: 3,
            type: "TaskCreated",
            schema: 1,
            recordedAt: Timestamp(seconds: 60),
            entity: "the_7_space",
            actor: "system",
            correlation: EventID(high: 0, low: 1),
            causation: nil,
            data: ["title": "Call"],
            metadata: ["traceparent": "00-abc", "occurred_at": .timestamp(Timestamp(seconds: 30))]
        )
    }

    @Test func hasTheMembersOfVersion1() throws {
        let wanted: Value = [
            "specversion": "1.0", "id": "017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
            "source": "/daybook/task", "type": "daybook.TaskCreated", "subject": "task/1",
            "time": .timestamp(Timestamp(seconds: 30)), "datacontenttype": "application/json",
            "sequence": "00000000000000000012", "revision": "3", "schemaversion": "1",
            "actor": "system", "entity": "the_7_space",
            "correlationid": "00000000-0000-0000-0000-000000000001",
            "traceparent": "00-abc", "data": ["title": "Call"],
        ]
        #expect(CloudEvent.value(of: try event()) == wanted)
    }

    /// CloudEvents 1.0: attribute names are lower-case letters and digits.
    @Test func attributeNamesAreAllowed() throws {
        let names = CloudEvent.value(of: try event()).mapValue?.stringKeys ?? []
        let wrong = names.filter {
            !$0.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) }
        }
        #expect(wrong.isEmpty)
    }

    @Test func eventValueHoldsAllOfIt() throws {
        let text = try JSON.text(try event().value)
        let value = try JSON.parse(text)
        #expect(value["position"] == 12 && value["revision"] == 3)
        #expect(value["recorded_at"] == "1970-01-01T00:01:00Z")
        #expect(value["causation"] == .null && value[path: "data", "title"] == "Call")
    }
}

import EventModel
import Testing

@Suite struct LimitsTests {
    @Test func relationsHold() {
        #expect(
            Limits.streamNameBytesMax + Limits.eventTypeBytesMax + 2 * Limits.actorBytesMax < Limits
                .eventBytesMax / 100
        )
        #expect(Limits.nestingDepthMax >= 100)
        #expect(Limits.eventBytesMax < Int(UInt32.max))
    }

    @Test(arguments: [
        "", "instance", "instance/", "/x", "Instance/x", "in stance/x", "instance/a b",
        "instance/é",
        "instance/" + String(repeating: "x", count: 250),
    ]) func badStreamNamesAreRefused(text: String) {
        #expect(throws: StreamNameError.self) { try StreamName(text) }
    }

    @Test(arguments: ["a b", "é", "", String(repeating: "x", count: 1000), "100%"])
    func anyIdentifierBecomesAName(identifier: String) throws {
        let name = StreamName(category: "record", identifier)
        #expect(try StreamName(name.text) == name)
        #expect(name.category == "record")
    }

    @Test func noIdentifierCanPassForAnother() {
        #expect(StreamName(category: "record", "") != StreamName(category: "record", "_"))
        let cut = StreamName(category: "record", String(repeating: "x", count: 1000))
        #expect(StreamName(category: "record", cut.identifier) != cut)
    }

    @Test func longIdentifiersStayApart() {
        let long = String(repeating: "x", count: 1000)
        #expect(
            StreamName(category: "record", long + "1") != StreamName(category: "record", long + "2")
        )
    }
}

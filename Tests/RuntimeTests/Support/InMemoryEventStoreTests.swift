import DaybookTestKit
import EventModel
import Testing

@Suite struct InMemoryEventStoreTests {
    @Test(arguments: EventStoreContract.cases)
    func keepsTheContract(_ contract: EventStoreContract) async throws {
        let time = VirtualTime()
        try await contract.run(InMemoryEventStore { time.now })
    }
}

import DaybookTestKit
import EventLog
import Testing

@Suite struct EventStoreContractTests {
    @Test(arguments: EventStoreContract.cases)
    func holdsInLMDB(_ contract: EventStoreContract) async throws {
        let folder = try TemporaryFolder()
        let log = try EventLog.open(at: folder.path)
        try await contract.run(log)
        await log.close()
    }

    /// Everything is found in the index here, where a server finds most of it in memory.
    @Test(arguments: EventStoreContract.cases)
    func holdsWithBatchesOfOne(_ contract: EventStoreContract) async throws {
        let folder = try TemporaryFolder()
        let configuration = EventLogConfiguration(inboxEventsMax: 1, indexBatchEventsMax: 1)
        let log = try EventLog.open(at: folder.path, configuration: configuration)
        try await contract.run(log)
        await log.close()
    }
}

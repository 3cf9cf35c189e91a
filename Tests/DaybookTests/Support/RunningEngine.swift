import DaybookTestKit
import EventModel
import Foundation
import HTTPClient
import Testing

@testable import daybook

/// `daybook serve` in a folder, until the test ends it.
struct RunningEngine {
    let program: Program
    let process: Program.Running
    let endpoint: EngineEndpoint
    let client: HTTPClient

    /// Starts it on a free port and waits until it is ready.
    static func start(_ program: Program, _ arguments: [String] = []) async throws -> RunningEngine
    {
        let configuration = program.folder.file("daybook.yaml")
        if !FileManager.default.fileExists(atPath: configuration) {
            try program.write("http: {port: 0}\n", to: "daybook.yaml")
        }
        let process = try program.start(["serve"] + arguments)
        let client = HTTPClient()
        let data = program.folder.file("data")
        let isReady = try await Program.wait(seconds: 20) {
            guard process.isRunning else { return true }
            guard let endpoint = EngineEndpoint.find(data),
                endpoint.processID == process.processID
            else { return false }
            let request = HTTPRequest(url: endpoint.url + "/readyz", timeout: .seconds(5))
            return (try? await client.send(request))?.status == 200
        }
        guard isReady, process.isRunning, let endpoint = EngineEndpoint.find(data) else {
            process.send(SIGKILL)
            let result = try await process.result()
            throw CommandFailure("serve did not get ready: \(result.errors)")
        }
        return RunningEngine(
            program: program,
            process: process,
            endpoint: endpoint,
            client: client
        )
    }

    /// Ends it as an operator does.
    func stop() async throws -> Program.Result {
        await client.shutdown()
        process.send(SIGTERM)
        return try await process.result()
    }
}

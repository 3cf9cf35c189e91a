import EventModel
import Foundation
import HTTPClient

/// Where a running engine can be spoken to: `engine.json` in its data folder, readable by its owner.
struct EngineEndpoint: Sendable, Equatable {
    var url: String
    var token: String
    var processID: Int32

    private static func file(_ dataFolder: String) -> URL {
        URL(fileURLWithPath: dataFolder).appendingPathComponent("engine.json")
    }

    /// Writes the file; nobody but the owner can read it from its first byte.
    func write(to dataFolder: String) throws(CommandFailure) {
        let value: Value = [
            "url": .string(url), "token": .string(token), "process_id": .int(Int64(processID)),
        ]
        let file = Self.file(dataFolder)
        let temporary = file.path + ".new"
        do {
            let text = try JSON.text(value)
            guard
                FileManager.default.createFile(
                    atPath: temporary,
                    contents: Data(text.utf8),
                    attributes: [.posixPermissions: 0o600]
                ), rename(temporary, file.path) == 0
            else { throw CocoaError(.fileWriteUnknown) }
        } catch {
            throw CommandFailure("cannot write \(file.path): \(error)", ExitStatus.inputOutput)
        }
    }

    /// The engine that runs on a data folder, or nil if none does.
    static func find(_ dataFolder: String) -> EngineEndpoint? {
        guard let data = try? Data(contentsOf: file(dataFolder)),
            let value = try? JSON.parse(bytes: Array(data)),
            let url = value["url"]?.stringValue,
            let token = value["token"]?.stringValue,
            let processID = value["process_id"]?.intValue.flatMap({ Int32(exactly: $0) }),
            kill(processID, 0) == 0
        else { return nil }
        return EngineEndpoint(url: url, token: token, processID: processID)
    }

    static func remove(_ dataFolder: String) {
        try? FileManager.default.removeItem(at: file(dataFolder))
    }

    /// Calls the control API and gives back its answer.
    func call(
        _ method: String,
        _ path: String,
        body: Value? = nil,
        client: HTTPClient
    ) async throws(CommandFailure) -> Value {
        let bytes = body.flatMap { try? JSON.text($0) }.map { Array($0.utf8) } ?? []
        let request = HTTPRequest(
            method: method,
            url: url + path,
            headers: [
                HTTPHeader("Authorization", "Bearer \(token)"),
                HTTPHeader("Content-Type", "application/json"),
            ],
            body: bytes,
            timeout: .seconds(120)
        )
        let response: HTTPResponse
        do throws(HTTPClientError) {
            response = try await client.send(request)
        } catch {
            throw CommandFailure(
                "the engine (process \(processID)) does not answer at \(url): \(error)",
                ExitStatus.unavailable
            )
        }
        let answer = (try? JSON.parse(bytes: response.body)) ?? .null
        guard (200..<300).contains(response.status) else {
            let message = answer[path: "error", "message"]?.stringValue ?? "HTTP \(response.status)"
            throw CommandFailure(
                message,
                response.status == 422 ? ExitStatus.badInput : ExitStatus.checkFailed
            )
        }
        return answer
    }
}

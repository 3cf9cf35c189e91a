import EventLog
import EventModel
import Foundation
import HTTPClient

/// Appends the events of `log/signing`: through the running engine, or alone if none runs.
struct SigningRecorder {
    let folder: DataFolder

    /// Appends one event; doing it again with the same key changes nothing.
    ///
    /// - Parameter key: the key that it is about; the event's id is derived from it.
    func record(
        _ type: String,
        _ data: Value,
        key: VerifierKey
    ) async throws(CommandFailure) {
        let id = Identifier.derived(from: Identifier(high: 0, low: 0), "\(type)/\(key.text)")
        if let endpoint = EngineEndpoint.find(folder.path) {
            let client = HTTPClient()
            let body: Value = [
                "id": .string(id.text), "type": .string(type), "data": data,
                "actor": .string(Control.actor),
            ]
            let answer: Result<Value, CommandFailure>
            do throws(CommandFailure) {
                answer = .success(
                    try await endpoint.call("POST", "/api/log/signing", body: body, client: client)
                )
            } catch {
                answer = .failure(error)
            }
            await client.shutdown()
            _ = try answer.get()
            return
        }
        do throws(EventLogError) {
            let log = try EventLog.open(at: folder.path)
            let event = ProposedEvent(id: id, type: type, actor: Control.actor, data: data)
            let write = StreamWrite(stream: SigningEvents.stream, expected: .any, events: [event])
            let answer: Result<AppendResult, EventLogError>
            do throws(EventLogError) {
                answer = .success(try await log.append([write]))
            } catch {
                answer = .failure(error)
            }
            await log.close()
            _ = try answer.get()
        } catch {
            throw DataFolder.failure(error, path: folder.path)
        }
    }
}

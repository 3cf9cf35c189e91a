import Documents
import EventModel
import Foundation
import HTTPClient
import Logging
import Runtime

/// Commands that change something: through the running engine, or on the folder if none runs.
struct Control {
    private enum Way {
        case running(EngineEndpoint, HTTPClient)
        case alone(EngineAssembly)
    }

    private let way: Way

    /// Who acts, as events will say: `user:` and the login name.
    static var actor: String { "user:\(NSUserName())" }

    static func open(_ options: ConfigurationOptions) async throws(CommandFailure) -> Control {
        let folder = try DataFolder(options)
        if let endpoint = EngineEndpoint.find(folder.path) {
            return Control(way: .running(endpoint, HTTPClient()))
        }
        var configuration = folder.configuration
        configuration.logging.level = .warning
        let settings = configuration.logging
        let logger = Logger(label: "daybook") { LogLines(label: $0, settings: settings) }
        return Control(way: .alone(try await EngineAssembly.make(configuration, logger: logger)))
    }

    /// Deploys a definition; the answer is `{name, definition, is_new}`.
    func deploy(text: String, file: String) async throws(CommandFailure) -> Value {
        do {
            switch way {
            case .running(let endpoint, let client):
                let body: Value = [
                    "text": .string(text), "file": .string(file), "actor": .string(Self.actor),
                ]
                return try await endpoint.call("POST", "/api/workflows", body: body, client: client)
            case .alone(let assembly):
                let engine = assembly.engine
                let result = try await engine.deploy(text: text, file: file, actor: Self.actor)
                return [
                    "name": .string(result.name),
                    "definition": .string(result.definition.hexadecimal),
                    "is_new": .bool(result.isNew),
                ]
            }
        } catch let problems as Problems {
            throw CommandFailure(problems, ExitStatus.badInput)
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure("\(error)", ExitStatus.inputOutput)
        }
    }

    /// Erases, holds or releases a person; the answer has the `position` of the event.
    func change(
        _ verb: String,
        subject: String,
        reason: String,
        includingRunning: Bool
    ) async throws(CommandFailure) -> Value {
        do {
            switch way {
            case .running(let endpoint, let client):
                let body: Value = [
                    "subject": .string(subject), "reason": .string(reason),
                    "running": .bool(includingRunning), "actor": .string(Self.actor),
                ]
                return try await endpoint.call(
                    "POST",
                    "/api/subjects/\(verb)",
                    body: body,
                    client: client
                )
            case .alone(let assembly):
                if verb == "erase" {
                    return try await assembly.engine.erase(
                        subject: subject,
                        reason: reason,
                        actor: Self.actor,
                        includingRunning: includingRunning
                    ).value
                }
                let position = try await assembly.engine.hold(
                    subject: subject,
                    isHeld: verb == "hold",
                    reason: reason,
                    actor: Self.actor
                )
                return ["position": .uint(position.value)]
            }
        } catch let failure as CommandFailure {
            throw failure
        } catch let error as SubjectError {
            throw CommandFailure(error.description)
        } catch {
            throw CommandFailure("\(error)", ExitStatus.inputOutput)
        }
    }

    /// Wraps all keys by another master key; only where no engine runs.
    func rewrap(by master: MasterKey) async throws -> Int {
        switch way {
        case .running: throw CommandFailure("stop the engine first, since it holds the old key")
        case .alone(let assembly):
            return try await assembly.subjects.rewrap(by: master, actor: Self.actor)
        }
    }

    func close() async {
        switch way {
        case .running(_, let client): await client.shutdown()
        case .alone(let assembly): await assembly.close()
        }
    }
}

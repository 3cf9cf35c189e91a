import Crypto
import DaybookTestKit
import EventLog
import EventModel
import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import Projections
import Records
import Runtime
import WorkflowEngine

@testable import Server

/// A real engine over a real log in a temporary folder, behind the real router.
final class ServerHarness: Sendable {
    static let token = "a-token-of-the-tests"
    static let agentToken = "a-token-of-agents"
    static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    static let bodyBytesMax = 64 * 1024

    static let greeting = """
        workflow: greeting
        triggers:
          - webhook: desk
            event: guest_came
            secrets: [card]
        input:
          name: {type: string, required: true, description: whom to greet}
        steps:
          - name: greet
            action: greet.somebody
            with: {name: "{{ input.name }}"}
            retry: {attempts: 1}
          - name: pause
            wait: {for: 1h}
        output: {text: "{{ steps.greet.text }}"}
        """

    let folder: TemporaryFolder
    let log: EventLog
    let views: TableStore
    let engine: Engine
    let server: DaybookServer

    init(webhookBodyBytesMax: Int = 512 * 1024) throws {
        folder = try TemporaryFolder("server")
        let path = folder.path
        log = try EventLog.open(at: path, configuration: EventLogConfiguration(mode: .readWrite))
        views = try EngineViews.open(at: folder.file("views"))
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let greet = ScriptedAction(
            "greet.somebody",
            inputs: [ActionField("name", .string, "whom")],
            outputs: [ActionField("text", .string, "the greeting")]
        ) { request, _ throws(ActionFailure) in
            guard let name = request.input["name"]?.stringValue, name != "Nobody" else {
                throw ActionFailure(
                    code: "nobody",
                    message: "there is nobody to greet",
                    isRetryable: false
                )
            }
            return ["text": .string("Hello \(name)")]
        }
        engine = try Engine(
            store: log,
            views: views,
            actions: ActionCatalogue([greet]),
            databases: DatabaseCatalogue(databases: []),
            projections: [],
            sinks: [],
            source: nil,
            secrets: try FileSecretStore(
                folder: folder.file("secrets"),
                key: Array(repeating: 7, count: 32)
            ),
            time: SystemTime(),
            configuration: EngineConfiguration(
                webhookSources: [
                    WebhookSource(name: "desk", scheme: .standardWebhooks, secret: Self.secret)
                ],
                webhookBodyBytesMax: webhookBodyBytesMax
            ),
            logger: logger
        )
        server = DaybookServer(
            engine: engine,
            store: log,
            configuration: ServerConfiguration(
                controlToken: Self.token,
                agentToken: Self.agentToken,
                bodyBytesMax: Self.bodyBytesMax
            ),
            logger: logger
        )
    }

    /// Runs a test against the routes of a running engine, then ends it.
    static func run(
        webhookBodyBytesMax: Int = 512 * 1024,
        deploying: Bool = true,
        _ body: @escaping @Sendable (ServerHarness, any TestClientProtocol) async throws -> Void
    ) async throws {
        let harness = try ServerHarness(webhookBodyBytesMax: webhookBodyBytesMax)
        if deploying {
            _ = try await harness.engine.deploy(
                text: greeting,
                file: "greeting.yaml",
                actor: "user:ana"
            )
        }
        let running = Task { try await harness.engine.run() }
        await harness.engine.waitUntilIdle()
        let application = Application(router: harness.server.router())
        do {
            try await application.test(.router) { client in try await body(harness, client) }
        } catch {
            await harness.engine.stop()
            try await running.value
            await harness.close()
            throw error
        }
        await harness.engine.stop()
        try await running.value
        await harness.close()
    }

    func close() async {
        await views.close()
        await log.close()
    }

    /// The events of a type, oldest first.
    func events(_ type: String) throws -> [Event] {
        let filter = EventFilter(types: [type])
        return try log.read(from: nil, direction: .forward, limit: 1000, filter: filter)
    }
}

/// What a test needs of an answer.
struct Answer: Equatable {
    let status: HTTPResponse.Status
    let contentType: String
    let text: String

    var body: Value { (try? JSON.parse(bytes: Array(text.utf8))) ?? .null }
    var code: String { body[path: "error", "code"]?.stringValue ?? "" }
    var message: String { body[path: "error", "message"]?.stringValue ?? "" }
}

extension TestClientProtocol {
    func ask(
        _ method: HTTPRequest.Method,
        _ path: String,
        headers: HTTPFields = [:],
        bytes: [UInt8] = []
    ) async throws -> Answer {
        let buffer = ByteBuffer(bytes: bytes)
        return try await execute(uri: path, method: method, headers: headers, body: buffer) {
            Answer(
                status: $0.status,
                contentType: $0.headers[.contentType] ?? "",
                text: String(buffer: $0.body)
            )
        }
    }

    /// A call of the control API.
    func control(
        _ path: String,
        _ body: Value? = nil,
        token: String? = ServerHarness.token
    ) async throws -> Answer {
        var headers: HTTPFields = [:]
        if let token { headers[.authorization] = "Bearer \(token)" }
        let bytes = try body.map { Array(try JSON.text($0).utf8) } ?? []
        let method: HTTPRequest.Method =
            ["/api/status", "/api/agents"].contains(path) ? .get : .post
        return try await ask(method, path, headers: headers, bytes: bytes)
    }

    /// A delivery of a webhook, signed after Standard Webhooks.
    func deliver(
        _ identifier: String,
        _ body: [UInt8],
        source: String = "desk",
        secret: String = ServerHarness.secret
    ) async throws -> Answer {
        let now = Int(Date().timeIntervalSince1970)
        let key = Data(base64Encoded: String(secret.dropFirst(6))) ?? Data()
        let code = HMAC<SHA256>.authenticationCode(
            for: Array("\(identifier).\(now).".utf8) + body,
            using: SymmetricKey(data: key)
        )
        var headers: HTTPFields = [.contentType: "application/json"]
        let fields = [
            ("webhook-id", identifier), ("webhook-timestamp", "\(now)"),
            ("webhook-signature", "v1," + Data(code).base64EncodedString()),
        ]
        for (name, value) in fields {
            if let name = HTTPFields.Element.Name(name) { headers[name] = value }
        }
        let path = "/webhooks/workflow/\(source)"
        return try await ask(.post, path, headers: headers, bytes: body)
    }

}

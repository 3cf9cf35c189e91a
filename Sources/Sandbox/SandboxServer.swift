import EventModel
import HTTPTypes
import Hummingbird
public import Logging
import NIOCore
import Synchronization

/// Where a running sandbox is reached.
public struct SandboxAddresses: Sendable, Hashable {
    /// `http://127.0.0.1:8085`: the base address of the local Notion and of everything else.
    public var httpURL: String
    /// `smtp://127.0.0.1:8025`.
    public var smtpURL: String
    public var httpPort: Int
    public var smtpPort: Int
    /// The token that the local Notion takes.
    public var token: String
}

/// A local Notion with catchers for mail, Slack and text messages, on one HTTP and one SMTP port.
///
/// Everything is in memory and invented; nothing leaves the machine.
public final class SandboxServer: Sendable {
    private let configuration: SandboxConfiguration
    private let logger: Logger
    private let tasks = Mutex<[Task<Void, any Error>]>([])

    /// Makes a sandbox that is not yet started.
    public init(
        configuration: SandboxConfiguration,
        logger: Logger = Logger(label: "daybook.sandbox")
    ) {
        self.configuration = configuration
        self.logger = logger
    }

    /// Binds both ports, furnishes the databases and returns when requests are answered.
    ///
    /// - Throws: the system's error if a port cannot be had, ``SandboxError`` if the catalogue does not
    ///   fit the organisation.
    public func start() async throws -> SandboxAddresses {
        let core = SandboxCore(now: configuration.now)
        let mail = try await SMTPServer(
            host: configuration.host,
            port: configuration.smtpPort,
            core: core,
            logger: logger
        )
        keep(Task { try await mail.run() })
        do {
            let port = try await serveHTTP(core)
            let base = "http://\(configuration.host):\(port)"
            core.open(try SandboxState(configuration: configuration, baseURL: base))
            return SandboxAddresses(
                httpURL: base,
                smtpURL: "smtp://\(configuration.host):\(mail.port)",
                httpPort: port,
                smtpPort: mail.port,
                token: SandboxConfiguration.token
            )
        } catch {
            await stop()
            throw error
        }
    }

    /// Starts, tells the addresses, and runs until the task is cancelled.
    public func run(onStart: @Sendable (SandboxAddresses) async -> Void) async throws {
        let addresses = try await start()
        await onStart(addresses)
        let (forever, continuation) = AsyncStream<Never>.makeStream()
        await withTaskCancellationHandler {
            for await _ in forever {}
        } onCancel: {
            continuation.finish()
        }
        await stop()
    }

    /// Closes both ports and forgets everything.
    public func stop() async {
        let running = tasks.withLock { tasks in
            defer { tasks = [] }
            return tasks
        }
        for task in running { task.cancel() }
        for task in running { _ = await task.result }
    }

    private func keep(_ task: Task<Void, any Error>) {
        tasks.withLock { $0.append(task) }
    }

    /// Starts the HTTP server and gives its port.
    private func serveHTTP(_ core: SandboxCore) async throws -> Int {
        let (ports, continuation) = AsyncThrowingStream<Int, any Error>.makeStream()
        // Closing the port cancels what is under way, which Hummingbird logs as an error each time.
        var quiet = logger
        quiet.logLevel = .critical
        let application = Application(
            responder: SandboxServer.responder(core),
            configuration: .init(
                address: .hostname(configuration.host, port: configuration.httpPort)
            ),
            onServerRunning: { channel in
                continuation.yield(channel.localAddress?.port ?? 0)
            },
            logger: quiet
        )
        let server = Task {
            do {
                try await application.run()
                continuation.finish()
            } catch {
                continuation.finish(throwing: error)
                throw error
            }
        }
        keep(server)
        for try await port in ports { return port }
        throw SandboxError("the HTTP server ended before it had a port")
    }

    private static func responder(
        _ core: SandboxCore
    ) -> CallbackResponder<BasicRequestContext> {
        CallbackResponder { request, _ in
            var headers: [String: String] = [:]
            for field in request.headers { headers[field.name.canonicalName] = field.value }
            var request = request
            let body: ByteBuffer
            do {
                body = try await request.collectBody(upTo: SandboxLimits.bodyBytesMax)
            } catch {
                return response(.refusal(413, "the body is too large or broke off"))
            }
            let reply = await core.respond(
                to: SandboxRequest(
                    method: request.method.rawValue,
                    target: request.uri.string,
                    headers: headers,
                    body: Array(body.readableBytesView)
                )
            )
            return response(reply)
        }
    }

    private static func response(_ reply: SandboxReply) -> Response {
        var headers = HTTPFields()
        for (name, value) in reply.headers {
            if let name = HTTPField.Name(name) {
                headers.append(HTTPField(name: name, value: value))
            }
        }
        return Response(
            status: HTTPResponse.Status(code: reply.status),
            headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: reply.body))
        )
    }
}

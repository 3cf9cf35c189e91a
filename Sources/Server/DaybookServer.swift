public import EventLog
import Hummingbird
public import Logging
public import Runtime

/// Where the server listens and whom it lets in.
public struct ServerConfiguration: Sendable {
    /// The interface; the default listens to this machine only.
    public var host: String
    /// 0 takes any free port.
    public var port: Int
    /// What callers of `/api` must send as `Authorization: Bearer …`.
    public var controlToken: String
    /// A longer request body is refused with 413.
    public var bodyBytesMax: Int

    public init(
        host: String = "127.0.0.1",
        port: Int = 8484,
        controlToken: String,
        bodyBytesMax: Int = 1 << 20
    ) {
        self.host = host
        self.port = port
        self.controlToken = controlToken
        self.bodyBytesMax = bodyBytesMax
    }
}

/// The engine's HTTP side: webhooks in, health and metrics out, and the control API of the command line.
public struct DaybookServer: Sendable {
    let engine: Engine
    let store: any EventStore
    let configuration: ServerConfiguration
    let logger: Logger

    public init(
        engine: Engine,
        store: any EventStore,
        configuration: ServerConfiguration,
        logger: Logger
    ) {
        self.engine = engine
        self.store = store
        self.configuration = configuration
        self.logger = logger
    }

    /// Serves until the task is cancelled.
    ///
    /// - Parameter onRunning: called once with the port that was taken.
    /// - Throws: if the port cannot be had.
    public func run(onRunning: @escaping @Sendable (Int) async -> Void) async throws {
        let application = Application(
            router: router(),
            configuration: .init(
                address: .hostname(configuration.host, port: configuration.port),
                serverName: "daybook"
            ),
            onServerRunning: { channel in
                await onRunning(channel.localAddress?.port ?? configuration.port)
            },
            logger: logger
        )
        try await application.run()
    }

    func router() -> Router<BasicRequestContext> {
        let router = Router()
        router.add(middleware: ErrorBody(logger: logger))
        addHealthRoutes(to: router)
        addWebhookRoutes(to: router)
        addControlRoutes(to: router)
        return router
    }
}

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
    /// What agents must send likewise; nil lets none in.
    public var agentToken: String?
    /// A longer request body is refused with 413.
    public var bodyBytesMax: Int

    public init(
        host: String = "127.0.0.1",
        port: Int = 8484,
        controlToken: String,
        agentToken: String? = nil,
        bodyBytesMax: Int = 1 << 20
    ) {
        self.host = host
        self.port = port
        self.controlToken = controlToken
        self.agentToken = agentToken
        self.bodyBytesMax = bodyBytesMax
    }
}

/// The engine's HTTP side: webhooks in, health and metrics out, and the control API of the command line.
public struct DaybookServer: Sendable {
    let engine: Engine
    let store: any EventStore
    let scrubs: ScrubBoard
    let configuration: ServerConfiguration
    let gauges: @Sendable () -> [Gauge]
    let logger: Logger

    /// Makes a server.
    ///
    /// - Parameter gauges: further figures for `/metrics`, asked for each time.
    public init(
        engine: Engine,
        store: any EventStore,
        scrubs: ScrubBoard = ScrubBoard(),
        configuration: ServerConfiguration,
        gauges: @escaping @Sendable () -> [Gauge] = { [] },
        logger: Logger
    ) {
        self.engine = engine
        self.store = store
        self.scrubs = scrubs
        self.configuration = configuration
        self.gauges = gauges
        self.logger = logger
    }

    /// A figure that parts outside the engine add to `/metrics`.
    public struct Gauge: Sendable {
        /// Its name, without the prefix `daybook_`.
        public var name: String
        /// What it says, in a sentence.
        public var help: String
        public var value: Double

        public init(_ name: String, _ help: String, _ value: Double) {
            self.name = name
            self.help = help
            self.value = value
        }
    }

    /// Serves until the task is cancelled.
    ///
    /// - Parameter onRunning: called once with the port that was taken.
    /// - Throws: if the port cannot be had.
    public func run(onRunning: @escaping @Sendable (Int) async -> Void) async throws {
        // The library calls every connection that a clean stop closes an error.
        var quiet = logger
        quiet.logLevel = .critical
        let application = Application(
            router: router(),
            configuration: .init(
                address: .hostname(configuration.host, port: configuration.port),
                serverName: "daybook"
            ),
            onServerRunning: { channel in
                await onRunning(channel.localAddress?.port ?? configuration.port)
            },
            logger: quiet
        )
        try await application.run()
    }

    func router() -> Router<BasicRequestContext> {
        let router = Router()
        router.add(middleware: ErrorBody(logger: logger))
        addHealthRoutes(to: router)
        addWebhookRoutes(to: router)
        addControlRoutes(to: router)
        addAgentRoutes(to: router)
        return router
    }
}

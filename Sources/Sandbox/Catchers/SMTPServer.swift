import Logging
import NIOCore
import NIOPosix

/// The socket of the mail catcher.
struct SMTPServer: Sendable {
    private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    private let channel: NIOAsyncChannel<NIOAsyncChannel<ByteBuffer, ByteBuffer>, Never>
    private let core: SandboxCore
    private let logger: Logger

    /// Binds the port.
    init(host: String, port: Int, core: SandboxCore, logger: Logger) async throws {
        self.core = core
        self.logger = logger
        channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(host: host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel
                    )
                }
            }
    }

    var port: Int { channel.channel.localAddress?.port ?? 0 }

    /// Serves until cancelled.
    func run() async throws {
        try await channel.executeThenClose { connections in
            try await withThrowingTaskGroup(of: Void.self) { group in
                var count = 0
                for try await connection in connections {
                    // Further callers wait in the backlog until one hangs up.
                    if count == SandboxLimits.mailConnectionsMax {
                        try await group.next()
                        count -= 1
                    }
                    count += 1
                    group.addTask { await serve(connection) }
                }
            }
        }
    }

    private func serve(_ connection: Connection) async {
        do {
            try await connection.executeThenClose { inbound, outbound in
                try await outbound.write(ByteBuffer(string: SMTPSession.greeting))
                var session = SMTPSession()
                for try await buffer in inbound {
                    let steps = session.receive(buffer.readableBytesView) {
                        core.mailRefusal($0)
                    }
                    for step in steps {
                        switch step {
                        case .reply(let text):
                            try await outbound.write(ByteBuffer(string: text))
                        case .mail(let from, let to, let bytes):
                            let text = await core.deliver(from: from, to: to, bytes: bytes)
                            try await outbound.write(ByteBuffer(string: text))
                        case .close: return
                        }
                    }
                }
            }
        } catch {
            logger.debug("a mail connection broke", metadata: ["error": "\(error)"])
        }
    }
}

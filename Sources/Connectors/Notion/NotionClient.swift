import EventModel
public import HTTPClient
import Synchronization
public import WorkflowEngine

/// A client of Notion's API for one token.
///
/// All requests of the token go through one paced queue: budget per minute, `Retry-After`,
/// priorities, one write at a time for each page. Calls that may be repeated are repeated; a write
/// whose outcome is unknown never is, it throws an error that says so
/// (``NotionError/isOutcomeUnknown``).
public struct NotionClient: Sendable {
    /// What every copy of the client shares.
    final class Core: Sendable {
        let configuration: NotionConfiguration
        let transport: any HTTPTransport
        let time: any TimeSource
        let pacer: NotionPacer
        let callCount = Atomic<UInt64>(0)

        init(
            _ configuration: NotionConfiguration,
            transport: any HTTPTransport,
            time: any TimeSource
        ) {
            self.configuration = configuration
            self.transport = transport
            self.time = time
            pacer = NotionPacer(configuration: configuration, time: time)
        }
    }

    let core: Core
    let priority: NotionPriority

    /// Makes a client; nothing is sent before the first call.
    public init(
        configuration: NotionConfiguration,
        transport: any HTTPTransport,
        time: any TimeSource
    ) {
        core = Core(configuration, transport: transport, time: time)
        priority = .action
    }

    private init(core: Core, priority: NotionPriority) {
        self.core = core
        self.priority = priority
    }

    /// The same client and queue for requests of another urgency.
    public func with(priority: NotionPriority) -> NotionClient {
        NotionClient(core: core, priority: priority)
    }

    /// How many requests wait for their turn.
    public var waitingCount: Int { core.pacer.waitingCount }

    /// Makes a call: waits for its turn, sends it, repeats it where that is safe.
    func perform(_ call: NotionCall) async throws(NotionError) -> Value {
        let name =
            "\(call.method) \(call.path) \(core.callCount.add(1, ordering: .relaxed).newValue)"
        let request = try call.request(core.configuration)
        var tries = 0
        var notBefore: Timestamp?
        while true {
            let isAdmitted = await core.pacer.enter(
                priority: priority,
                key: call.pageID,
                holdsKey: tries > 0,
                notBefore: notBefore
            )
            guard isAdmitted else {
                if tries > 0, let key = call.pageID { core.pacer.release(key) }
                throw NotionError(.cancelled, "\(call.method) \(call.path) was cancelled")
            }
            tries += 1
            let error: NotionError
            do throws(NotionError) {
                let answer = try await exchange(request, call)
                core.pacer.leave(key: call.pageID, isLast: true)
                return answer
            } catch let failure {
                error = failure
            }
            let decision = NotionRetry.decide(
                error,
                isRepeatable: call.isRepeatable,
                tries: tries,
                fraction: NotionRetry.fraction(of: "\(name) \(tries)"),
                configuration: core.configuration
            )
            switch decision {
            case .giveUp:
                if error.isRateLimit, let wait = error.retryAfter {
                    core.pacer.block(until: core.time.now + min(wait, core.configuration.waitMax))
                }
                core.pacer.leave(key: call.pageID, isLast: true)
                throw error
            case .again(let delay, let blocksAll):
                let instant = core.time.now + delay
                if blocksAll { core.pacer.block(until: instant) }
                notBefore = instant
                core.pacer.leave(key: call.pageID, isLast: false)
            }
        }
    }

    private func exchange(
        _ request: HTTPRequest,
        _ call: NotionCall
    ) async throws(NotionError) -> Value {
        let response: HTTPResponse
        do throws(HTTPClientError) {
            response = try await core.transport.send(request)
        } catch let failure {
            throw NotionAnswer.error(failure, call: call)
        }
        return try NotionAnswer.read(response, to: call)
    }
}

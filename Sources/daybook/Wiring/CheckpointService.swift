import EventLog
import EventModel
import Foundation
import Logging
import Server
import Synchronization

/// Signs checkpoints while the engine runs: after so many events, or so long after the last one.
///
/// Does nothing while there is no key. The key is read anew each time, so that a rotation needs no
/// restart.
final class CheckpointService: Sendable {
    private static let pause = Duration.seconds(2)

    private struct State {
        var signedSize: UInt64 = 0
        var signedAt: Timestamp?
        var failure: String?
    }

    private let log: EventLog
    private let configuration: Configuration
    private let logger: Logger
    private let state: Mutex<State>

    init(log: EventLog, configuration: Configuration, logger: Logger) {
        self.log = log
        self.configuration = configuration
        self.logger = logger
        let latest = try? CheckpointSigner(folder: configuration.dataFolder).latest()
        state = Mutex(
            State(signedSize: latest?.size ?? 0, signedAt: latest?.publishedAt)
        )
    }

    /// Works until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            await signIfDue(now: EventLogConfiguration.systemClock())
            try? await Task.sleep(for: Self.pause)
        }
    }

    /// Signs a checkpoint if it is time for one and there is a key.
    func signIfDue(now: Timestamp) async {
        guard isDue(head: log.head.value, now: now) else { return }
        do {
            guard let key = try SigningKeys(configuration: configuration).load() else { return }
            let signer = CheckpointSigner(folder: configuration.dataFolder)
            let note = try await signer.sign(log, with: key)
            let checkpoint = try Checkpoint(text: note.text)
            state.withLock { state in
                state = State(signedSize: checkpoint.size, signedAt: now)
            }
            logger.debug("checkpoint signed", metadata: ["size": "\(checkpoint.size)"])
        } catch {
            let message = (error as? CommandFailure)?.message ?? "\(error)"
            let isNews = state.withLock { state in
                defer { state.failure = message }
                return state.failure != message
            }
            if isNews { logger.error("no checkpoint is signed: \(message)") }
        }
    }

    func isDue(head: UInt64, now: Timestamp) -> Bool {
        state.withLock { state in
            guard head > state.signedSize else { return false }
            guard let signedAt = state.signedAt else { return true }
            let settings = configuration.checkpoints
            return head - state.signedSize >= settings.eventCount
                || signedAt + settings.interval <= now
        }
    }

    /// The figures for `/metrics`.
    var gauges: [DaybookServer.Gauge] {
        let state = state.withLock { $0 }
        let now = EventLogConfiguration.systemClock()
        var gauges = [
            DaybookServer.Gauge(
                "log_tree_size",
                "Events that the Merkle tree covers.",
                Double(log.treeSize)
            ),
            DaybookServer.Gauge(
                "checkpoint_size",
                "Events that the last signed checkpoint covers.",
                Double(state.signedSize)
            ),
            DaybookServer.Gauge(
                "checkpoint_failed",
                "1 if no checkpoint can be signed.",
                state.failure == nil ? 0 : 1
            ),
        ]
        if let signedAt = state.signedAt {
            let age = Double(now.microseconds - signedAt.microseconds) / 1e6
            gauges.append(
                DaybookServer.Gauge(
                    "checkpoint_age_seconds",
                    "Time since the last checkpoint was signed.",
                    age
                )
            )
        }
        return gauges
    }
}

import EventLog
import EventModel
import Synchronization
import WorkflowEngine

/// The registry that the parts of an engine share; it is folded further whenever somebody asks.
final class SharedRegistry: Sendable {
    private let store: any EventStore
    private let registry = Mutex(WorkflowRegistry())

    init(store: any EventStore) { self.store = store }

    /// The registry with everything that is in the log now.
    func current() throws(EventLogError) -> WorkflowRegistry {
        try registry.withLock { registry throws(EventLogError) in
            try registry.catchUp(with: store)
            return registry
        }
    }

    /// The definition of a hash; the log is only asked if it is not known yet.
    func definition(_ hash: Digest) throws(EventLogError) -> WorkflowDefinition? {
        if let known = registry.withLock({ $0.version(hash) }) {
            return try? known.definition.get()
        }
        let registry = try current()
        return try? registry.version(hash)?.definition.get()
    }
}

import EventModel
import Synchronization

/// Keeps the instances that were used lately, up to a limit.
final class InstanceCache: Sendable {
    private struct State {
        // Two generations instead of a list: what is used is carried over, the rest is dropped whole.
        var young: [EventID: LoadedInstance] = [:]
        var old: [EventID: LoadedInstance] = [:]
    }

    private let state = Mutex(State())
    private let generationMax: Int

    init(instancesMax: Int) { generationMax = max(1, instancesMax / 2) }

    subscript(instance: EventID) -> LoadedInstance? {
        get {
            state.withLock { state in state.young[instance] ?? state.old[instance] }
        }
        set {
            state.withLock { state in
                state.old[instance] = nil
                state.young[instance] = newValue
                guard state.young.count > generationMax else { return }
                state.old = state.young
                state.young = [:]
            }
        }
    }
}

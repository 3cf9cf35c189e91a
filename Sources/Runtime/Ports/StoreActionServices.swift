import EventLog
import EventModel
import WorkflowEngine

/// What the engine lends to its actions: its log and its clock.
struct StoreActionServices: ActionServices {
    private static let pageEvents = 500

    let store: any EventStore
    let time: any TimeSource

    var now: Timestamp { time.now }

    func read(_ stream: StreamName) async throws(ActionFailure) -> [Event] {
        var events: [Event] = []
        do throws(EventLogError) {
            while true {
                let page = try store.readStream(
                    stream,
                    from: UInt64(events.count),
                    direction: .forward,
                    limit: StoreActionServices.pageEvents
                )
                events += page
                if page.count < StoreActionServices.pageEvents { return events }
            }
        } catch {
            throw StoreActionServices.failure(error)
        }
    }

    func append(_ writes: [ActionWrite]) async throws(ActionFailure) {
        let writes = writes.map { write in
            let expected: ExpectedRevision =
                switch write.expectedCount {
                case .none: .any
                case .some(0): .none
                case .some(let count): .exact(count - 1)
                }
            return StreamWrite(stream: write.stream, expected: expected, events: write.events)
        }
        do throws(EventLogError) {
            _ = try await store.append(writes)
        } catch {
            throw StoreActionServices.failure(error)
        }
    }

    private static func failure(_ error: EventLogError) -> ActionFailure {
        switch error.code {
        case .wrongExpectedRevision, .conditionFailed:
            ActionFailure(code: "conflict", message: error.message, isRetryable: true)
        case .identityConflict, .tooLarge, .invalid:
            ActionFailure(code: "invalid_input", message: error.message, isRetryable: false)
        case .diskFull, .inputOutput, .corrupt, .locked, .newerFormat, .closed, .missing,
            .exists, .standby, .signingRefused:
            ActionFailure(code: "unavailable", message: error.message, isRetryable: true)
        }
    }
}

import EventModel

/// The thread that owns the log's write transaction: takes what waits, commits it once, answers
/// everybody.
final class LogWriter: Sendable {
    /// Stops filling a commit; well below where LMDB 0.9.24 spills pages, which leaks memory there.
    private static let batchBytesMax = 32 << 20

    let inbox = AppendInbox()
    private let storage: LogStorage
    private let index: IndexStore
    private let tail: IndexTail
    private let signal: HeadSignal
    private let configuration: EventLogConfiguration

    init(
        storage: LogStorage,
        index: IndexStore,
        tail: IndexTail,
        signal: HeadSignal,
        configuration: EventLogConfiguration
    ) {
        self.storage = storage
        self.index = index
        self.tail = tail
        self.signal = signal
        self.configuration = configuration
    }

    /// Works until the inbox is closed and empty.
    func run() {
        var commitment = LogCommitment(storage: storage, head: signal.head)
        do throws(EventLogError) {
            var planner = try AppendPlanner(
                storage: storage,
                index: index,
                tail: tail,
                configuration: configuration
            )
            while let requests = inbox.take(eventsMax: configuration.inboxEventsMax) {
                process(requests[...], &planner, &commitment)
            }
        } catch {
            refuseAll(error)
        }
    }

    /// Answers what comes until the log is closed.
    private func refuseAll(_ error: EventLogError) {
        while let requests = inbox.take(eventsMax: configuration.inboxEventsMax) {
            for request in requests { request.answer(.failure(error)) }
        }
    }

    private func process(
        _ requests: ArraySlice<AppendRequest>,
        _ planner: inout AppendPlanner,
        _ commitment: inout LogCommitment
    ) {
        var remaining = requests
        while !remaining.isEmpty {
            do throws(EventLogError) {
                try prepare(&commitment)
            } catch {
                for request in remaining { request.answer(.failure(error)) }
                return
            }
            var batch = AppendPlanner.Batch(first: commitment.head + 1)
            var answers: [(request: AppendRequest, result: Result<AppendResult, EventLogError>)] =
                []
            while batch.byteCount < LogWriter.batchBytesMax, let request = remaining.popFirst() {
                do throws(EventLogError) {
                    answers.append((request, .success(try planner.plan(request, &batch))))
                } catch {
                    answers.append((request, .failure(error)))
                }
            }
            let failure = commit(batch, &commitment)
            for (request, result) in answers {
                request.answer(final(result, failure, head: commitment.head))
            }
        }
    }

    /// Brings the log back from an earlier failure, and waits while the index is too far behind.
    private func prepare(_ commitment: inout LogCommitment) throws(EventLogError) {
        if commitment.isUncertain { try settle(&commitment) }
        if let failure = tail.waitForRoom() { throw failure }
    }

    /// Makes a batch durable and known.
    ///
    /// - Returns: why it is not, or not certainly.
    private func commit(
        _ batch: AppendPlanner.Batch,
        _ commitment: inout LogCommitment
    ) -> EventLogError? {
        guard !batch.records.isEmpty else { return nil }
        do throws(EventLogError) {
            try commitment.commit(batch)
            publish(commitment.head)
            return nil
        } catch {
            do throws(EventLogError) {
                try settle(&commitment)
            } catch let later {
                return EventLogError(
                    error.code,
                    "\(error.message); whether the events are in the log is not known yet: "
                        + "\(later.message); repeat the append, with the same ids"
                )
            }
            return commitment.head >= batch.last ? nil : error
        }
    }

    /// Finds out what a failed commit has left, and brings the memory in line with it.
    private func settle(_ commitment: inout LogCommitment) throws(EventLogError) {
        let before = commitment.head
        try commitment.settle()
        if commitment.head > before {
            publish(commitment.head)
        } else {
            tail.rollBack()
        }
    }

    private func publish(_ head: UInt64) {
        // In this order, so that the index never holds an event beyond the head.
        signal.publish(head)
        tail.commit(through: head)
    }

    /// What to answer, now that the commit has gone through or not.
    private func final(
        _ result: Result<AppendResult, EventLogError>,
        _ failure: EventLogError?,
        head: UInt64
    ) -> Result<AppendResult, EventLogError> {
        guard let failure, case .success(let success) = result else { return result }
        // A repeat of something that was durable before does not care about this commit.
        return success.lastPosition.value <= head ? result : .failure(failure)
    }
}

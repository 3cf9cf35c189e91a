import EventModel

/// The thread that gives events their places: takes what waits, makes it durable together, answers
/// everybody.
final class LogWriter: Sendable {
    /// How many bytes one commit takes at the most (a single append may exceed it); later appends
    /// wait for the next.
    private static let groupBytesMax = 4 << 20

    let inbox = AppendInbox()
    private let records: LogRecords
    private let journal: Journal
    private let visible: VisibleFile
    private let index: LogIndex
    private let signal: HeadSignal
    private let configuration: EventLogConfiguration

    init(
        records: LogRecords,
        journal: Journal,
        visible: VisibleFile,
        index: LogIndex,
        signal: HeadSignal,
        configuration: EventLogConfiguration
    ) {
        self.records = records
        self.journal = journal
        self.visible = visible
        self.index = index
        self.signal = signal
        self.configuration = configuration
    }

    /// Works until the inbox is closed and empty.
    ///
    /// - Returns: whether all is certain, so that the journal may be emptied.
    func run() -> Bool {
        var commit = GroupCommit(records: records, journal: journal, head: signal.head)
        do throws(EventLogError) {
            var planner = try AppendPlanner(
                records: records,
                index: index,
                configuration: configuration
            )
            // Half of a crowd prepares its next appends while the other half's are being synced.
            var (answered, answeredBefore) = (1, 0)
            while let requests = inbox.take(
                eventsMax: configuration.inboxEventsMax,
                expected: (answered + answeredBefore) / 2
            ) {
                process(requests[...], &planner, &commit)
                (answered, answeredBefore) = (requests.count, answered)
            }
            return !commit.isUncertain
        } catch {
            refuseAll(error)
            return true
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
        _ commit: inout GroupCommit
    ) {
        var remaining = requests
        while !remaining.isEmpty {
            do throws(EventLogError) {
                try prepare(&commit)
            } catch {
                for request in remaining { request.answer(.failure(error)) }
                return
            }
            let part = LogWriter.takePart(&remaining)
            let group = RecordGroup(
                first: commit.head + 1,
                recordsBytesMax: part.reduce(0) { $0 + $1.append.drafts.byteCountMax }
            )
            var results: [Result<AppendResult, EventLogError>] = []
            results.reserveCapacity(part.count)
            for request in part {
                do throws(EventLogError) {
                    results.append(.success(try planner.plan(request.append, group)))
                } catch {
                    results.append(.failure(error))
                }
            }
            let failure = make(group, durable: &commit)
            for (request, result) in zip(part, results) {
                request.answer(final(result, failure, head: commit.head))
            }
        }
    }

    /// The appends that go into one commit.
    private static func takePart(
        _ remaining: inout ArraySlice<AppendRequest>
    ) -> ArraySlice<AppendRequest> {
        var byteCount = 0
        var count = 0
        for request in remaining {
            byteCount += request.append.drafts.byteCountMax
            guard count == 0 || byteCount <= groupBytesMax else { break }
            count += 1
        }
        defer { remaining = remaining.dropFirst(count) }
        return remaining.prefix(count)
    }

    /// Brings the log back from an earlier failure, and waits while the index is too far behind.
    private func prepare(_ commit: inout GroupCommit) throws(EventLogError) {
        if commit.isUncertain { try settle(&commit) }
        if let failure = index.tail.waitForRoom() { throw failure }
    }

    /// Makes a group durable and known.
    ///
    /// - Returns: why it is not, or not certainly.
    private func make(
        _ group: RecordGroup,
        durable commit: inout GroupCommit
    ) -> EventLogError? {
        guard !group.isEmpty else { return nil }
        do throws(EventLogError) {
            try commit.commit(group)
            publish(commit.head)
            return nil
        } catch {
            do throws(EventLogError) {
                try settle(&commit)
            } catch let later {
                return EventLogError(
                    error.code,
                    "\(error.message); whether the events are in the log is not known yet: "
                        + "\(later.message); repeat the append, with the same ids"
                )
            }
            return commit.head >= group.last ? nil : error
        }
    }

    /// Finds out what a failed commit has left, and brings the memory in line with it.
    private func settle(_ commit: inout GroupCommit) throws(EventLogError) {
        let before = commit.head
        try commit.settle()
        if commit.head > before {
            publish(commit.head)
        } else {
            index.tail.rollBack()
        }
    }

    private func publish(_ head: UInt64) {
        if let failure = visible.write(head) {
            configuration.notice(
                "other processes hear of new events later than they could: \(failure.message)"
            )
        }
        // In this order: whoever hears of the head asks the index for everything up to it. What the
        // index holds beyond the head, nobody asks for.
        index.tail.commit(through: head)
        signal.publish(head)
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

import EventModel

/// The thread behind the writer: it writes full generations as segments.
final class IndexThread: Sendable {
    /// How long to wait before a segment that could not be written is tried again.
    private static let retryMilliseconds = 1000

    private let records: LogRecords
    private let index: LogIndex
    private let configuration: EventLogConfiguration

    init(records: LogRecords, index: LogIndex, configuration: EventLogConfiguration) {
        self.records = records
        self.index = index
        self.configuration = configuration
    }

    /// Works until the tail is finishing, then writes what is worth a segment.
    func run() {
        var builder = SegmentBuilder(capacity: index.tail.generationEventsMax)
        let sealMin = LogIndex.sealEventsMin(configuration)
        while true {
            let next = index.tail.monitor.wait { state -> TailGeneration?? in
                if let writable = state.writable { return .some(writable) }
                guard state.isFinishing else { return nil }
                state.truncateUncommitted()
                guard let newest = state.generations.last, newest.count >= sealMin else {
                    return .some(nil)
                }
                state.sealCommitted()
                return .some(state.writable)
            }
            guard let next, write(next, &builder) else { break }
        }
    }

    /// Writes a generation; false if it could not and there is no time to try again.
    private func write(_ generation: TailGeneration, _ builder: inout SegmentBuilder) -> Bool {
        let tail = index.tail
        while true {
            do throws(EventLogError) {
                let checksum = try records.checksum(of: generation.last)
                let entry = try builder.write(
                    generation,
                    in: index.segments.folder,
                    checksum: checksum,
                    seal: index.segments.seal,
                    purpose: "generation"
                )
                try index.segments.add(entry)
                let idMax = generation.idMax
                tail.monitor.change { state in
                    state.generations.removeFirst()
                    state.failure = nil
                    state.idMaxIndexed = [state.idMaxIndexed, idMax].compactMap { $0 }.max()
                }
                return true
            } catch {
                let isNews = tail.monitor.change { state in
                    defer { state.failure = error }
                    state.failureCount += 1
                    return state.failure != error
                }
                if isNews {
                    configuration.notice("the index is not written for now: \(error.message)")
                }
                let isFinishing = tail.monitor.wait(milliseconds: IndexThread.retryMilliseconds) {
                    state -> Bool? in
                    guard !state.isFinishing else { return true }
                    defer { state.isRetryWanted = false }
                    return state.isRetryWanted ? false : nil
                }
                guard isFinishing != true else { return false }
            }
        }
    }
}

public import EventLog
public import EventModel
import Synchronization

/// A log that seals personal values on their way in and opens them on their way out.
///
/// What lies below keeps ciphertext only: its records, hashes, proofs and backups stay as they are
/// when a key is destroyed, and its readers then see `‹erased›` here, live and replayed alike.
/// What lies above need not know. Events without personal values pass untouched.
public final class SealingEventStore: EventStore {
    /// The log with the sealed events.
    public let base: any EventStore
    let policy: PersonalData
    private let keys: KeyStore?
    private let notice: @Sendable (String) -> Void
    private let reported = Mutex<Set<Subject>>([])
    private let isIntroduced = Mutex(false)

    /// What stands in the places of values whose key is not in the key store.
    static let keyMissing = "‹key missing›"
    /// What stands in the places of values that cannot be opened with their key.
    static let unreadable = "‹damaged›"
    /// What stands in the places of values when there is no key store to look in.
    static let sealed = "‹sealed›"

    /// Puts a seal on a log.
    ///
    /// - Parameters:
    ///   - base: the log.
    ///   - policy: what is personal.
    ///   - keys: the keys; nil shows what is sealed as `‹sealed›` and refuses to append anything personal.
    ///   - notice: hears, once for each subject, that something cannot be opened.
    public init(
        _ base: any EventStore,
        policy: PersonalData,
        keys: KeyStore?,
        notice: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.base = base
        self.policy = policy
        self.keys = keys
        self.notice = notice
    }

    public var head: Position { base.head }

    public func eventCount(of stream: StreamName) throws(EventLogError) -> UInt64 {
        try base.eventCount(of: stream)
    }

    public func readStream(
        _ stream: StreamName,
        from revision: Revision?,
        direction: ReadDirection,
        limit: Int
    ) throws(EventLogError) -> [Event] {
        open(
            try base.readStream(stream, from: revision, direction: direction, limit: limit)
        )
    }

    public func read(
        from position: Position?,
        direction: ReadDirection,
        limit: Int,
        filter: EventFilter
    ) throws(EventLogError) -> [Event] {
        open(
            try base.read(from: position, direction: direction, limit: limit, filter: filter)
        )
    }

    public func subscribe(after position: Position, filter: EventFilter) -> EventSubscription {
        base.subscribe(after: position, filter: filter).map { [self] batch in
            EventSubscription.Batch(events: open(batch.events), position: batch.position)
        }
    }

    // MARK: Opening

    /// Puts the personal values back into events, or what there is to say in their places.
    func open(_ events: [Event]) -> [Event] {
        var boxes: [(index: Int, box: SealedBox?)] = []
        for (index, event) in events.enumerated() {
            guard let value = event.metadata[SealedBox.member] else { continue }
            boxes.append((index, SealedBox(value)))
        }
        guard !boxes.isEmpty else { return events }
        let subjects = Set(boxes.compactMap { $0.box?.subject })
        let states = keys?.states(of: subjects) ?? [:]
        var opened = events
        for (index, box) in boxes {
            guard let box else {
                report(events[index], nil, "has a seal of a newer version")
                opened[index].data = Masking.mark(events[index].data, Self.unreadable)
                continue
            }
            opened[index] = open(events[index], box, states[box.subject] ?? .unavailable)
        }
        return opened
    }

    private func open(_ event: Event, _ box: SealedBox, _ state: KeyState) -> Event {
        var opened = event
        opened.metadata[SealedBox.member] = nil
        switch state {
        case .live(let key):
            let place = SealedBox.Place(
                id: event.id,
                stream: event.stream,
                type: event.type,
                data: event.data
            )
            if let values = box.open(at: place, key: key),
                let data = Masking.restore(values, in: event.data)
            {
                opened.data = data
            } else {
                report(event, box.subject, "cannot be opened with its key")
                opened.data = Masking.mark(event.data, Self.unreadable)
            }
        case .erased:
            opened.metadata[SealedBox.erasedMember] = .string(box.subject.text)
        case .missing:
            report(event, box.subject, "has no key in the key store, and was not erased")
            opened.data = Masking.mark(event.data, Self.keyMissing)
        case .damaged:
            report(event, box.subject, "has a damaged key")
            opened.data = Masking.mark(event.data, Self.unreadable)
        case .unavailable:
            opened.data = Masking.mark(event.data, Self.sealed)
        }
        return opened
    }

    private func report(_ event: Event, _ subject: Subject?, _ what: String) {
        let isNew =
            subject.map { subject in
                reported.withLock { $0.insert(subject).inserted }
            } ?? true
        guard isNew else { return }
        notice(
            "event \(event.position) (\(subject?.text ?? event.stream.text)) \(what); restore the "
                + "key store from a backup, see docs/operating.md"
        )
    }

    // MARK: Sealing

    public func append(
        _ writes: [StreamWrite],
        unless condition: AppendCondition?
    ) async throws(EventLogError) -> AppendResult {
        guard let plan = try plan(writes) else {
            return try await base.append(writes, unless: condition)
        }
        try await introduceKeys()
        let states = try await prepare(plan)
        let sealed = try seal(writes, plan, states)
        return try await base.append(sealed, unless: condition)
    }

    /// Says in the log, before anything is sealed, which key store it is sealed with, so that another one
    /// is never taken for it.
    private func introduceKeys() async throws(EventLogError) {
        guard let keys, !isIntroduced.withLock({ $0 }) else { return }
        if try base.eventCount(of: SubjectEvents.keysStream) == 0 {
            let event = SubjectEvents.keyStoreMade(keys.identity)
            do throws(EventLogError) {
                _ = try await base.append([
                    StreamWrite(
                        stream: SubjectEvents.keysStream,
                        expected: .none,
                        events: [event]
                    )
                ])
            } catch {
                // Another append was first to say it.
                guard error.code == .wrongExpectedRevision else { throw error }
            }
        }
        isIntroduced.withLock { $0 = true }
    }

    /// One event that is to be sealed.
    private struct Sealing {
        var write: Int
        var event: Int
        var subject: Subject
        var taken: Masking.Taken
        var handles: Set<String>
    }

    private func plan(_ writes: [StreamWrite]) throws(EventLogError) -> [Sealing]? {
        var plan: [Sealing] = []
        for (writeIndex, write) in writes.enumerated() {
            for (eventIndex, event) in write.events.enumerated() {
                guard event.metadata[SealedBox.member] == nil else {
                    throw EventLogError(
                        .invalid,
                        "the metadata of an event cannot have the member '\(SealedBox.member)', "
                            + "which the log uses for what it seals; rename it"
                    )
                }
                guard let selection = policy.selection(of: event, in: write.stream) else {
                    continue
                }
                let taken = Masking.take(event.data, selection.mask)
                let handles = Handle.all(in: taken.values, people: selection.people)
                guard taken.personalCount > 0 || !selection.people.isEmpty else { continue }
                plan.append(
                    Sealing(
                        write: writeIndex,
                        event: eventIndex,
                        subject: selection.subject,
                        taken: taken,
                        handles: handles
                    )
                )
            }
        }
        return plan.isEmpty ? nil : plan
    }

    private func prepare(
        _ plan: [Sealing]
    ) async throws(EventLogError) -> [Subject: KeyState] {
        guard let keys else {
            throw EventLogError(
                .invalid,
                "there are no keys to seal personal values with; nothing was appended"
            )
        }
        var handles: [Subject: Set<String>] = [:]
        for sealing in plan {
            handles[sealing.subject, default: []].formUnion(sealing.handles)
        }
        do {
            return try await keys.prepare(handles)
        } catch let error as EventLogError {
            throw error
        } catch {
            throw EventLogError(.inputOutput, "no key could be made: \(error)")
        }
    }

    private func seal(
        _ writes: [StreamWrite],
        _ plan: [Sealing],
        _ states: [Subject: KeyState]
    ) throws(EventLogError) -> [StreamWrite] {
        var sealed = writes
        for sealing in plan where sealing.taken.personalCount > 0 {
            let write = sealed[sealing.write]
            var event = write.events[sealing.event]
            event.data = sealing.taken.data
            switch states[sealing.subject] ?? .missing {
            case .live(let key):
                let place = SealedBox.Place(
                    id: event.id,
                    stream: write.stream,
                    type: event.type,
                    data: event.data
                )
                do {
                    let box = try SealedBox(
                        sealing.taken.values,
                        of: sealing.subject,
                        at: place,
                        key: key
                    )
                    event.metadata[SealedBox.member] = box.value
                } catch {
                    throw EventLogError(.invalid, "an event cannot be sealed: \(error)")
                }
            case .erased:
                // Who was erased is not recorded again: the values are dropped here.
                event.metadata[SealedBox.erasedMember] = .string(sealing.subject.text)
            case .missing, .damaged, .unavailable:
                throw EventLogError(
                    .inputOutput,
                    "the key of \(sealing.subject) cannot be used; restore the key store in "
                        + "\(keys?.folder ?? "data/keys") from a backup. Nothing was appended"
                )
            }
            sealed[sealing.write].events[sealing.event] = event
        }
        return sealed
    }
}

import EventLog
public import EventModel
public import WorkflowEngine

/// Erases people from the log, holds them against erasure, and tells what is known of them.
public final class SubjectService: Sendable {
    /// The most subjects of one tombstone, which must fit into an event.
    public static let erasedMax = 10_000
    private static let pageEvents = 500

    let store: SealingEventStore
    let keys: KeyStore
    private let secrets: (any SecretStore)?
    private let time: any TimeSource
    private let erasedMax: Int
    private let makeIdentifier: @Sendable (Timestamp) -> Identifier
    private let onErase: @Sendable (Position) throws -> Void
    // One thing at a time: a hold that is placed meanwhile must not be overlooked.
    private let lock = KeyedLock<Int>()

    /// Wires the service.
    ///
    /// - Parameters:
    ///   - store: the log with its seal.
    ///   - keys: the keys that the seal uses.
    ///   - secrets: where the secrets of webhooks are; those of an erased story go with it.
    ///   - time: the clock.
    ///   - erasedMax: the most subjects of one tombstone.
    ///   - makeIdentifier: makes the ids of tombstones; tests make them repeat.
    ///   - onErase: marks what was made from the log as holding remains of what a tombstone erased,
    ///     whose position it gets; called again if an erasure has to be finished.
    public init(
        store: SealingEventStore,
        keys: KeyStore,
        secrets: (any SecretStore)?,
        time: any TimeSource,
        erasedMax: Int = SubjectService.erasedMax,
        makeIdentifier: (@Sendable (Timestamp) -> Identifier)? = nil,
        onErase: @escaping @Sendable (Position) throws -> Void = { _ in }
    ) {
        self.store = store
        self.keys = keys
        self.secrets = secrets
        self.time = time
        self.erasedMax = erasedMax
        self.makeIdentifier = makeIdentifier ?? { RandomIdentity.next(at: $0) }
        self.onErase = onErase
    }

    // MARK: At the start

    /// Checks that log and keys belong together and finishes what was left half done; a writer calls it
    /// before anything else.
    ///
    /// - Returns: what was done, in words; empty if nothing was.
    /// - Throws: ``KeyStoreError`` if the log was sealed with the keys of another store.
    public func recover() async throws -> [String] {
        var done: [String] = []
        try checkIdentity()
        for erasure in try keys.pendingErasures() {
            try await keys.destroy(erasure)
            _ = try await bury(erasure)
            done.append("the erasure of \(erasure.subject) was finished")
        }
        let count = try await carryOutTombstones()
        if count > 0 {
            try onErase(store.head)
            done.append("\(count) keys that the log says are erased were destroyed again")
        }
        return done
    }

    private func checkIdentity() throws {
        let stream = SubjectEvents.keysStream
        let made = try store.readStream(stream, from: nil, direction: .forward, limit: 1).first
        guard let made else { return }
        let known = made.data["key_store"]?.stringValue ?? ""
        guard known == keys.identity.text else {
            throw KeyStoreError(
                .missing,
                "the log was sealed with the key store \(known), but \(keys.folder) holds "
                    + "\(keys.identity); restore the folder from the backup that belongs to the log"
            )
        }
    }

    private func carryOutTombstones() async throws -> Int {
        let head = store.head
        let begin = try keys.tombstoneCursor()
        guard head > begin else { return 0 }
        var erasures: [Erasure] = []
        var from = begin.advanced(by: 1)
        while true {
            let page = try store.read(
                from: from,
                direction: .forward,
                limit: SubjectService.pageEvents,
                filter: SubjectEvents.tombstones
            )
            erasures += page.compactMap(SubjectEvents.erasure)
            guard let last = page.last, page.count == SubjectService.pageEvents else { break }
            from = last.position.advanced(by: 1)
        }
        return try await keys.carryOut(erasures, upTo: head)
    }

    // MARK: Erasing

    /// What an erasure did.
    public struct Outcome: Sendable, Hashable {
        public var subject: Subject
        /// Whose keys were destroyed.
        public var erased: [Subject]
        /// Where the tombstone stands.
        public var position: Position
        /// True if the subject had been erased before; nothing was done then.
        public var isRepeat: Bool

        /// As programs get it.
        public var value: Value {
            [
                "subject": .string(subject.text),
                "erased": .list(erased.map { .string($0.text) }),
                "position": .uint(position.value), "is_repeat": .bool(isRepeat),
            ]
        }
    }

    /// Destroys the keys of a person and of everything that names the person, for good.
    ///
    /// - Parameters:
    ///   - text: who; see ``find(_:)``.
    ///   - reason: why, for the log; it must name no one.
    ///   - actor: who wants it.
    ///   - includingRunning: also if instances that carry the values still run; they go on with
    ///     `‹erased›` in the places.
    /// - Throws: ``SubjectError``; nothing was erased. Any other error: it may be half done, and is
    ///   finished at the next start.
    public func erase(
        _ text: String,
        reason: String,
        actor: String,
        includingRunning: Bool
    ) async throws -> Outcome {
        try await lock.withLock(0) {
            let plan = try plan(text)
            if let before = try tombstone(of: plan.subject), plan.alive.isEmpty {
                return Outcome(
                    subject: plan.subject,
                    erased: SubjectEvents.erasedSubjects(before),
                    position: before.position,
                    isRepeat: true
                )
            }
            guard plan.holders.isEmpty else {
                throw SubjectError.held(plan.subject, holders: plan.holders)
            }
            let running = includingRunning ? [] : try runningInstances(of: plan.alive)
            guard running.isEmpty else { throw SubjectError.running(running) }
            try await forgetSecrets(of: plan.alive)
            let position = try await destroy(plan, reason: reason, actor: actor)
            return Outcome(
                subject: plan.subject,
                erased: plan.alive,
                position: position,
                isRepeat: false
            )
        }
    }

    /// Destroys the keys of a plan, in as many steps as its names need tombstones.
    ///
    /// The subject itself goes last: as long as it is there, what names it can be found, so an erasure
    /// that is stopped between two steps can be repeated.
    private func destroy(
        _ plan: Plan,
        reason: String,
        actor: String
    ) async throws -> Position {
        var left = Array(plan.alive.reversed())
        var position = Position.start
        while !left.isEmpty {
            let part = Array(left.prefix(erasedMax))
            left.removeFirst(part.count)
            let now = time.now
            let erasure = Erasure(
                event: makeIdentifier(now),
                subject: plan.subject,
                erased: part,
                reason: reason,
                actor: actor,
                at: now
            )
            try await keys.destroy(erasure)
            position = try await bury(erasure)
        }
        return position
    }

    /// Puts the tombstone into the log and then notes that it is there.
    private func bury(_ erasure: Erasure) async throws -> Position {
        let result = try await store.append([
            StreamWrite(
                stream: erasure.subject.stream,
                expected: .any,
                events: [SubjectEvents.tombstone(erasure)]
            )
        ])
        try onErase(result.lastPosition)
        try await keys.settle(erasure.event)
        return result.lastPosition
    }

    private func forgetSecrets(of subjects: [Subject]) async throws {
        guard let secrets else { return }
        for subject in subjects where subject.story != nil {
            for event in try events(of: subject) where event.type == WebhookEvents.receivedType {
                for reference in SecretReference.all(in: event.data) {
                    try await secrets.forget(reference)
                }
            }
        }
    }

    private func runningInstances(of subjects: [Subject]) throws -> [String] {
        let stories = Set(subjects.compactMap(\.story))
        guard !stories.isEmpty else { return [] }
        var running: [String] = []
        var from = Position(1)
        let filter = EventFilter(categories: ["instance"], types: ["InstanceStarted"])
        let reader = InstanceReader(store: store)
        while true {
            let page = try store.read(
                from: from,
                direction: .forward,
                limit: SubjectService.pageEvents,
                filter: filter
            )
            for event in page where stories.contains(event.correlation) {
                guard let instance = InstanceStream.instance(of: event.stream),
                    let state = try reader.state(of: instance), !state.status.isEnded
                else { continue }
                running.append(instance.text)
            }
            guard let last = page.last, page.count == SubjectService.pageEvents else {
                return running
            }
            from = last.position.advanced(by: 1)
        }
    }

    // MARK: Holding

    /// Forbids to erase a person.
    ///
    /// - Throws: ``SubjectError``.
    public func hold(_ text: String, reason: String, actor: String) async throws -> Position {
        try await lock.withLock(0) {
            let subject = try subject(text)
            guard try hold(of: subject) == nil else { throw SubjectError.alreadyHeld(subject) }
            return try await append(SubjectEvents.holdPlaced, subject, reason, actor)
        }
    }

    /// Ends a hold.
    ///
    /// - Throws: ``SubjectError``.
    public func release(_ text: String, reason: String, actor: String) async throws -> Position {
        try await lock.withLock(0) {
            let subject = try subject(text)
            guard try hold(of: subject) != nil else { throw SubjectError.notHeld(subject) }
            return try await append(SubjectEvents.holdReleased, subject, reason, actor)
        }
    }

    private func append(
        _ type: String,
        _ subject: Subject,
        _ reason: String,
        _ actor: String
    ) async throws -> Position {
        let event = ProposedEvent(
            id: makeIdentifier(time.now),
            type: type,
            actor: actor,
            data: ["subject": .string(subject.text), "reason": .string(reason)]
        )
        return try await store.append([
            StreamWrite(stream: subject.stream, expected: .any, events: [event])
        ]).lastPosition
    }

    // MARK: Keys

    /// Wraps all keys by another master key.
    ///
    /// - Returns: how many keys there are.
    public func rewrap(by master: MasterKey, actor: String) async throws -> Int {
        try await lock.withLock(0) {
            let count = try await keys.rewrap(by: master)
            let event = ProposedEvent(
                id: makeIdentifier(time.now),
                type: SubjectEvents.keyStoreRewrapped,
                actor: actor,
                data: [
                    "key_store": .string(keys.identity.text), "keys": .int(Int64(count)),
                ]
            )
            _ = try await store.append([
                StreamWrite(
                    stream: SubjectEvents.keysStream,
                    expected: .any,
                    events: [event]
                )
            ])
            return count
        }
    }
}

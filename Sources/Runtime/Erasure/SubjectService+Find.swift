import EventLog
import EventModel

extension SubjectService {
    private static let pageEvents = 500

    /// What an erasure would destroy, and what stands against it.
    struct Plan {
        var subject: Subject
        /// The subject and all that names it, without what is erased already.
        var alive: [Subject]
        /// The people whose holds forbid it.
        var holders: [Subject]
    }

    /// The one subject that a text means.
    ///
    /// A text with a slash names a subject. Any other is looked for among people: as the id of a record,
    /// an e-mail address or a telephone number.
    ///
    /// - Throws: ``SubjectError`` if it fits nobody or several people.
    public func subject(_ text: String) throws -> Subject {
        let candidates = try find(text)
        guard let first = candidates.first else { throw SubjectError.unknown(text) }
        let people = candidates.filter(isPerson)
        if people.count == 1 { return people[0] }
        guard candidates.count == 1 || people.isEmpty else {
            throw SubjectError.ambiguous(text, candidates: people)
        }
        return first
    }

    /// All subjects that a text can mean, in order: see ``subject(_:)``.
    public func find(_ text: String) throws -> [Subject] {
        if text.contains("/"), let subject = Subject(text) {
            return try keys.row(of: subject) == nil ? [] : [subject]
        }
        let person = Subject(database: store.policy.people, sourceID: text)
        if let person, try keys.row(of: person) != nil { return [person] }
        let hashes = Set(Handle.meant(by: text).map(keys.hash))
        return try keys.subjects(withHandles: hashes).sorted()
    }

    func isPerson(_ subject: Subject) -> Bool {
        subject.record?.database == store.policy.people
    }

    /// What names a person, or shares an address or a number with what is no person's record.
    func linked(to subject: Subject) throws -> [Subject] {
        let hashes = try keys.handles(of: subject)
        let found = try keys.subjects(withHandles: hashes)
        // Another person with the same number, as in a family, is another person.
        return found.filter { $0 != subject && !isPerson($0) }.sorted()
    }

    func plan(_ text: String) throws -> Plan {
        let subject = try subject(text)
        var linked: [Subject] = []
        if isPerson(subject) {
            linked = try self.linked(to: subject)
        } else if !text.contains("/") {
            // Nobody's record, but stories that carry the address or the number.
            linked = try find(text).filter { $0 != subject }
        }
        let all = [subject] + linked
        var holders: Set<Subject> = []
        for one in all {
            if try hold(of: one) != nil { holders.insert(one) }
            // A person is only that person; a story is everybody's whom it names.
            guard !isPerson(one) else { continue }
            let hashes = try keys.handles(of: one)
            for other in try keys.subjects(withHandles: hashes) where isPerson(other) {
                if try hold(of: other) != nil { holders.insert(other) }
            }
        }
        let states = keys.states(of: Set(all))
        let alive = all.filter { one in
            if case .erased = states[one] { return false }
            return true
        }
        return Plan(
            subject: subject,
            alive: alive,
            holders: holders.sorted()
        )
    }

    /// The hold that is on a subject, or nil.
    func hold(of subject: Subject) throws -> Event? {
        let events = try allEvents(of: subject.stream)
        let last = events.last {
            $0.type == SubjectEvents.holdPlaced || $0.type == SubjectEvents.holdReleased
        }
        return last?.type == SubjectEvents.holdPlaced ? last : nil
    }

    /// The tombstone by which a subject was erased, or nil.
    func tombstone(of subject: Subject) throws -> Event? {
        guard let row = try keys.row(of: subject), case .erased(let id, _) = row.state else {
            return nil
        }
        if let own = try allEvents(of: subject.stream).last(where: { $0.id == id }) { return own }
        var from = Position(1)
        while true {
            let page = try store.read(
                from: from,
                direction: .forward,
                limit: SubjectService.pageEvents,
                filter: SubjectEvents.tombstones
            )
            if let found = page.first(where: { $0.id == id }) { return found }
            guard let last = page.last, page.count == SubjectService.pageEvents else { return nil }
            from = last.position.advanced(by: 1)
        }
    }

    /// The events that carry a subject's values, opened as far as they can be.
    func events(of subject: Subject) throws -> [Event] {
        store.open(try sealedEvents(of: subject))
    }

    /// The same as they are stored.
    func sealedEvents(of subject: Subject) throws -> [Event] {
        if let record = subject.record {
            let stream = StreamName(category: "record", "\(record.database)/\(record.sourceID)")
            return try allEvents(of: stream)
        }
        guard let story = subject.story else { return [] }
        var events: [Event] = []
        var from = Position(1)
        while true {
            let page = try store.base.read(
                from: from,
                direction: .forward,
                limit: SubjectService.pageEvents,
                filter: EventFilter(correlation: story)
            )
            events += page
            guard let last = page.last, page.count == SubjectService.pageEvents else {
                return events
            }
            from = last.position.advanced(by: 1)
        }
    }

    private func allEvents(of stream: StreamName) throws -> [Event] {
        var events: [Event] = []
        while true {
            let page = try store.base.readStream(
                stream,
                from: UInt64(events.count),
                direction: .forward,
                limit: SubjectService.pageEvents
            )
            events += page
            if page.count < SubjectService.pageEvents { return events }
        }
    }
}

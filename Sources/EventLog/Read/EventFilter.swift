public import EventModel

/// Which events are wanted; an empty set and nil want all.
///
/// An event must fit every field that is set, and of a set one member. Texts are compared by their
/// bytes.
public struct EventFilter: Sendable, Hashable {
    /// The part of a stream's name before the slash, such as `record`.
    public var categories: Set<String>
    /// What happened, such as `StepFailed`.
    public var types: Set<String>
    /// Business entities, such as `the_7_space`.
    public var entities: Set<String>
    /// The event that began the story.
    public var correlation: EventID?
    /// Whole streams.
    public var streams: Set<StreamName>
    /// Who did it, such as `user:ana`.
    public var actors: Set<String>
    /// Business records, such as `contacts_profiles/2b4c…`; see ``record(of:)``.
    public var records: Set<String>
    /// Only what was recorded then or later.
    public var since: Timestamp?
    /// Only what was recorded before.
    public var until: Timestamp?

    public init(
        categories: Set<String> = [],
        types: Set<String> = [],
        entities: Set<String> = [],
        correlation: EventID? = nil,
        streams: Set<StreamName> = [],
        actors: Set<String> = [],
        records: Set<String> = [],
        since: Timestamp? = nil,
        until: Timestamp? = nil
    ) {
        self.categories = categories
        self.types = types
        self.entities = entities
        self.correlation = correlation
        self.streams = streams
        self.actors = actors
        self.records = records
        self.since = since
        self.until = until
    }

    /// Every event.
    public static let all = EventFilter()

    /// The business record that an event is about; nil if it is about none.
    ///
    /// That is the part after the slash of a stream of the category `record`, and else the member
    /// `record` of the metadata if it is a text.
    public static func record(of event: Event) -> String? {
        event.stream.category == recordCategory
            ? event.stream.identifier : event.metadata[recordMember]?.stringValue
    }

    static let recordCategory = "record"
    static let recordMember = "record"

    /// True if the event is wanted.
    public func matches(_ event: Event) -> Bool {
        let fits = matchesEnvelope(
            stream: event.stream,
            type: event.type,
            entity: event.entity,
            actor: event.actor,
            correlation: event.correlation,
            recordedAt: event.recordedAt
        )
        guard fits, !records.isEmpty else { return fits }
        return EventFilter.isMember(EventFilter.record(of: event), of: records)
    }

    /// What an envelope says about a filter.
    enum Verdict: Sendable {
        case wanted
        case unwanted
        /// The metadata must be looked at.
        case open
    }

    /// Whether the event with this envelope is wanted, as far as the envelope tells.
    func verdict(_ header: EventRecord.Header) -> Verdict {
        let fits = matchesEnvelope(
            stream: header.stream,
            type: header.type,
            entity: header.entity,
            actor: header.actor,
            correlation: header.correlation,
            recordedAt: header.recordedAt
        )
        guard fits else { return .unwanted }
        guard !records.isEmpty else { return .wanted }
        guard header.stream.category == EventFilter.recordCategory else { return .open }
        let isWanted = EventFilter.isMember(header.stream.identifier, of: records)
        return isWanted ? .wanted : .unwanted
    }

    /// Whether the event of a stored record is wanted; its length and checksum are checked.
    func matches(
        _ bytes: UnsafeRawBufferPointer,
        position: UInt64,
        file: String
    ) throws(EventLogError) -> Bool {
        let header = try RecordCodec.decodeHeader(bytes, position: position, file: file)
        switch verdict(header) {
        case .wanted: return true
        case .unwanted: return false
        case .open:
            let event = try RecordCodec.decode(
                bytes,
                position: position,
                file: file,
                isChecksumChecked: false
            )
            return EventFilter.isMember(EventFilter.record(of: event), of: records)
        }
    }

    private func matchesEnvelope(
        stream: StreamName,
        type: String,
        entity: String?,
        actor: String,
        correlation: EventID,
        recordedAt: Timestamp
    ) -> Bool {
        if !types.isEmpty, !types.contains(type) { return false }
        if !categories.isEmpty, !categories.contains(stream.category) { return false }
        if !streams.isEmpty, !streams.contains(stream) { return false }
        if !entities.isEmpty {
            guard let entity, entities.contains(entity) else { return false }
        }
        if !actors.isEmpty, !EventFilter.isMember(actor, of: actors) { return false }
        if let wanted = self.correlation, correlation != wanted { return false }
        if let since, recordedAt < since { return false }
        if let until, recordedAt >= until { return false }
        return true
    }

    /// Asks for the same bytes; text that only looks the same has other keys in the index.
    private static func isMember(_ text: String?, of texts: Set<String>) -> Bool {
        guard let text, texts.contains(text) else { return false }
        return texts.contains { $0.utf8.elementsEqual(text.utf8) }
    }
}

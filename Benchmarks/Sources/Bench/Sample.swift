import EventLog
import EventModel
import Glibc

/// The events that are appended: about 300 bytes as they are stored, random, spread over streams,
/// types, actors and stories as an organisation's are.
struct Sample: Sendable {
    /// How large a record becomes, in bytes, on average.
    static let recordBytes = 300

    private static let types = [
        "StepScheduled", "StepStarted", "StepCompleted", "StepFailed", "TimerSet", "TimerFired",
        "InstanceStarted", "InstanceCompleted", "RecordCreated", "RecordUpdated", "TaskCreated",
        "WebhookReceived",
    ]
    private static let entities: [String?] = [
        "the_7_space", "am_consulting", "higherself_platform", nil,
    ]
    private static let eventsPerStory = 10

    let streams: [StreamName]
    private let payloads: [Value]
    private let actors: [String]
    private var random: SmallRandom
    private var identifiers = IdentifierGenerator()
    private var story: EventID?
    private var count: UInt64 = 0

    /// Prepares what the events are made of.
    init(streams streamCount: Int, payloads payloadCount: Int = 4096, seed: UInt64 = 1) {
        var random = SmallRandom(seed)
        streams = (0..<streamCount).map { number in
            number % 4 == 0
                ? StreamName(category: "record", "contacts_profiles/\(number)")
                : StreamName(category: "instance", "018f-\(number)")
        }
        actors = (0..<200).map { $0 == 0 ? "system" : "user:person-\($0)" }
        payloads = (0..<payloadCount).map { _ in Sample.payload(&random) }
        self.random = random
    }

    private static func payload(_ random: inout SmallRandom) -> Value {
        let words = (0..<6).map { _ in String(random.next(), radix: 36) }
        return [
            "step": "practitioner_assignment",
            "attempt": .int(Int64(random.next() % 5)),
            "output": [
                "practitioner_id": .string(words[0]),
                "name": .string(words[1] + " " + words[2]),
                "note": .string(words[3] + words[4] + words[5]),
                "price": .double(Double(random.next() % 10_000) / 100),
            ],
        ]
    }

    /// The next event, for a stream that is drawn at random.
    mutating func next(at time: Timestamp) -> (stream: Int, event: ProposedEvent) {
        let stream = Int(random.next() % UInt64(streams.count))
        return (stream, next(at: time, stream: stream))
    }

    /// The next event.
    mutating func next(at time: Timestamp, stream: Int) -> ProposedEvent {
        let bits = random.next()
        let id = identifiers.next(at: time, randA: UInt16(bits & 0xFFF), randB: random.next())
        if count % UInt64(Sample.eventsPerStory) == 0 { story = id }
        count += 1
        return ProposedEvent(
            id: id,
            type: Sample.types[Int(bits >> 12 & 0xFF) % Sample.types.count],
            entity: Sample.entities[Int(bits >> 20 & 0xFF) % Sample.entities.count],
            actor: actors[Int(bits >> 28 & 0xFFFF) % actors.count],
            correlation: story,
            data: payloads[Int(bits >> 44 & 0xFFFF) % payloads.count]
        )
    }

    /// As many writes, one event each, all for one append.
    mutating func writes(_ count: Int) -> [StreamWrite] {
        let now = SystemTime.now()
        return (0..<count).map { _ in
            let (stream, event) = next(at: now)
            return StreamWrite(stream: streams[stream], expected: .any, events: [event])
        }
    }

    /// Gives the events of writes new ids and stories, in place: the rest of an event is prepared
    /// once, as the reference's bytes are, because to make it is not the log's work.
    mutating func renew(_ writes: inout [StreamWrite]) {
        let now = SystemTime.now()
        for index in writes.indices {
            let bits = random.next()
            let id = identifiers.next(at: now, randA: UInt16(bits & 0xFFF), randB: random.next())
            if count % UInt64(Sample.eventsPerStory) == 0 { story = id }
            count += 1
            writes[index].events[0].id = id
            writes[index].events[0].correlation = story
        }
    }

    /// Events as the log would give them back, for the codecs.
    mutating func events(_ count: Int) -> [Event] {
        let now = SystemTime.now()
        return (0..<count).map { number in
            let (stream, proposal) = next(at: now)
            return Event(
                position: Position(UInt64(number) + 1),
                id: proposal.id,
                stream: streams[stream],
                revision: Revision(number / 1000),
                type: proposal.type,
                schema: proposal.schema,
                recordedAt: now,
                entity: proposal.entity,
                actor: proposal.actor,
                correlation: proposal.correlation ?? proposal.id,
                causation: nil,
                data: proposal.data,
                metadata: proposal.metadata
            )
        }
    }
}

extension Sample {
    /// The stored size of an event, measured, so that nobody has to believe that it is about 300.
    static func averageRecordBytes() throws -> Int {
        var sample = Sample(streams: 100)
        let sizes = try sample.events(1000).map { try EventRecord.encode($0).count }
        return sizes.reduce(0, +) / sizes.count
    }
}

/// A small generator with a seed, so that every run appends the same.
///
/// It is xorshift64* (S. Vigna: "An experimental exploration of Marsaglia's xorshift generators", 2014).
struct SmallRandom: Sendable {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed | 1 }

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 2_685_821_657_736_338_717
    }
}

public import EventModel
public import WorkflowEngine

/// `booking.assign_practitioner`: chooses a free practitioner and holds them.
public struct BookingAssignPractitioner: ActionHandler {
    private static let triesMax = 8
    private static let peopleMax = 200
    static let kind = "practitioner"

    private let finder: any RecordFinding
    private let database: String

    /// - Parameters:
    ///   - finder: where practitioners are found if the step names none.
    ///   - database: the key of the contacts.
    public init(finder: any RecordFinding, database: String = "contacts_profiles") {
        self.finder = finder
        self.database = database
    }

    public let descriptor = ActionDescriptor(
        name: "booking.assign_practitioner",
        aliases: ["find_available_practitioner"],
        summary: "Chooses a practitioner who is free, and holds them for the time.",
        discussion: """
            Free is who has the time among their hours (the field `availability`), is not busy \
            in their calendar and not reserved in the log. Of several the one with the fewest \
            bookings that day is taken, then the first by name. The hold is an event of the log \
            and conflicts with any other, so nobody is booked twice; a repeat of the step finds \
            its own hold. If nobody is free the step fails with `nobody_available`, with the next \
            three free times in `alternatives` of its details.
            """,
        inputs: [
            ActionField("specialization", .string, "what they must be able to do"),
            ActionField("starts_at", .timestamp, required: true, "the beginning"),
            ActionField("ends_at", .timestamp, required: true, "the end"),
            ActionField("busy", .map, "person id to intervals, from calendar.sync"),
            ActionField("people", .list, "whom to choose from; all practitioners if not given"),
            ActionField("exclude", .list, "ids of people not to choose"),
            ActionField("purpose", .string, "what it is for, for those who read the log"),
        ],
        outputs: [
            ActionField("practitioner_id", .string, required: true, "the practitioner's id"),
            ActionField("name", .string, required: true, "their name"),
            ActionField("email", .string, "their e-mail address, or null"),
            ActionField("reservation_id", .string, required: true, "the hold"),
            ActionField("starts_at", .timestamp, required: true, "the beginning"),
            ActionField("ends_at", .timestamp, required: true, "the end"),
        ],
        effect: .once
    )

    public func perform(
        _ request: ActionRequest,
        services: any ActionServices
    ) async throws(ActionFailure) -> Value {
        let input = ActionInput(request)
        let interval = try input.interval()
        let specialization = try input.optionalText("specialization")
        let busy = try busyIntervals(input)
        let excluded = Set(try input.optionalTexts("exclude") ?? [])
        let people = try await people(input, specialization).filter { !excluded.contains($0.id) }
        let ledger = BookingLedger(request: request, services: services)
        for _ in 1...BookingAssignPractitioner.triesMax {
            let holderBook = try await ledger.holderBook()
            if let held = holderBook.held(by: request.step).first {
                return try await answer(held, people: people)
            }
            var days: [PractitionerDay] = []
            for person in people {
                let book = try await ledger.book(of: person.id)
                days.append(
                    PractitionerDay(person: person, busy: busy[person.id] ?? [], book: book)
                )
            }
            guard let best = PractitionerChoice.ranked(days, for: interval).first else {
                throw nobody(days, interval, specialization, now: services.now)
            }
            let wish = BookingLedger.Wish(
                resource: best.person.id,
                kind: BookingAssignPractitioner.kind,
                book: best.book
            )
            do throws(ActionFailure) {
                let held = try await ledger.hold(
                    [wish],
                    for: interval,
                    purpose: try input.optionalText("purpose") ?? request.workflow,
                    holderBook: holderBook
                )
                return try await answer(held[0], people: people)
            } catch {
                // Somebody was faster: look again and choose anew.
                guard error.code == "conflict" else { throw error }
            }
        }
        throw BookingConflict.exhausted
    }

    private func people(
        _ input: ActionInput,
        _ specialization: String?
    ) async throws(ActionFailure) -> [Practitioner] {
        var people: [Practitioner] = []
        if let given = try input.optionalList("people") {
            for value in given {
                guard let person = Practitioner(value) else {
                    throw ActionInput.invalid(
                        "people",
                        "holds somebody without an id",
                        remedy: "give a list of {id, name, availability}"
                    )
                }
                people.append(person)
            }
        } else {
            let records = try await finder.records(
                in: database,
                where: ["role": "practitioner"],
                limit: BookingAssignPractitioner.peopleMax
            )
            people = records.compactMap { Practitioner($0) }
        }
        guard let specialization else { return people }
        return people.filter { $0.isSpecialized(in: specialization) }
    }

    private func busyIntervals(
        _ input: ActionInput
    ) throws(ActionFailure) -> [String: [Interval]] {
        let map = try input.optionalMap("busy") ?? ValueMap()
        var busy: [String: [Interval]] = [:]
        for id in map.stringKeys {
            var intervals: [Interval] = []
            for item in map[id]?.listValue ?? [] {
                guard let start = item["starts_at"].flatMap(ActionInput.timestamp),
                    let end = item["ends_at"].flatMap(ActionInput.timestamp)
                else {
                    throw ActionInput.invalid(
                        "busy",
                        "holds something that is no interval",
                        remedy: "give person id to a list of {starts_at, ends_at}"
                    )
                }
                intervals.append(Interval(start: start, end: end))
            }
            busy[id] = intervals
        }
        return busy
    }

    private func answer(
        _ held: Reservation,
        people: [Practitioner]
    ) async throws(ActionFailure) -> Value {
        var person = people.first { $0.id == held.resource }
        if person == nil {
            // Held by an earlier try, when the list of people was another.
            let all = try await finder.records(
                in: database,
                where: ["role": "practitioner"],
                limit: BookingAssignPractitioner.peopleMax
            )
            person = all.compactMap { Practitioner($0) }.first { $0.id == held.resource }
        }
        return [
            "practitioner_id": .string(held.resource),
            "name": .string(person?.name ?? held.resource),
            "email": person?.email.map { .string($0) } ?? .null,
            "reservation_id": .string(held.id),
            "starts_at": .timestamp(held.interval.start),
            "ends_at": .timestamp(held.interval.end),
        ]
    }

    private func nobody(
        _ days: [PractitionerDay],
        _ interval: Interval,
        _ specialization: String?,
        now: Timestamp
    ) -> ActionFailure {
        let slots = PractitionerChoice.alternatives(days, to: interval, earliest: now)
        let alternatives = slots.map { slot -> Value in
            [
                "starts_at": .timestamp(slot.interval.start),
                "ends_at": .timestamp(slot.interval.end),
                "practitioner_id": .string(slot.person.id),
                "name": .string(slot.person.name),
            ]
        }
        let considered = days.map { day -> Value in
            [
                "id": .string(day.person.id),
                "name": .string(day.person.name),
                "reason": .string(day.obstacle(interval) ?? "free"),
            ]
        }
        let who = specialization.map { " for \($0)" } ?? ""
        return ActionFailure(
            code: "nobody_available",
            message: days.isEmpty
                ? "there is no practitioner\(who); set Role and Specialization in the contacts"
                : "none of \(days.count) practitioners\(who) is free at \(interval.start.rfc3339)",
            isRetryable: false,
            details: [
                "alternatives": .list(alternatives),
                "considered": .list(considered),
                "starts_at": .timestamp(interval.start),
                "ends_at": .timestamp(interval.end),
            ]
        )
    }
}

import EventModel
import WorkflowEngine

/// Reads and appends reservations in the name of one step.
struct BookingLedger {
    /// One resource to take hold of, with its book as it was when it was found free.
    struct Wish {
        var resource: String
        var kind: String
        var book: ReservationBook
    }

    let request: ActionRequest
    let services: any ActionServices

    func holderBook() async throws(ActionFailure) -> HolderBook {
        HolderBook(try await services.read(BookingEvents.holderStream(request.instance)))
    }

    func book(of resource: String) async throws(ActionFailure) -> ReservationBook {
        ReservationBook(try await services.read(BookingEvents.resourceStream(resource)))
    }

    /// Reserves all of the wishes or none.
    ///
    /// - Throws: code `conflict` if one of the books has changed since: read again and decide anew.
    func hold(
        _ wishes: [Wish],
        for interval: Interval,
        purpose: String,
        holderBook: HolderBook
    ) async throws(ActionFailure) -> [Reservation] {
        // Counted, so that holding again after a release is a new event and not a repeat of the
        // old. All ids hang on all resources: another choice shares none of them with this one, so
        // that it meets the expected counts and not half a repeat.
        let count = holderBook.holdCounts[request.step] ?? 0
        let resources = wishes.map(\.resource).joined(separator: ",")
        let holdName = "\(request.step)/hold/\(count)/\(resources)"
        var reservations: [Reservation] = []
        var writes: [ActionWrite] = []
        for wish in wishes {
            let id = Identifier.derived(
                from: request.instance,
                "\(holdName)/\(wish.kind)/\(wish.resource)"
            )
            let reservation = Reservation(
                id: id.text,
                resource: wish.resource,
                kind: wish.kind,
                interval: interval,
                holder: request.instance.text,
                step: request.step,
                purpose: purpose
            )
            reservations.append(reservation)
            writes.append(
                ActionWrite(
                    stream: BookingEvents.resourceStream(wish.resource),
                    expectedCount: wish.book.eventCount,
                    events: [
                        event(BookingEvents.reservationMade, id, BookingEvents.data(reservation))
                    ]
                )
            )
        }
        let held: Value = [
            "holder": .string(request.instance.text),
            "step": .string(request.step),
            "reservations": .list(reservations.map(BookingEvents.data)),
        ]
        writes.append(
            ActionWrite(
                stream: BookingEvents.holderStream(request.instance),
                expectedCount: holderBook.eventCount,
                events: [
                    event(
                        BookingEvents.bookingHeld,
                        Identifier.derived(from: request.instance, holdName),
                        held
                    )
                ]
            )
        )
        try await services.append(writes)
        return reservations
    }

    /// Gives reservations back, all of them or none.
    ///
    /// - Throws: code `conflict` if the instance's book has changed since.
    func release(
        _ reservations: [Reservation],
        holderBook: HolderBook
    ) async throws(ActionFailure) {
        guard !reservations.isEmpty else { return }
        let releaseName = "\(request.step)/release/" + reservations.map(\.id).joined(separator: ",")
        var byResource: [String: [ProposedEvent]] = [:]
        for reservation in reservations {
            byResource[reservation.resource, default: []].append(
                event(
                    BookingEvents.reservationReleased,
                    Identifier.derived(from: request.instance, "\(releaseName)/\(reservation.id)"),
                    BookingEvents.data(reservation)
                )
            )
        }
        var writes: [ActionWrite] = []
        for (resource, events) in byResource.sorted(by: { $0.key < $1.key }) {
            let stream = BookingEvents.resourceStream(resource)
            writes.append(ActionWrite(stream: stream, expectedCount: nil, events: events))
        }
        let released: Value = [
            "holder": .string(request.instance.text),
            "step": .string(request.step),
            "reservations": .list(reservations.map { .string($0.id) }),
        ]
        writes.append(
            ActionWrite(
                stream: BookingEvents.holderStream(request.instance),
                expectedCount: holderBook.eventCount,
                events: [
                    event(
                        BookingEvents.bookingReleased,
                        Identifier.derived(from: request.instance, releaseName),
                        released
                    )
                ]
            )
        )
        try await services.append(writes)
    }

    private func event(_ type: String, _ id: EventID, _ data: Value) -> ProposedEvent {
        ActionEvents.proposed(type, id: id, data: data, request: request)
    }
}

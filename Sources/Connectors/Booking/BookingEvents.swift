public import EventModel

/// The events that bookings append.
///
/// What is reserved stands in the resource's stream, `reservation/<resource>`, where a conflict
/// shows; which resources an instance holds stands in its own, `booking/<instance>`, so that a
/// repeat finds its answer and a release finds everything. Both are written in one append.
public enum BookingEvents {
    static let reservationMade = "ReservationMade"
    static let reservationReleased = "ReservationReleased"
    static let bookingHeld = "BookingHeld"
    static let bookingReleased = "BookingReleased"

    /// The types, for the check against `Schemas/events/`.
    public static let declarations = [
        EventTypeDeclaration(type: reservationMade, category: "reservation"),
        EventTypeDeclaration(type: reservationReleased, category: "reservation"),
        EventTypeDeclaration(type: bookingHeld, category: "booking"),
        EventTypeDeclaration(type: bookingReleased, category: "booking"),
    ]

    static func resourceStream(_ resource: String) -> StreamName {
        StreamName(category: "reservation", resource)
    }

    static func holderStream(_ instance: EventID) -> StreamName {
        StreamName(category: "booking", instance.text)
    }

    static func data(_ reservation: Reservation) -> Value {
        [
            "reservation": .string(reservation.id),
            "resource": .string(reservation.resource),
            "kind": .string(reservation.kind),
            "starts_at": .timestamp(reservation.interval.start),
            "ends_at": .timestamp(reservation.interval.end),
            "holder": .string(reservation.holder),
            "step": .string(reservation.step),
            "purpose": .string(reservation.purpose),
        ]
    }

    /// Nil if the data is none of ours.
    static func reservation(_ data: Value) -> Reservation? {
        guard let id = data["reservation"]?.stringValue,
            let resource = data["resource"]?.stringValue,
            let start = data["starts_at"]?.timestampValue,
            let end = data["ends_at"]?.timestampValue,
            let holder = data["holder"]?.stringValue
        else { return nil }
        return Reservation(
            id: id,
            resource: resource,
            kind: data["kind"]?.stringValue ?? "",
            interval: Interval(start: start, end: end),
            holder: holder,
            step: data["step"]?.stringValue ?? "",
            purpose: data["purpose"]?.stringValue ?? ""
        )
    }
}

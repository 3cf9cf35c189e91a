import EventModel

/// One reservation of a resource that stands.
struct Reservation: Sendable, Hashable {
    var id: String
    var resource: String
    /// `practitioner`, `room` or `equipment`.
    var kind: String
    var interval: Interval
    /// The instance that made it.
    var holder: String
    /// The step that made it.
    var step: String
    var purpose: String
}

/// The fold of a stream `reservation/<resource>`: what is reserved of one resource.
struct ReservationBook: Sendable {
    /// How many events the stream holds: what an append expects.
    private(set) var eventCount: UInt64 = 0
    private(set) var standing: [Reservation] = []

    init(_ events: [Event]) {
        for event in events { evolve(event) }
    }

    private mutating func evolve(_ event: Event) {
        eventCount += 1
        switch event.type {
        case BookingEvents.reservationMade:
            if let reservation = BookingEvents.reservation(event.data) {
                standing.append(reservation)
            }
        case BookingEvents.reservationReleased:
            let id = event.data["reservation"]?.stringValue
            standing.removeAll { $0.id == id }
        default:
            break
        }
    }

    func overlapping(_ interval: Interval) -> [Reservation] {
        standing.filter { $0.interval.overlaps(interval) }
    }

    /// True if one more can be reserved for all of an interval.
    ///
    /// - Parameter units: how many of the resource there are.
    func isFree(_ interval: Interval, units: Int = 1) -> Bool {
        let others = overlapping(interval).map(\.interval)
        // The number in use can only rise where a reservation begins.
        let begins = [interval.start] + others.map(\.start).filter { $0 > interval.start }
        return begins.allSatisfy { instant in
            others.count { $0.start <= instant && instant < $0.end } < units
        }
    }

    /// How many reservations begin inside an interval, such as a day.
    func count(startingIn interval: Interval) -> Int {
        standing.count { interval.start <= $0.interval.start && $0.interval.start < interval.end }
    }
}

/// The fold of a stream `booking/<instance>`: what an instance holds.
struct HolderBook: Sendable {
    private(set) var eventCount: UInt64 = 0
    /// How many times each step has taken hold of something, released or not.
    private(set) var holdCounts: [String: Int] = [:]
    private(set) var standing: [Reservation] = []

    init(_ events: [Event]) {
        for event in events { evolve(event) }
    }

    private mutating func evolve(_ event: Event) {
        eventCount += 1
        switch event.type {
        case BookingEvents.bookingHeld:
            let step = event.data["step"]?.stringValue ?? ""
            holdCounts[step, default: 0] += 1
            let reservations = event.data["reservations"]?.listValue ?? []
            standing += reservations.compactMap(BookingEvents.reservation)
        case BookingEvents.bookingReleased:
            let ids = Set((event.data["reservations"]?.listValue ?? []).compactMap(\.stringValue))
            standing.removeAll { ids.contains($0.id) }
        default:
            break
        }
    }

    /// What a step holds.
    func held(by step: String) -> [Reservation] { standing.filter { $0.step == step } }
}

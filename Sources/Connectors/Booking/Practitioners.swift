import EventModel
import Foundation

/// Somebody who can be booked, as the contacts describe them.
struct Practitioner: Sendable, Hashable {
    var id: String
    var name: String
    var email: String?
    /// Nil if nothing is known of it.
    var specializations: [String]?
    /// Why hours are missing, or the hours.
    var hours: Result<Availability, Availability.FormError>

    /// Reads a person from the fields of a contact, or from what `calendar.sync` gave.
    init?(_ person: Value) {
        guard let id = person["id"]?.stringValue, !id.isEmpty else { return nil }
        self.id = id
        name = (person["name"] ?? person["full_name"])?.stringValue ?? id
        email = person["email"]?.stringValue
        specializations = person["specialization"]?.listValue?.compactMap(\.stringValue)
        do throws(Availability.FormError) {
            hours = .success(try Availability(person["availability"] ?? .null))
        } catch {
            hours = .failure(error)
        }
    }

    func isSpecialized(in wanted: String) -> Bool {
        guard let specializations else { return true }
        return specializations.contains { $0.lowercased() == wanted.lowercased() }
    }
}

/// Everything that decides whether a practitioner is free, read at one moment.
struct PractitionerDay: Sendable {
    var person: Practitioner
    /// From external calendars.
    var busy: [Interval]
    var book: ReservationBook

    /// Why the person cannot take an interval; nil if they can.
    func obstacle(_ interval: Interval) -> String? {
        switch person.hours {
        case .failure(let error): return error.description
        case .success(let hours):
            guard hours.isOpen(interval) else { return "outside their hours" }
        }
        if busy.contains(where: { $0.overlaps(interval) }) { return "busy in their calendar" }
        return book.isFree(interval) ? nil : "booked"
    }

    /// How many bookings they have on the day of an instant, in their own time zone.
    func bookingCount(onDayOf instant: Timestamp) -> Int {
        guard case .success(let hours) = person.hours else { return 0 }
        let day = LocalTime(instant, in: hours.zone).day
        let whole = Interval(
            start: LocalTime(day: day, second: 0).instant(in: hours.zone),
            end: LocalTime(day: day + 1, second: 0).instant(in: hours.zone)
        )
        return book.count(startingIn: whole)
    }

    /// The free intervals inside a window.
    func free(during window: Interval) -> [Interval] {
        guard case .success(let hours) = person.hours else { return [] }
        let taken = Interval.united(busy + book.overlapping(window).map(\.interval))
        var free: [Interval] = []
        for open in hours.open(during: window) {
            var start = max(open.start, window.start)
            let end = min(open.end, window.end)
            for block in taken where block.end > start && block.start < end {
                if start < block.start { free.append(Interval(start: start, end: block.start)) }
                start = max(start, block.end)
            }
            if start < end { free.append(Interval(start: start, end: end)) }
        }
        return free
    }
}

/// Chooses a practitioner, or proposes other times; the same facts give the same choice.
enum PractitionerChoice {
    /// A free time of somebody.
    struct Slot: Sendable, Hashable {
        var person: Practitioner
        var interval: Interval
    }

    static let alternativesMax = 3
    static let horizon = Duration.seconds(14 * 86_400)
    private static let gridSeconds: Int64 = 1800

    /// Those who are free, best first: fewest bookings that day, then by name, then by id.
    static func ranked(_ days: [PractitionerDay], for interval: Interval) -> [PractitionerDay] {
        let free = days.filter { $0.obstacle(interval) == nil }
        let counted = free.map { (day: $0, count: $0.bookingCount(onDayOf: interval.start)) }
        return counted.sorted {
            ($0.count, $0.day.person.name, $0.day.person.id)
                < ($1.count, $1.day.person.name, $1.day.person.id)
        }.map(\.day)
    }

    /// The next free times of the same length, on the half hour, each time once.
    ///
    /// - Parameter earliest: nothing before it is proposed.
    static func alternatives(
        _ days: [PractitionerDay],
        to interval: Interval,
        earliest: Timestamp
    ) -> [Slot] {
        let length = interval.end - interval.start
        let from = max(interval.start, earliest)
        let window = Interval(start: from, end: from + horizon)
        var slots: [Slot] = []
        for day in days {
            // Each person's first few are enough: the next ones overall are among them.
            slots += firstSlots(day.free(during: window), length: length).map {
                Slot(person: day.person, interval: $0)
            }
        }
        slots.sort {
            ($0.interval.start, $0.person.name, $0.person.id)
                < ($1.interval.start, $1.person.name, $1.person.id)
        }
        var chosen: [Slot] = []
        for slot in slots where chosen.last?.interval.start != slot.interval.start {
            guard chosen.count < alternativesMax else { break }
            chosen.append(slot)
        }
        return chosen
    }

    private static func firstSlots(_ free: [Interval], length: Duration) -> [Interval] {
        var slots: [Interval] = []
        for stretch in free {
            var start = onGrid(stretch.start)
            while start + length <= stretch.end {
                slots.append(Interval(start: start, end: start + length))
                guard slots.count < alternativesMax else { return slots }
                start = Timestamp(seconds: start.seconds + gridSeconds)
            }
        }
        return slots
    }

    /// The instant itself or the next half hour after it.
    private static func onGrid(_ instant: Timestamp) -> Timestamp {
        let whole = instant.nanoseconds > 0 ? instant.seconds + 1 : instant.seconds
        let over = whole % gridSeconds
        let remainder = over < 0 ? over + gridSeconds : over
        return Timestamp(seconds: remainder == 0 ? whole : whole - remainder + gridSeconds)
    }
}

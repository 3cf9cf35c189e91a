import EventModel
import Testing

@testable import Connectors

@Suite struct BookingLogicTests {
    private static let day = Timestamp(seconds: 1_796_601_600)  // 2026-12-07T00:00:00Z, a Monday

    private static func hours(_ from: Int, _ to: Int) -> Interval {
        Interval(start: day + .seconds(from * 3600), end: day + .seconds(to * 3600))
    }

    private static func person(_ id: String, _ name: String) throws -> Practitioner {
        let value: Value = [
            "id": .string(id), "full_name": .string(name), "specialization": ["Massage"],
            "availability": [
                "time_zone": "UTC",
                "weekly": ["mon": [["09:00", "17:00"]], "tue": [["09:00", "17:00"]]],
            ],
        ]
        return try #require(Practitioner(value))
    }

    private static func book(_ intervals: [Interval], released: Set<Int> = []) -> ReservationBook {
        var events: [Event] = []
        for (index, interval) in intervals.enumerated() {
            let reservation = Reservation(
                id: "r\(index)",
                resource: "x",
                kind: "room",
                interval: interval,
                holder: "h",
                step: "s",
                purpose: ""
            )
            events.append(event("ReservationMade", BookingEvents.data(reservation)))
            if released.contains(index) {
                events.append(event("ReservationReleased", BookingEvents.data(reservation)))
            }
        }
        return ReservationBook(events)
    }

    private static func event(_ type: String, _ data: Value) -> Event {
        Event(
            position: 1,
            id: Identifier(high: 0, low: 0),
            stream: StreamName(category: "reservation", "x"),
            revision: 0,
            type: type,
            schema: 1,
            recordedAt: day,
            entity: nil,
            actor: "system",
            correlation: Identifier(high: 0, low: 0),
            causation: nil,
            data: data,
            metadata: [:]
        )
    }

    struct BookCase: CustomStringConvertible, Sendable {
        var description: String
        var taken: [(Int, Int)]
        var released: Set<Int> = []
        var wanted: (Int, Int)
        var units = 1
        var isFree: Bool
    }

    static let books: [BookCase] = [
        BookCase(description: "nothing", taken: [], wanted: (9, 10), isFree: true),
        BookCase(description: "the same", taken: [(9, 10)], wanted: (9, 10), isFree: false),
        BookCase(description: "before", taken: [(9, 10)], wanted: (8, 9), isFree: true),
        BookCase(description: "after", taken: [(9, 10)], wanted: (10, 11), isFree: true),
        BookCase(description: "around", taken: [(9, 10)], wanted: (8, 11), isFree: false),
        BookCase(description: "within", taken: [(8, 11)], wanted: (9, 10), isFree: false),
        BookCase(
            description: "given back",
            taken: [(9, 10)],
            released: [0],
            wanted: (9, 10),
            isFree: true
        ),
        BookCase(
            description: "two of two",
            taken: [(9, 10)],
            wanted: (9, 10),
            units: 2,
            isFree: true
        ),
        BookCase(
            description: "a third of two",
            taken: [(9, 11), (9, 10)],
            wanted: (9, 10),
            units: 2,
            isFree: false
        ),
        BookCase(
            description: "two of two, one after the other",
            taken: [(9, 10), (10, 11)],
            wanted: (9, 11),
            units: 2,
            isFree: true
        ),
        BookCase(
            description: "none there are",
            taken: [],
            wanted: (9, 10),
            units: 0,
            isFree: false
        ),
    ]

    @Test(arguments: books) func knowsWhatIsFree(_ row: BookCase) {
        let book = Self.book(
            row.taken.map { Self.hours($0.0, $0.1) },
            released: row.released
        )
        let wanted = Self.hours(row.wanted.0, row.wanted.1)
        #expect(book.isFree(wanted, units: row.units) == row.isFree)
        #expect(book.eventCount == UInt64(row.taken.count + row.released.count))
    }

    @Test func takesWhoHasTheFewestBookingsThenTheFirstByName() throws {
        let busyDay = PractitionerDay(
            person: try Self.person("1", "Ana"),
            busy: [],
            book: Self.book([Self.hours(14, 15)])
        )
        let lateName = PractitionerDay(
            person: try Self.person("2", "Zala"),
            busy: [],
            book: Self.book([Self.hours(40, 41)])
        )
        let earlyName = PractitionerDay(
            person: try Self.person("3", "Maja"),
            busy: [],
            book: Self.book([])
        )
        let taken = PractitionerDay(
            person: try Self.person("4", "Bor"),
            busy: [Self.hours(9, 11)],
            book: Self.book([])
        )
        let ranked = PractitionerChoice.ranked(
            [busyDay, lateName, earlyName, taken],
            for: Self.hours(10, 11)
        )
        #expect(ranked.map(\.person.name) == ["Maja", "Zala", "Ana"])
        #expect(taken.obstacle(Self.hours(10, 11)) == "busy in their calendar")
        #expect(busyDay.obstacle(Self.hours(14, 15)) == "booked")
        #expect(busyDay.obstacle(Self.hours(7, 8)) == "outside their hours")
    }

    @Test func proposesTheNextFreeTimes() throws {
        let first = PractitionerDay(
            person: try Self.person("1", "Ana"),
            busy: [Self.hours(9, 16)],
            book: Self.book([])
        )
        let second = PractitionerDay(
            person: try Self.person("2", "Zala"),
            busy: [],
            book: Self.book([Self.hours(9, 15), Self.hours(16, 17)])
        )
        let slots = PractitionerChoice.alternatives(
            [first, second],
            to: Self.hours(10, 11),
            earliest: Self.day
        )
        #expect(
            slots.map(\.interval) == [Self.hours(15, 16), Self.hours(16, 17), Self.hours(33, 34)]
        )
        #expect(slots.map(\.person.name) == ["Zala", "Ana", "Ana"])
    }

    @Test func proposesNothingOfThePast() throws {
        let free = PractitionerDay(
            person: try Self.person("1", "Ana"),
            busy: [],
            book: Self.book([])
        )
        let now = Self.day + .seconds(9 * 3600 + 61)
        let slots = PractitionerChoice.alternatives([free], to: Self.hours(9, 10), earliest: now)
        #expect(slots.first?.interval.start == Self.day + .seconds(9 * 3600 + 1800))
        #expect(slots.count == 3)
    }

    @Test func readsRoomsEquipmentAndServices() {
        let catalogue = ServiceCatalogue([
            [
                "id": "s1", "name": "Deep tissue massage", "product_id": "PROD-1",
                "status": "Active", "room_requirements": "Quiet room",
                "equipment_needed": ["Massage table"],
            ],
            ["id": "s2", "name": "Old service", "status": "Discontinued"],
            ["id": "r2", "name": "Room 2", "venue_type": "room", "tags": ["quiet room"]],
            ["id": "r1", "name": "Room 1", "venue_type": "Quiet Room"],
            ["id": "r3", "name": "Hall", "venue_type": "gallery"],
            [
                "id": "e1", "name": "Table A", "service_type": "Equipment",
                "equipment_needed": ["Massage table"], "inventory_count": 2,
            ],
        ])
        let service = catalogue.service("deep tissue MASSAGE")
        #expect(service?.id == "s1")
        #expect(catalogue.service("PROD-1")?.id == "s1")
        #expect(catalogue.service("Old service") == nil)
        #expect(catalogue.remedy(for: "Deep tissue masage").contains("Deep tissue massage"))
        #expect(service.map { catalogue.rooms(for: $0).map(\.id) } == ["r1", "r2"])
        #expect(catalogue.equipment(for: "massage table").map(\.units) == [2])
    }
}
